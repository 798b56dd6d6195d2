package dev.plumbline.transformer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.plumbline.transformer.model.ConfigReader;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * PEFT's two files of an adapter: the names in them, its description, and the base model that it
 * names. {@link AdapterReader} and {@link AdapterWriter} read and write them.
 */
final class AdapterFiles {
  static final String PREFIX = "base_model.model.";
  static final String A = ".lora_A.weight";
  static final String B = ".lora_B.weight";
  static final String MAGNITUDE = ".lora_magnitude_vector";
  static final String WEIGHT = ".weight";
  static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final int MAX_BASES = 8; // adapters of adapters

  private AdapterFiles() {}

  /** See {@link Lora#base}. */
  static Path base(Path directory) {
    Path at = directory;
    for (int depth = 0; depth < MAX_BASES; depth++) {
      at = directBase(at);
      if (!Lora.isAdapter(at)) {
        return directBase(directory);
      }
    }
    throw new ModelException(
        "The adapter "
            + directory
            + " has no base model: base_model_name_or_path in its "
            + Lora.CONFIG
            + " leads from adapter to adapter, or back to itself.");
  }

  private static Path directBase(Path directory) {
    String name = json(directory).path("base_model_name_or_path").asText("");
    if (name.isEmpty()) {
      throw new ModelException(
          directory.resolve(Lora.CONFIG) + " names no base model in base_model_name_or_path.");
    }
    if (name.indexOf('\0') >= 0) {
      throw new ModelException(
          directory.resolve(Lora.CONFIG) + " has a base_model_name_or_path that is no path.");
    }
    Path beside = directory.resolve(name).normalize();
    Path base = Files.isDirectory(beside) ? beside : Path.of(name);
    if (!Files.isDirectory(base)) {
      throw new ModelException(
          "The adapter "
              + directory
              + " belongs to the base model "
              + name
              + ", and there is no such directory; correct base_model_name_or_path in its "
              + Lora.CONFIG
              + ".");
    }
    return base;
  }

  /** The description of an adapter. */
  static JsonNode json(Path directory) {
    try {
      JsonNode json = MAPPER.readTree(directory.resolve(Lora.CONFIG).toFile());
      if (!json.isObject()) {
        throw new ModelException(
            "The file " + directory.resolve(Lora.CONFIG) + " does not hold a JSON object.");
      }
      return json;
    } catch (JsonProcessingException e) {
      throw new ModelException(
          directory.resolve(Lora.CONFIG) + " is not JSON: " + ConfigReader.reason(e) + ".");
    } catch (IOException e) {
      throw new ModelException(
          directory.resolve(Lora.CONFIG) + " cannot be read: " + e.getMessage() + ".");
    }
  }
}
