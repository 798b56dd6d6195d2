package dev.plumbline.transformer.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.model.LlamaConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A tiny random checkpoint made by our own code, with a word-level tokenizer. */
public final class TinyModel {
  private TinyModel() {}

  /** Grouped-query attention, tied head, 40 tokens. */
  public static LlamaConfig config() {
    return LlamaConfig.small(40, 32, 48, 2, 4, 2, 64);
  }

  public static LlamaWeights weights(long seed) {
    return LlamaWeights.random(config(), RandomStream.of(seed, "tiny"));
  }

  /** Writes a model directory. */
  public static Path write(Path directory) throws IOException {
    Path source = Files.createDirectories(directory.resolve("source"));
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("version", "1.0");
    var added = json.putArray("added_tokens");
    String[] special = {"<pad>", "<s>", "</s>"};
    ObjectNode model = json.putObject("model");
    model.put("type", "WordLevel").put("unk_token", "w3");
    ObjectNode vocab = model.putObject("vocab");
    for (int id = 0; id < 40; id++) {
      String token = id < 3 ? special[id] : "w" + id;
      vocab.put(token, id);
      if (id < 3) {
        added
            .addObject()
            .put("id", id)
            .put("content", token)
            .put("special", true)
            .put("single_word", false)
            .put("lstrip", false)
            .put("rstrip", false)
            .put("normalized", false);
      }
    }
    json.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
    Files.writeString(source.resolve("tokenizer.json"), json.toString());
    Files.writeString(source.resolve("tokenizer_config.json"), "{\"add_bos_token\": true}");
    Path target = directory.resolve("model");
    try (LlamaWeights weights = weights(7)) {
      Checkpoint.write(target, weights, source, Dtype.F32);
    }
    return target;
  }
}
