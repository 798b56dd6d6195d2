package dev.plumbline.alignment.experiment;

import dev.plumbline.data.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The small fine-tuned checkpoint that Plumbline ships. {@code docs/demo-model.md} says how anyone
 * makes it again.
 */
public final class EmbeddedModel {
  /** Seed of the generated problems that it was fine-tuned on. */
  public static final long PROBLEM_SEED = 0;

  /** The model in words. */
  public static final String DESCRIPTION =
      "embedded Llama of 0.9 million parameters, fine-tuned on 102,400 generated problems, each seen once (docs/demo-model.md)";

  private static final List<String> FILES =
      List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors");

  private EmbeddedModel() {}

  /** Writes it into a directory, unless it is there, and returns the directory. */
  public static Path extract(Path directory) throws IOException {
    for (String name : FILES) { // weights last: a directory with weights is complete
      if (!Files.isRegularFile(directory.resolve(name))) {
        try (InputStream in = EmbeddedModel.class.getResourceAsStream("/demo-model/" + name)) {
          if (in == null) {
            throw new IOException("The embedded model lacks " + name + "; the build is damaged.");
          }
          AtomicFile.write(directory.resolve(name), in.readAllBytes());
        }
      }
    }
    return directory;
  }
}
