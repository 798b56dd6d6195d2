package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Low-rank adapters: their mathematics on whole models. */
class LoraTest {
  static final LlamaConfig CONFIG = LlamaConfig.small(61, 32, 48, 2, 4, 2, 64);
  static final Lora.Settings ALL = new Lora.Settings(3, 7, 0, Lora.ALL);
  private static final List<Example> BATCH =
      List.of(example(new int[] {1, 5, 9}, 7, 8, 60, 2), example(new int[] {1, 4}, 11, 2));

  @TempDir Path work;

  private static Example example(int[] prompt, int... response) {
    return new Example(prompt, List.of(Response.of(response, Role.REFERENCE)));
  }

  private static LlamaWeights model() {
    LlamaWeights weights = LlamaWeights.random(CONFIG, RandomStream.of(1, "lora model"));
    weights.arrays().values().stream().filter(w -> w.rank() == 2).forEach(w -> w.muli(8));
    return weights;
  }

  /** A partly trained adapter. */
  static Lora trained(Lora.Settings settings) {
    RandomStream random = RandomStream.of(2, "lora");
    Lora lora = Lora.random(CONFIG, settings, random);
    lora.arrays()
        .forEach(
            (name, array) -> {
              if (name.endsWith("lora_B.weight")) {
                FloatBuffer values = Memory.view(array);
                for (int i = 0; i < values.capacity(); i++) {
                  values.put(i, (float) (0.1 * random.nextGaussian()));
                }
              }
            });
    return lora;
  }

  private record Outcome(double loss, Map<String, INDArray> gradients) {}

  private static Outcome run(LlamaWeights weights, Lora lora, OpMode mode, int seed) {
    try (LossModel model =
            new LossModel(
                weights,
                Objectives.of("vft", Hyperparameters.NONE),
                mode,
                new LlamaGraph.GraphOptions(lora, null, false));
        LossModel.Result result = model.run(MicroBatch.whole(BATCH, null), seed)) {
      Map<String, INDArray> gradients = new LinkedHashMap<>();
      result.gradients().forEach((name, array) -> gradients.put(name, array.dup('c')));
      return new Outcome(result.loss(), gradients);
    }
  }

  static float[] values(INDArray array) {
    float[] values = new float[(int) array.length()];
    Memory.view(Memory.dense(array)).get(0, values);
    return values;
  }

  @Test
  void aNewAdapterChangesNothing() {
    try (LlamaWeights weights = model();
        Lora lora = Lora.random(CONFIG, ALL, RandomStream.of(3, "new"))) {
      assertThat(run(weights, lora, OpMode.FUSED, 0).loss())
          .isEqualTo(run(weights, null, OpMode.FUSED, 0).loss());
    }
  }

  /** dA = s B^T dW, dB = s dW A^T, with dW the gradient of full training of the merged weights. */
  @ParameterizedTest
  @EnumSource(OpMode.class)
  void trainingIsThatOfTheMergedWeightsProjectedOnTheAdapter(OpMode mode) {
    try (LlamaWeights weights = model();
        LlamaWeights merged = model();
        Lora lora = trained(ALL)) {
      lora.mergeInto(merged);
      Outcome full = run(merged, null, mode, 0);
      Outcome adapter = run(weights, lora, mode, 0);
      assertThat(adapter.loss()).isCloseTo(full.loss(), within(1e-5));
      assertThat(adapter.gradients().keySet()).isEqualTo(lora.arrays().keySet());
      for (String name : lora.arrays().keySet()) {
        if (name.endsWith(".lora_A.weight")) {
          String layer = name.replace(".lora_A.weight", "");
          INDArray a = lora.arrays().get(name);
          INDArray b = lora.arrays().get(layer + ".lora_B.weight");
          INDArray dw = full.gradients().get(layer + ".weight");
          double s = ALL.scale();
          close(adapter.gradients().get(name), b.transpose().mmul(dw).mul(s), name);
          close(
              adapter.gradients().get(layer + ".lora_B.weight"),
              dw.mmul(a.transpose()).mul(s),
              layer);
        }
      }
    }
  }

