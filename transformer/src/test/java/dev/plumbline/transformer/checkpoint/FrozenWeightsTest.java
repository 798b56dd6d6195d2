package dev.plumbline.transformer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import dev.plumbline.transformer.generate.Decoder;
import dev.plumbline.transformer.graph.Scorer;
import dev.plumbline.transformer.graph.TokenTree;
import dev.plumbline.transformer.model.LlamaConfig;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/** Bfloat16 weights in mapped files, with and without an adapter beside them. */
class FrozenWeightsTest {
  private static final LlamaConfig CONFIG = TinyModel.config();
  private static final int[] PROMPT = {1, 7, 9, 30, 12};
  private static final TokenTree TREE =
      new TokenTree(PROMPT, List.of(new int[] {4, 5, 6, 2}, new int[] {4, 39}));

  @TempDir Path work;

  private void write() {
    try (LlamaWeights weights = TinyModel.weights(3)) {
      weights.arrays().values().stream().filter(w -> w.rank() == 2).forEach(w -> w.muli(8));
      SafetensorsWriter.write(
          work.resolve("model.safetensors"), weights.arrays(), Dtype.BF16, Map.of("format", "pt"));
    }
  }

  private static Lora adapter() {
    RandomStream random = RandomStream.of(2, "adapter");
    Lora.Settings settings = new Lora.Settings(3, 7, 0, List.of("q_proj", "up_proj", "down_proj"));
    Lora lora = Lora.random(CONFIG, settings, random);
    lora.arrays()
        .forEach(
            (name, array) -> {
              FloatBuffer values = Memory.view(array);
              for (int i = 0; i < values.capacity(); i++) {
                values.put(i, (float) (0.1 * random.nextGaussian()));
              }
            });
    return lora;
  }

  @Test
  void scoreAndGenerateAsCopiedOnesDo() {
    write();
    try (LlamaWeights copied = LlamaWeights.read(CONFIG, work);
        LlamaWeights inPlace = LlamaWeights.read(CONFIG, work, true)) {
      assertThat(inPlace.inPlace()).isTrue();
      same(inPlace, copied);
    }
  }

  @Test
  void anAdapterBesideThemDoesAsAMergedOne() {
    write();
    try (LlamaWeights merged = LlamaWeights.read(CONFIG, work);
        LlamaWeights plain = LlamaWeights.read(CONFIG, work);
        LlamaWeights inPlace = LlamaWeights.read(CONFIG, work, true);
        Lora adapter = adapter()) {
      adapter.mergeInto(merged);
      inPlace.putBeside(adapter());
      same(inPlace, merged);
      assertThat(logits(inPlace)).isNotEqualTo(logits(plain));
    }
  }

  /**
   * InternLM2's q, k and v are copied out of wqkv; the other weights stay in the file, and adapters
   * work beside both.
   */
  @Test
  void packedWeightsGetAdaptersToo() {
    ObjectNode json = CONFIG.json().deepCopy();
    LlamaConfig intern =
        LlamaConfig.parse(json.put("model_type", "internlm2").put("bias", false), "test");
    try (LlamaWeights weights = LlamaWeights.random(intern, RandomStream.of(3, "intern"))) {
      SafetensorsWriter.writeSharded(
          work, weights.asTensors(), Dtype.BF16, Map.of("format", "pt"), Long.MAX_VALUE);
    }
    try (LlamaWeights merged = LlamaWeights.read(intern, work);
        LlamaWeights inPlace = LlamaWeights.read(intern, work, true);
        Lora adapter = adapter()) {
      assertThat(inPlace.get("model.layers.0.self_attn.q_proj.weight").dataType())
          .isEqualTo(DataType.FLOAT);
      assertThat(inPlace.get("model.layers.0.mlp.up_proj.weight").dataType())
          .isEqualTo(DataType.BFLOAT16);
      adapter.mergeInto(merged);
      inPlace.putBeside(adapter());
      same(inPlace, merged);
    }
  }

  /** As a merged model of full precision would be; nothing of it exists at once. */
  @Test
  void writtenWithAnAdapterBesideThemTheyAreMerged() throws IOException {
    write();
    Path copy = work.resolve("copy");
    Files.writeString(work.resolve("config.json"), CONFIG.json().toString());
    try (LlamaWeights merged = LlamaWeights.read(CONFIG, work);
        LlamaWeights inPlace = LlamaWeights.read(CONFIG, work, true);
        Lora adapter = adapter()) {
      adapter.mergeInto(merged);
      inPlace.putBeside(adapter());
      Checkpoint.write(copy, inPlace, work, Dtype.F32);
      try (LlamaWeights found = LlamaWeights.read(CONFIG, copy)) {
        assertThat(found.arrays().keySet()).isEqualTo(merged.arrays().keySet());
        found
            .arrays()
            .forEach(
                (name, w) -> assertThat(w.equalsWithEps(merged.get(name), 0)).as(name).isTrue());
      }
    }
  }

  private static void same(LlamaWeights found, LlamaWeights expected) {
    List<float[]> scores = Scorer.score(found, OpMode.FUSED, List.of(TREE)).get(0);
    List<float[]> wanted = Scorer.score(expected, OpMode.FUSED, List.of(TREE)).get(0);
    for (int r = 0; r < wanted.size(); r++) {
      assertThat(scores.get(r)).containsExactly(wanted.get(r), within(2e-4f));
    }
    assertThat(logits(found)).containsExactly(logits(expected), within(2e-4f));
  }

  private static float[] logits(LlamaWeights weights) {
    try (Decoder decoder = Decoder.of(weights, OpMode.FUSED);
        Decoder.Cache cache = decoder.newCache(1, PROMPT.length, 1, 1)) {
      Decoder.Logits logits =
          decoder.forward(Decoder.Rows.ofTrunk(0, 0, PROMPT), cache, PROMPT.length - 1);
      float[] values = new float[CONFIG.vocabSize()];
      logits.get(0, values);
      return values;
    }
  }
}
