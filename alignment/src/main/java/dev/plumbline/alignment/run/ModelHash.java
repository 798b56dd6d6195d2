package dev.plumbline.alignment.run;

import dev.plumbline.data.UserError;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.TensorEntry;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.Lora;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * SHA-256 of the files that decide the results of a model directory.
 *
 * @param weights hash of the weight file; for an adapter, of its files and its base; for a sharded
 *     model, of its index and all shards with their names
 * @param config hash of config.json
 * @param tokenizer hash of the tokenizer's files and of generation_config.json
 */
public record ModelHash(String weights, String config, String tokenizer) {
  private static final String INDEX = "model.safetensors.index.json";

  /**
   * Hashes a model directory; reads every byte of its weights.
   *
   * @throws UserError when the directory or one of its files is missing
   */
  public static ModelHash of(Path directory) {
    return of(directory, Map.of());
  }

  /**
   * The same, without reading files that were hashed during loading.
   *
   * @throws UserError when the directory or one of its files is missing
   * @param known SHA-256 of weight files
   */
  public static ModelHash of(Path directory, Map<Path, String> known) {
    if (!Files.isDirectory(directory)) {
      throw new UserError("There is no model directory " + directory + "; check the path.");
    }
    if (Lora.isAdapter(directory)) {
      ModelHash base = of(Lora.base(directory), known);
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
        weights(directory, known), file(directory, "config.json"), tokenizer(directory));
  }

  /** Hash of those files that decide the ids of a text and the ends of a sequence. */
  private static String tokenizer(Path directory) {
    StringBuilder all = new StringBuilder();
    for (String name :
        List.of(
            "tokenizer.json",
            "tokenizer.model",
            "tokenizer_config.json",
            "generation_config.json")) {
      if (Files.isRegularFile(directory.resolve(name))) {
        all.append(name).append(' ').append(file(directory, name)).append('\n');
      }
    }
    if (!all.toString().contains("tokenizer.json") && !all.toString().contains("tokenizer.model")) {
      file(directory, "tokenizer.json"); // reports the missing file
    }
    return RunFiles.sha256(all.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** Returns all hashes in one text. */
  public String all() {
    return weights + ' ' + config + ' ' + tokenizer;
  }

  /**
   * Everything that decides the output of a loaded model: its files, its prompt format and its end
   * tokens.
   */
  public static String identity(Checkpoint checkpoint) {
    return of(checkpoint.directory(), checkpoint.weights().hashes())
        + ", prompts "
        + checkpoint.tokenizer().frame()
        + ", ends "
        + checkpoint.config().eosTokenIds();
  }

  private static String weights(Path directory, Map<Path, String> known) {
    List<Path> files;
    try (SafetensorsReader reader = SafetensorsReader.open(directory)) {
      files =
          reader.entries().values().stream().map(TensorEntry::file).distinct().sorted().toList();
    }
    if (Files.exists(directory.resolve("model.safetensors"))
        || !Files.exists(directory.resolve(INDEX))) {
      String hash = known.get(files.get(0));
      return hash == null ? file(directory, "model.safetensors") : hash;
    }
    StringBuilder all = new StringBuilder(file(directory, INDEX));
    for (Path shard : files) {
      String hash = known.containsKey(shard) ? known.get(shard) : RunFiles.sha256(shard);
      all.append('\n').append(shard.getFileName()).append(' ').append(hash);
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
