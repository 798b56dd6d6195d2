package dev.plumbline.transformer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.generate.Decoder;
import dev.plumbline.transformer.graph.Scorer;
import dev.plumbline.transformer.graph.TokenTree;
import dev.plumbline.transformer.model.LlamaConfig;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A written checkpoint is the same model elsewhere. */
class CheckpointTest {
  private static final TokenTree TREE =
      new TokenTree(new int[] {1, 5, 9}, List.of(new int[] {7, 30, 2}, new int[] {8}));
  @TempDir Path work;

  /** Batch invariance, on which the cache of log-probabilities relies. */
  @Test
  void aTreeScoresBitIdenticallyInAnyBatch() throws Exception {
    RandomStream random = RandomStream.of(5, "other rows");
    List<TokenTree> trees = new ArrayList<>();
    for (int t = 0; t < 9; t++) {
      List<int[]> responses = new ArrayList<>();
      for (int r = 0; r < 1 + t % 3; r++) {
        responses.add(ids(random, 1 + random.nextInt(20)));
      }
      trees.add(new TokenTree(ids(random, 1 + random.nextInt(30)), responses));
    }
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work))) {
      List<List<float[]>> together = Scorer.score(checkpoint.weights(), OpMode.FUSED, trees);
      for (int t = 0; t < trees.size(); t++) {
        List<float[]> alone =
            Scorer.score(checkpoint.weights(), OpMode.FUSED, trees.subList(t, t + 1)).get(0);
        for (int r = 0; r < alone.size(); r++) {
          assertThat(together.get(t).get(r)).isEqualTo(alone.get(r));
        }
      }
    }
  }

  private static int[] ids(RandomStream random, int count) {
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> 3 + random.nextInt(36));
    return ids;
  }

  @Test
  void reloadsWithIdenticalLogProbabilities() throws Exception {
    Path model = TinyModel.write(work);
    Path copy = work.resolve("copy");
    float[] before;
    try (Checkpoint checkpoint = Checkpoint.read(model)) {
      before = Scorer.score(checkpoint.weights(), OpMode.FUSED, List.of(TREE)).get(0).get(0);
      Checkpoint.write(copy, checkpoint.weights(), model, Dtype.F32);
    }
    try (Checkpoint checkpoint = Checkpoint.read(copy)) {
      assertThat(Scorer.score(checkpoint.weights(), OpMode.FUSED, List.of(TREE)).get(0).get(0))
          .isEqualTo(before);
      assertThat(checkpoint.tokenizer().encodePrompt("w5 w9")).containsExactly(1, 5, 9);
      assertThat(checkpoint.tokenizer().encodeResponse("w5", " w7 w30")).containsExactly(7, 30, 2);
    }
    assertThat(Files.readAllBytes(copy.resolve("model.safetensors")))
        .isEqualTo(Files.readAllBytes(model.resolve("model.safetensors")));
  }

  @Test
  void theHeaderIsWhatHuggingFaceToolsExpect() throws Exception {
    byte[] bytes = Files.readAllBytes(TinyModel.write(work).resolve("model.safetensors"));
    int length = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    JsonNode header =
        new ObjectMapper().readTree(new String(bytes, 8, length, StandardCharsets.UTF_8));
    assertThat(header.path("__metadata__").path("format").asText()).isEqualTo("pt");
    assertThat(header.size()).isEqualTo(1 + TinyModel.config().weightShapes().size());
    assertThat(header.has("lm_head.weight")).as("a tied head is not written twice").isFalse();
    assertThat(header.path("model.layers.1.self_attn.k_proj.weight").path("shape").toString())
        .isEqualTo("[16,32]");
    assertThat(header.path("model.norm.weight").path("dtype").asText()).isEqualTo("F32");
  }

  @Test
  void halfPrecisionIsRoundedOnce() throws Exception {
    Path model = TinyModel.write(work);
    Path half = work.resolve("half");
    Path again = work.resolve("again");
    try (Checkpoint checkpoint = Checkpoint.read(model)) {
      Checkpoint.write(half, checkpoint.weights(), model, Dtype.BF16);
    }
    try (Checkpoint checkpoint = Checkpoint.read(half)) {
      Checkpoint.write(again, checkpoint.weights(), model, Dtype.BF16);
    }
    assertThat(again.resolve("model.safetensors"))
        .hasSameBinaryContentAs(half.resolve("model.safetensors"));
    assertThat(
            new ObjectMapper()
                .readTree(half.resolve("config.json").toFile())
                .path("torch_dtype")
                .asText())
        .isEqualTo("bfloat16");
  }

  @Test
  void weightsThatDoNotFitTheConfigAreNamed() throws Exception {
    Path model = TinyModel.write(work);
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode config = (ObjectNode) mapper.readTree(model.resolve("config.json").toFile());
    mapper.writeValue(model.resolve("config.json").toFile(), config.put("num_hidden_layers", 3));
    assertThatThrownBy(() -> Checkpoint.read(model))
        .hasMessageContaining("model.layers.2.input_layernorm.weight is missing");
    mapper.writeValue(model.resolve("config.json").toFile(), config.put("num_hidden_layers", 1));
    assertThatThrownBy(() -> Checkpoint.read(model))
        .hasMessageContaining("model.layers.1")
        .hasMessageContaining(" at byte ")
        .hasMessageContaining(model.resolve("model.safetensors") + " is not a weight");
    mapper.writeValue(
        model.resolve("config.json").toFile(), config.put("num_hidden_layers", 2_000_000_000));
    assertThatThrownBy(() -> Checkpoint.read(model))
        .hasMessageContaining("num_hidden_layers is 2000000000, and 10000 are the maximum");
    mapper.writeValue(
        model.resolve("config.json").toFile(),
        config.put("num_hidden_layers", 2).put("intermediate_size", 50));
    assertThatThrownBy(() -> Checkpoint.read(model))
        .hasMessageContaining("[48, 32]")
        .hasMessageContaining("[50, 32]");
  }

  /** Weights in mapped files score and generate like their float32 copies. */
  @Test
  void bfloat16WeightsAreUsedWhereTheyLie() throws Exception {
    Path model = TinyModel.write(work);
    Path half = work.resolve("half");
    try (Checkpoint checkpoint = Checkpoint.read(model)) {
      Checkpoint.write(half, checkpoint.weights(), model, Dtype.BF16);
    }
    LlamaConfig config = LlamaConfig.read(half);
    try (LlamaWeights copied = LlamaWeights.read(config, half);
        LlamaWeights inPlace = LlamaWeights.read(config, half, true)) {
      assertThat(inPlace.inPlace()).isTrue();
      assertThat(copied.inPlace()).isFalse();
      List<float[]> expected = Scorer.score(copied, OpMode.FUSED, List.of(TREE)).get(0);
      List<float[]> found = Scorer.score(inPlace, OpMode.FUSED, List.of(TREE)).get(0);
      for (int r = 0; r < expected.size(); r++) {
        assertThat(found.get(r)).isEqualTo(expected.get(r)); // the same sums, to the bit
      }
      float[] a = new float[config.vocabSize()];
      float[] b = new float[config.vocabSize()];
      logits(copied, a, 1, 5, 9, 7, 30);
      logits(inPlace, b, 1, 5, 9, 7, 30);
      for (int v = 0; v < a.length; v++) {
        assertThat(b[v]).isCloseTo(a[v], within(1e-5f));
      }
      float[] alone = new float[config.vocabSize()];
      logits(inPlace, alone, 1, 5, 9);
      try (Decoder decoder = Decoder.of(inPlace, OpMode.FUSED);
          Decoder.Cache cache = decoder.newCache(1, 5, 0, 0)) {
        decoder.forward(Decoder.Rows.ofTrunk(0, 0, 1, 5, 9, 7, 30), cache, 2).get(0, b);
      }
      assertThat(b).isEqualTo(alone); // whatever is fed beside it
    }
  }

  private static void logits(LlamaWeights weights, float[] into, int... ids) {
    try (Decoder decoder = Decoder.of(weights, OpMode.FUSED);
        Decoder.Cache cache = decoder.newCache(1, ids.length, 0, 0)) {
      decoder.forward(Decoder.Rows.ofTrunk(0, 0, ids), cache, ids.length - 1).get(0, into);
    }
  }
}