  /** A base and an adapter whose row norms differ from the base's. */
  private static Lora stretched(LlamaWeights weights) {
    Lora.Settings dora = new Lora.Settings(3, 7, 0, Lora.ALL, true, true);
    Lora lora = Lora.random(weights, dora, RandomStream.of(2, "lora"));
    RandomStream random = RandomStream.of(4, "stretched");
    lora.arrays()
        .forEach(
            (name, array) -> {
              FloatBuffer values = Memory.view(array);
              for (int i = 0; i < values.capacity(); i++) {
                double noise = random.nextGaussian();
                if (name.endsWith("lora_B.weight")) {
                  values.put(i, (float) (0.1 * noise));
                } else if (name.endsWith("magnitude_vector")) {
                  values.put(i, (float) (values.get(i) * (1 + 0.2 * noise)));
                }
              }
            });
    return lora;
  }

  @Test
  void aNewDoraChangesNothing() {
    Lora.Settings dora = new Lora.Settings(3, 7, 0, Lora.ALL, false, true);
    try (LlamaWeights weights = model();
        Lora lora = Lora.random(weights, dora, RandomStream.of(3, "new"))) {
      assertThat(run(weights, lora, OpMode.FUSED, 0).loss())
          .isCloseTo(run(weights, null, OpMode.FUSED, 0).loss(), within(1e-5));
    }
  }

  /**
   * With dW the gradient of full training of the merged weights, V = W + s B A and its row norms n
   * held fixed: dm_i = dW_i V_i / n_i, dB = s (m/n dW) A^T, dA = s B^T (m/n dW).
   */
  @ParameterizedTest
  @EnumSource(OpMode.class)
  void doraTrainsLengthsAndDirectionsApart(OpMode mode) {
    try (LlamaWeights weights = model();
        LlamaWeights merged = model();
        Lora lora = stretched(weights)) {
      lora.mergeInto(merged);
      Outcome full = run(merged, null, mode, 0);
      Outcome adapter = run(weights, lora, mode, 0);
      assertThat(adapter.loss()).isCloseTo(full.loss(), within(1e-5));
      assertThat(adapter.gradients().keySet()).isEqualTo(lora.arrays().keySet());
      double s = 7 / Math.sqrt(3);
      for (String name : lora.arrays().keySet()) {
        if (name.endsWith(".lora_A.weight")) {
          String layer = name.replace(".lora_A.weight", "");
          INDArray a = lora.arrays().get(name);
          INDArray b = lora.arrays().get(layer + ".lora_B.weight");
          INDArray m = lora.arrays().get(layer + ".lora_magnitude_vector");
          INDArray dw = full.gradients().get(layer + ".weight");
          INDArray v = weights.get(layer + ".weight").add(b.mmul(a).mul(s));
          INDArray n = v.norm2(1);
          INDArray inner = dw.mulColumnVector(m.div(n));
          close(adapter.gradients().get(name), b.transpose().mmul(inner).mul(s), name);
          close(
              adapter.gradients().get(layer + ".lora_B.weight"),
              inner.mmul(a.transpose()).mul(s),
              layer);
          close(
              adapter.gradients().get(layer + ".lora_magnitude_vector"),
              dw.mul(v).sum(1).div(n),
              layer);
        }
      }
    }
  }

  @Test
  void doraBesideABaseInItsFilesTrainsTheSame() {
    Path file = work.resolve("model.safetensors");
    try (LlamaWeights weights = model()) {
      SafetensorsWriter.write(file, weights.arrays(), Dtype.BF16, Map.of("format", "pt"));
    }
    try (LlamaWeights copied = LlamaWeights.read(CONFIG, work);
        LlamaWeights inPlace = LlamaWeights.read(CONFIG, work, true);
        Lora lora = stretched(copied)) {
      Outcome expected = run(copied, lora, OpMode.FUSED, 0);
      Outcome found = run(inPlace, lora, OpMode.FUSED, 0);
      assertThat(found.loss()).isCloseTo(expected.loss(), within(1e-5));
      expected
          .gradients()
          .forEach((name, gradient) -> close(found.gradients().get(name), gradient, name));
    }
  }

