package dev.plumbline.tensor.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of one safetensors file: eight bytes of length, then JSON. Nothing in it is believed before it was checked
 * against the file's size.
 */
record Header(List<TensorEntry> entries, Map<String, String> metadata) {
  /** The limit of the reference implementation. */
  private static final long MAX_HEADER_BYTES = 100_000_000;

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonParser.Feature.ALLOW_COMMENTS)
          .build();

  static Header read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      if (size < 8) {
        throw error(file, "has " + size + " bytes, which is shorter than the 8 bytes of the header's length");
      }
      long length = read(channel, 0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong();
      if (length < 2 || length > size - 8 || length > MAX_HEADER_BYTES) {
        throw error(file, "states a header of " + Long.toUnsignedString(length) + " bytes in a file of " + size
            + " bytes; the file is truncated or not safetensors");
      }
      return parse(file, read(channel, 8, (int) length), 8 + length, size);
    } catch (IOException e) {
      throw error(file, "cannot be read: " + e.getMessage());
    }
  }

  private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("it ended while it was read");
      }
    }
    return buffer.flip();
  }

  private static Header parse(Path file, ByteBuffer bytes, long dataStart, long size) {
    JsonNode root;
    try {
      root = MAPPER.readTree(StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
    } catch (CharacterCodingException e) {
      throw error(file, "has a header that is not UTF-8");
    } catch (IOException e) {
      throw error(file, "has a header that is not JSON: " + firstLine(e.getMessage()));
    }
    if (root == null || !root.isObject()) {
      throw error(file, "has a header that is not a JSON object");
    }
    List<TensorEntry> entries = new ArrayList<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (field.getKey().equals("__metadata__")) {
        metadata.putAll(metadata(file, field.getValue()));
      } else {
        entries.add(entry(file, field.getKey(), field.getValue(), dataStart, size));
      }
    }
    checkLayout(file, entries, dataStart, size);
    return new Header(List.copyOf(entries), metadata);
  }

  private static Map<String, String> metadata(Path file, JsonNode node) {
    Map<String, String> result = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (!field.getValue().isTextual()) {
        throw error(file, "has a __metadata__ value for '" + field.getKey() + "' that is no text");
      }
      result.put(field.getKey(), field.getValue().textValue());
    }
    if (!node.isObject()) {
      throw error(file, "has a __metadata__ that is no object");
    }
    return result;
  }

  private static TensorEntry entry(Path file, String name, JsonNode node, long dataStart, long size) {
    if (!node.isObject() || node.size() != 3) {
      throw error(file, "describes tensor '" + name + "' by something other than dtype, shape and data_offsets");
    }
    Dtype dtype;
    try {
      dtype = Dtype.valueOf(node.path("dtype").asText(""));
    } catch (IllegalArgumentException e) {
      throw error(file, "gives tensor '" + name + "' the unknown dtype " + node.path("dtype"));
    }
    JsonNode dimensions = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!dimensions.isArray() || !offsets.isArray() || offsets.size() != 2) {
      throw error(file, "gives tensor '" + name + "' no shape or no pair of data_offsets");
    }
    long[] shape = new long[dimensions.size()];
    long wanted = dtype.bytes();
    for (int i = 0; i < shape.length; i++) {
      shape[i] = natural(file, name, dimensions.get(i));
      try {
        wanted = Math.multiplyExact(wanted, shape[i]);
      } catch (ArithmeticException e) {
        throw error(file, "gives tensor '" + name + "' the shape " + dimensions + ", whose size overflows");
      }
    }
    long begin = natural(file, name, offsets.get(0));
    long end = natural(file, name, offsets.get(1));
    if (begin > end || end > size - dataStart) {
      throw error(file, "places tensor '" + name + "' at bytes " + begin + " to " + end + " of "
          + (size - dataStart) + " bytes of data; the file is truncated or damaged");
    }
    if (end - begin != wanted) {
      throw error(file, "gives tensor '" + name + "' " + (end - begin) + " bytes at offset " + begin + " where " + dtype
          + dimensions + " needs " + wanted);
    }
    return new TensorEntry(name, dtype, shape, file, dataStart + begin, end - begin);
  }

  private static long natural(Path file, String name, JsonNode node) {
    if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
      throw error(file, "gives tensor '" + name + "' the number " + node + " where a whole number of 0 or more belongs");
    }
    return node.longValue();
  }

  /** Tensors must cover the data exactly: no overlap, no hole, nothing behind the last one. */
  private static void checkLayout(Path file, List<TensorEntry> entries, long dataStart, long size) {
    List<TensorEntry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(TensorEntry::offset).thenComparingLong(TensorEntry::bytes));
    long at = dataStart;
    for (TensorEntry entry : sorted) {
      if (entry.offset() != at) {
        throw error(file, (entry.offset() < at ? "overlaps" : "leaves a hole before") + " tensor '" + entry.name()
            + "' at offset " + (entry.offset() - dataStart) + " where " + (at - dataStart) + " is expected");
      }
      at += entry.bytes();
    }
    if (at != size) {
      throw error(file, "has " + (size - at) + " bytes behind its last tensor");
    }
  }

  private static String firstLine(String text) {
    return text == null ? "" : text.lines().findFirst().orElse("");
  }

  static SafetensorsException error(Path file, String what) {
    return new SafetensorsException("The safetensors file " + file + " " + what + ".");
  }
}
