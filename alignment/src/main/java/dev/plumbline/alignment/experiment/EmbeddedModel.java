package dev.plumbline.alignment.experiment;

import dev.plumbline.data.UserError;
import dev.plumbline.data.io.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * The checkpoints that Plumbline ships: a Llama of 1.4 million parameters before and after
 * supervised fine-tuning. {@code docs/embedded-models.md} says how anyone makes them again.
 */
public enum EmbeddedModel {
  /** Trained on arithmetic facts and problems of one or two steps; it has seen no longer one. */
  BASE("base", "trained on facts and problems of 1 or 2 steps"),
  /** The base model, fine-tuned to convergence on {@link #LESSONS} problems of 3 or 4 steps. */
  FINE_TUNED(
      "fine-tuned",
      "trained on facts and problems of 1 or 2 steps and fine-tuned on 2,000 references of 3 or 4 steps");

  /** Seed of the generated problems that both were trained on. */
  public static final long PROBLEM_SEED = 0;

  /**
   * Number of problems of 3 or 4 steps whose references the fine-tuned model was trained on: the
   * first ones of {@link ProblemSplit#words()}.
   */
  public static final int LESSONS = 2000;

  private static final List<String> FILES =
      List.of("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors");

  private final String folder;
  private final String training;

  EmbeddedModel(String folder, String training) {
    this.folder = folder;
    this.training = training;
  }

  /** The model in words. */
  public String description() {
    return "embedded Llama of 1.4 million parameters, " + training + " (docs/embedded-models.md)";
  }

  /**
   * Writes it into a directory, unless it is there, and returns the directory.
   *
   * @throws UserError when another model is there, such as that of another version
   */
  public Path extract(Path directory) throws IOException {
    for (String name : FILES) { // weights last: a directory with weights is complete
      byte[] content = content("/models/" + folder + "/" + name);
      Path file = directory.resolve(name);
      if (!Files.isRegularFile(file)) {
        AtomicFile.write(file, content);
      } else if (!Arrays.equals(Files.readAllBytes(file), content)) {
        throw new UserError(
            file
                + " is not of this version's embedded model, so that the run in this directory was begun with another one;"
                + " choose another output or delete it.");
      }
    }
    return directory;
  }

  private static byte[] content(String resource) throws IOException {
    try (InputStream in = EmbeddedModel.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("The embedded model lacks " + resource + "; the build is damaged.");
      }
      return in.readAllBytes();
    }
  }
}
