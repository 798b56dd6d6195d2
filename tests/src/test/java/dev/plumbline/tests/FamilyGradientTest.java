package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.model.LlamaConfig;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Gradients of features of other model families than Llama: biases, windows, scaled rotary angles.
 */
class FamilyGradientTest {
  private static final List<Example> BATCH =
      List.of(
          new Example(
              new int[] {1, 5, 9, 30, 31, 32},
              List.of(
                  Response.of(new int[] {7, 8, 33, 14, 15, 16, 2}, Role.CHOSEN),
                  Response.of(new int[] {7, 8, 12, 2}, Role.REJECTED)),
              -1));

  private static LlamaWeights model(String more) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode json = LlamaConfig.small(40, 32, 48, 2, 4, 2, 64).json().deepCopy();
    json.setAll((ObjectNode) mapper.readTree(more.replace('\'', '"')));
    LlamaWeights weights =
        LlamaWeights.random(LlamaConfig.parse(json, "test"), RandomStream.of(1, "family"));
    weights.arrays().values().forEach(w -> w.muli(w.rank() == 2 ? 8 : 1));
    return weights;
  }

  private static Map<String, float[]> gradients(LlamaWeights weights, OpMode mode) {
    try (LossModel model = loss(weights, mode);
        LossModel.Result result = model.run(MicroBatch.whole(BATCH, null))) {
      Map<String, float[]> all = new HashMap<>();
      result
          .gradients()
          .forEach(
              (name, array) -> {
                float[] values = new float[(int) array.length()];
                Memory.view(Memory.dense(array)).get(0, values);
                all.put(name, values);
              });
      return all;
    }
  }

  private static LossModel loss(LlamaWeights weights, OpMode mode) {
    return new LossModel(weights, Objectives.of("simpo", Hyperparameters.NONE), mode);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'model_type': 'qwen2'}",
        "{'model_type': 'mistral', 'sliding_window': 4}",
        "{'model_type': 'internlm2', 'bias': false, 'rope_scaling': {'type': 'dynamic', 'factor': 2}, 'max_position_embeddings': 8}",
        "{'rope_scaling': {'type': 'yarn', 'factor': 4, 'original_max_position_embeddings': 8}}"
      })
  void areThoseOfTheComposedFormulaAndOfDifferences(String config) throws Exception {
    try (LlamaWeights weights = model(config)) {
      Map<String, float[]> fused = gradients(weights, OpMode.FUSED);
      Map<String, float[]> composed = gradients(weights, OpMode.COMPOSED);
      assertThat(fused.keySet()).isEqualTo(weights.arrays().keySet());
      composed.forEach(
          (name, values) -> {
            for (int i = 0; i < values.length; i++) {
              assertThat(fused.get(name)[i]).as(name).isCloseTo(values[i], within(2e-4f));
            }
          });
      for (String name : weights.arrays().keySet()) {
        if (name.contains("layers.0.self_attn")) {
          FloatBuffer values = Memory.view(weights.get(name));
          int i = largest(fused.get(name));
          float before = values.get(i);
          float step = 1e-2f;
          values.put(i, before + step);
          double more = value(weights);
          values.put(i, before - step);
          double less = value(weights);
          values.put(i, before);
          double slope = fused.get(name)[i];
          assertThat((more - less) / (2 * step))
              .as(name)
              .isCloseTo(slope, within(0.02 * Math.abs(slope) + 2e-3));
        }
      }
    }
  }

  private static int largest(float... values) {
    int best = 0;
    for (int i = 0; i < values.length; i++) {
      best = Math.abs(values[i]) > Math.abs(values[best]) ? i : best;
    }
    return best;
  }

  private static double value(LlamaWeights weights) {
    try (LossModel model = loss(weights, OpMode.FUSED);
        LossModel.Result result = model.run(MicroBatch.whole(BATCH, null))) {
      return result.loss();
    }
  }
}
