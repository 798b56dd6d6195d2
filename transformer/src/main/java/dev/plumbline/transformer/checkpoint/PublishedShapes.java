package dev.plumbline.transformer.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Shapes of published models by name, for uses that need no weights: planning, random models. */
public final class PublishedShapes {
  private static final String RESOURCE = "/architectures.json";

  private PublishedShapes() {}

  /** All names, smaller models first. */
  public static List<String> names() {
    List<String> names = new ArrayList<>();
    all().fieldNames().forEachRemaining(names::add);
    return names;
  }

  /** The shape of a model directory, of a {@code config.json}, or of a published model by name. */
  public static LlamaConfig of(String what) {
    JsonNode known = all().path(what);
    if (known instanceof ObjectNode json) {
      return LlamaConfig.parse(json, what);
    }
    Path path = Path.of(what);
    if (Lora.isAdapter(path)) {
      return of(Lora.base(path).toString());
    }
    if (Files.isRegularFile(path)) {
      return LlamaConfig.readFile(path);
    }
    if (!Files.isDirectory(path)) {
      throw new ModelException(
          "There is no model directory, no config.json and no known architecture "
              + what
              + "; the known ones are "
              + String.join(", ", names())
              + ".");
    }
    return LlamaConfig.read(path);
  }

  private static JsonNode all() {
    try (InputStream in = PublishedShapes.class.getResourceAsStream(RESOURCE)) {
      return new ObjectMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException("The resource " + RESOURCE + " cannot be read.", e);
    }
  }
}