  /** The norms are recomputed for every batch, also for an adapter that was read back. */
  @Test
  void aWrittenDoraIsTheSameFunction() {
    try (LlamaWeights weights = model();
        LlamaWeights merged = model();
        Lora lora = stretched(weights)) {
      double before = run(weights, lora, OpMode.FUSED, 0).loss();
      lora.write(work, Path.of("base"), Dtype.F32);
      assertThat(AdapterFilesTest.json(work).path("use_dora").asBoolean()).isTrue();
      assertThat(AdapterFilesTest.json(work).path("use_rslora").asBoolean()).isTrue();
      try (Lora again = Lora.read(work, CONFIG)) {
        assertThat(again.settings()).isEqualTo(lora.settings());
        again.mergeInto(merged);
      }
      assertThat(run(merged, null, OpMode.FUSED, 0).loss()).isCloseTo(before, within(1e-5));
      lora.arrays().get("model.layers.0.self_attn.q_proj.lora_B.weight").muli(3);
      double after = run(weights, lora, OpMode.FUSED, 0).loss();
      assertThat(after).isNotCloseTo(before, within(1e-6));
    }
  }

  private static void close(INDArray found, INDArray expected, String what) {
    float[] wanted = values(expected.dup('c'));
    float largest = 0;
    for (float one : wanted) {
      largest = Math.max(largest, Math.abs(one));
    }
    assertThat(values(found)).as(what).containsExactly(wanted, within(2e-5f + 1e-4f * largest));
  }

  /** A base that stays in its files has no copy of its weights: the adapter runs beside it. */
  @Test
  void aBaseInItsFilesTrainsTheSameAdapter() {
    LlamaConfig config = CONFIG;
    Path file = work.resolve("model.safetensors");
    try (LlamaWeights weights = model()) {
      SafetensorsWriter.write(file, weights.arrays(), Dtype.BF16, Map.of("format", "pt"));
    }
    try (LlamaWeights copied = LlamaWeights.read(config, work);
        LlamaWeights inPlace = LlamaWeights.read(config, work, true);
        Lora lora = trained(ALL)) {
      assertThat(inPlace.inPlace()).isTrue();
      Outcome expected = run(copied, lora, OpMode.FUSED, 0);
      Outcome found = run(inPlace, lora, OpMode.FUSED, 0);
      assertThat(found.loss()).isCloseTo(expected.loss(), within(1e-5));
      assertThat(found.gradients().keySet()).isEqualTo(expected.gradients().keySet());
      expected
          .gradients()
          .forEach((name, gradient) -> close(found.gradients().get(name), gradient, name));
    }
  }

  @Test
  void dropoutLeavesOutAShareAndRepeatsItselfByItsSeed() {
    Lora.Settings none = new Lora.Settings(3, 7, 1e-12, Lora.ALL);
    Lora.Settings half = new Lora.Settings(3, 7, 0.5, Lora.ALL);
    try (LlamaWeights weights = model();
        Lora plain = trained(ALL);
        Lora all = trained(none);
        Lora dropped = trained(half)) {
      Outcome expected = run(weights, plain, OpMode.FUSED, 0);
      Outcome kept = run(weights, all, OpMode.FUSED, 5); // with the dropout operations in the graph
      assertThat(kept.loss()).isCloseTo(expected.loss(), within(1e-5));
      expected
          .gradients()
          .forEach((name, gradient) -> close(kept.gradients().get(name), gradient, name));
      double first = run(weights, dropped, OpMode.FUSED, 5).loss();
      assertThat(run(weights, dropped, OpMode.FUSED, 5).loss()).isEqualTo(first);
      assertThat(run(weights, dropped, OpMode.FUSED, 6).loss()).isNotEqualTo(first);
      assertThat(first).isNotCloseTo(expected.loss(), within(1e-6));
    }
  }
}
