package dev.plumbline.alignment.train;

import dev.plumbline.data.UserError;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.TensorEntry;
import dev.plumbline.transformer.Lora;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * SHA-256 of the files that decide what a model directory computes.
 *
 * @param weights of the weight file; of an adapter, of its files and its base; of a sharded model,
 *     of its index and all shards with their names
 * @param config of config.json
 * @param tokenizer of tokenizer.json
 */
public record ModelHash(String weights, String config, String tokenizer) {
  private static final String INDEX = "model.safetensors.index.json";

  /** Reads every byte of the directory's model. */
  public static ModelHash of(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new UserError("There is no model directory " + directory + "; name one that exists.");
    }
    if (Lora.isAdapter(directory)) {
      ModelHash base = of(Lora.base(directory));
      String all =
          base.weights()
              + '\n'
              + file(directory, Lora.CONFIG)
              + '\n'
              + file(directory, Lora.WEIGHTS);
      return new ModelHash(
          RunFiles.sha256(all.getBytes(StandardCharsets.UTF_8)), base.config(), base.tokenizer());
    }
    return new ModelHash(
        weights(directory), file(directory, "config.json"), file(directory, "tokenizer.json"));
  }

  private static String weights(Path directory) {
    List<Path> files;
    try (SafetensorsReader reader = SafetensorsReader.open(directory)) {
      files =
          reader.entries().values().stream().map(TensorEntry::file).distinct().sorted().toList();
    }
    if (!Files.exists(directory.resolve(INDEX))) {
      return file(directory, "model.safetensors");
    }
    StringBuilder all = new StringBuilder(file(directory, INDEX));
    for (Path shard : files) {
      all.append('\n').append(shard.getFileName()).append(' ').append(RunFiles.sha256(shard));
    }
    return RunFiles.sha256(all.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String file(Path directory, String name) {
    Path file = directory.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new UserError(
          "The model directory "
              + directory
              + " has no "
              + name
              + "; give a directory in Hugging Face layout.");
    }
    return RunFiles.sha256(file);
  }
}
