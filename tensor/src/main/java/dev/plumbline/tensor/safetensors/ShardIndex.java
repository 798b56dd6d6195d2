package dev.plumbline.tensor.safetensors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The index of a sharded checkpoint: {@code {"metadata": {"total_size": bytes}, "weight_map":
 * {tensor: shard}}}, where a shard is the plain name of a file beside the index.
 *
 * @param weightMap shard name by tensor name, in the order of the index
 */
record ShardIndex(Map<String, String> weightMap) {
  /** The name that Hugging Face gives the index. */
  static final String FILE_NAME = "model.safetensors.index.json";

  /** Reads and checks an index; does not read the shards. */
  static ShardIndex read(Path file) {
    JsonNode root;
    try {
      long bytes = Files.size(file);
      if (bytes > Header.MAX_BYTES) {
        throw error(file, "has " + bytes + " bytes, and " + Header.MAX_BYTES + " are the most");
      }
      root = mapper().readTree(Files.readString(file)); // strict UTF-8
    } catch (JsonProcessingException e) {
      throw error(
          file, "is not proper JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
    } catch (IOException e) {
      throw error(file, "cannot be read as UTF-8 text: " + e);
    }
    JsonNode map = root.path("weight_map");
    if (!map.isObject() || map.isEmpty()) {
      throw error(file, "has no weight_map object that names the shard of each tensor");
    }
    Map<String, String> weightMap = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : map.properties()) {
      weightMap.put(field.getKey(), shard(file, field.getKey(), field.getValue()));
    }
    return new ShardIndex(Collections.unmodifiableMap(weightMap));
  }

  /** A shard is in the directory of its index: its name has no separators, no drive, no parent. */
  private static String shard(Path file, String tensor, JsonNode node) {
    String name = node.isTextual() ? node.textValue() : "";
    boolean plain =
        !name.isEmpty()
            && !name.equals(".")
            && !name.equals("..")
            && name.chars().noneMatch(c -> c == '/' || c == '\\' || c == ':' || c < ' ');
    if (!plain) {
      throw error(
          file,
          "gives tensor '"
              + tensor
              + "' the shard "
              + node
              + ", and only the plain name of a file in the same directory is allowed");
    }
    return name;
  }

  /** The index as Hugging Face writes it; {@code totalBytes} counts tensor data only. */
  byte[] json(long totalBytes) throws JsonProcessingException {
    JsonMapper mapper = mapper();
    ObjectNode root = mapper.createObjectNode();
    root.putObject("metadata").put("total_size", totalBytes);
    ObjectNode map = root.putObject("weight_map");
    weightMap.forEach(map::put);
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
  }

  private static JsonMapper mapper() {
    return JsonMapper.builder()
        .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .build();
  }

  static SafetensorsException error(Path file, String what) {
    return new SafetensorsException("The checkpoint index " + file + " " + what + ".");
  }
}
