package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.objective.Hyperparameters;
import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.alignment.train.LossModel;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.graph.LlamaGraph;
import dev.plumbline.transformer.model.LlamaConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers that are recomputed in the backward pass give the same bits as stored ones. */
class ActivationCheckpointingTest {
  private static final LlamaConfig CONFIG = LlamaConfig.small(61, 32, 48, 3, 4, 2, 64);
  private static final MicroBatch BATCH =
      MicroBatch.whole(
          List.of(example(new int[] {1, 5, 9}, 7, 8, 60, 2), example(new int[] {1, 4}, 11, 2)),
          null);

  private static Example example(int[] prompt, int... response) {
    return new Example(prompt, List.of(Response.of(response, Role.REFERENCE)));
  }

  @TempDir Path work;

  /** Loss and gradients of two consecutive steps, the second with other weights. */
  private static Map<String, float[]> run(
      Supplier<LlamaWeights> base, OpMode mode, Lora.Settings settings, boolean again) {
    Map<String, float[]> found = new LinkedHashMap<>();
    try (LlamaWeights weights = base.get();
        Lora lora =
            settings == null ? null : Lora.random(CONFIG, settings, RandomStream.of(2, "adapter"));
        LossModel model =
            new LossModel(
                weights,
                Objectives.of("vft", Hyperparameters.NONE),
                mode,
                new LlamaGraph.GraphOptions(lora, null, again))) {
      for (int step = 0; step < 2; step++) {
        try (LossModel.Result result = model.run(BATCH, 5)) {
          int at = step;
          found.put("loss " + at, new float[] {(float) result.loss()});
          result
              .gradients()
              .forEach(
                  (name, array) -> {
                    float[] values = new float[(int) array.length()];
                    Memory.view(Memory.dense(array)).get(0, values);
                    found.put(name + " " + at, values);
                  });
        }
        (lora == null ? weights.arrays() : lora.arrays()).values().forEach(w -> w.addi(0.01f));
      }
    }
    return found;
  }

  private static LlamaWeights floats(LlamaConfig config) {
    return LlamaWeights.random(config, RandomStream.of(1, "model"));
  }

  private static void same(OpMode mode, Lora.Settings settings) {
    same(() -> floats(CONFIG), mode, settings);
  }

  private static void same(Supplier<LlamaWeights> base, OpMode mode, Lora.Settings settings) {
    Map<String, float[]> kept = run(base, mode, settings, false);
    Map<String, float[]> again = run(base, mode, settings, true);
    assertThat(again.keySet()).containsExactlyElementsOf(kept.keySet());
    kept.forEach((name, values) -> assertThat(again.get(name)).as(name).containsExactly(values));
    assertThat(kept.get("loss 1")).isNotEqualTo(kept.get("loss 0"));
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void ofTrainedWeights(OpMode mode) {
    same(mode, null);
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void ofAnAdapter(OpMode mode) {
    same(mode, new Lora.Settings(3, 7, 0, Lora.ALL));
  }

  /** Biases of q, k and v, and a sliding window of attention. */
  @ParameterizedTest
  @EnumSource(OpMode.class)
  void ofOtherFamilies(OpMode mode) {
    ObjectNode biased = CONFIG.json().deepCopy().put("model_type", "qwen2");
    same(() -> floats(LlamaConfig.parse(biased, "test")), mode, null);
    ObjectNode window =
        CONFIG.json().deepCopy().put("model_type", "mistral").put("sliding_window", 3);
    same(() -> floats(LlamaConfig.parse(window, "test")), mode, null);
  }

  /** An adapter beside weights that stay in their file, as for large models. */
  @Test
  void ofAnAdapterBesideWeightsInTheirFile() {
    try (LlamaWeights weights = floats(CONFIG)) {
      SafetensorsWriter.write(
          work.resolve("model.safetensors"), weights.arrays(), Dtype.BF16, Map.of());
    }
    same(
        () -> LlamaWeights.read(CONFIG, work, true),
        OpMode.FUSED,
        new Lora.Settings(3, 7, 0, Lora.ALL));
  }

  @Test
  void ofAnAdapterWithDropout() {
    same(OpMode.FUSED, new Lora.Settings(3, 7, 0.5, List.of("q_proj", "down_proj")));
  }
}
