package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.objective.Hyperparameters;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.alignment.train.LossModel;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.generate.Decoder;
import dev.plumbline.transformer.graph.LlamaGraph;
import dev.plumbline.transformer.graph.Scorer;
import dev.plumbline.transformer.model.LlamaConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Objectives that compare whole distributions, on whole models. */
class DistributionTest {
  private static final int VOCABULARY = 61;
  private static final List<Example> EXAMPLES =
      List.of(
          pair(new int[] {1, 5, 9}, new int[] {7, 8, 60, 2}, new int[] {7, 30, 2}),
          pair(new int[] {1, 4}, new int[] {11, 2}, new int[] {12, 13, 14, 15, 2}));

  private static Example pair(int[] prompt, int[] chosen, int[] rejected) {
    return new Example(
        prompt,
        List.of(Response.of(chosen, Role.CHOSEN), Response.of(rejected, Role.REJECTED)),
        -1);
  }

  private static LlamaWeights model(int width, int kvHeads, long seed) {
    LlamaWeights weights =
        LlamaWeights.random(
            LlamaConfig.small(VOCABULARY, width, 2 * width, 2, width / 8, kvHeads, 64),
            RandomStream.of(seed, "distribution"));
    weights.arrays().values().stream().filter(w -> w.rank() == 2).forEach(w -> w.muli(12));
    return weights;
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void theKlIsThatOfTheTwoDistributions(OpMode mode) {
    Objective objective = Objectives.of("tdpo1", Hyperparameters.NONE);
    try (LlamaWeights policy = model(32, 2, 1);
        LlamaWeights reference = model(16, 1, 2); // with another size
        LossModel model =
            new LossModel(
                policy, objective, mode, new LlamaGraph.GraphOptions(null, reference, false));
        LossModel.Result result = model.run(MicroBatch.whole(EXAMPLES, scores(reference, mode)))) {
      for (int q = 0; q < EXAMPLES.size(); q++) {
        for (int r = 0; r < 2; r++) {
          double[] expected = kl(policy, reference, EXAMPLES.get(q), r);
          float[] found = result.scores().get(q).kl().get(r);
          assertThat(found).hasSameSizeAs(expected);
          for (int t = 0; t < found.length; t++) {
            assertThat((double) found[t]).isCloseTo(expected[t], within(1e-5));
          }
        }
      }
      assertThat(result.loss()).isCloseTo(objective.value(EXAMPLES, result.scores()), within(1e-6));
    }
  }

  @Test
  void bothBodiesGiveTheSameGradients() {
    Objective objective = Objectives.of("tdpo2", Hyperparameters.NONE);
    try (LlamaWeights policy = model(32, 2, 1);
        LlamaWeights reference = model(16, 1, 2)) {
      Map<OpMode, Map<String, float[]>> gradients = new HashMap<>();
      for (OpMode mode : OpMode.values()) {
        try (LossModel model =
                new LossModel(
                    policy, objective, mode, new LlamaGraph.GraphOptions(null, reference, false));
            LossModel.Result result =
                model.run(MicroBatch.whole(EXAMPLES, scores(reference, mode)))) {
          Map<String, float[]> own = new HashMap<>();
          result.gradients().forEach((name, array) -> own.put(name, values(array)));
          gradients.put(mode, own);
        }
      }
      assertThat(gradients.get(OpMode.FUSED).keySet())
          .isEqualTo(policy.arrays().keySet()); // and no weights of the reference
      gradients
          .get(OpMode.FUSED)
          .forEach(
              (name, fused) -> {
                float[] composed = gradients.get(OpMode.COMPOSED).get(name);
                assertThat(fused).as(name).containsExactly(composed, within(2e-5f));
              });
    }
  }

  private static float[] values(INDArray array) {
    float[] values = new float[(int) array.length()];
    Memory.view(Memory.dense(array)).get(0, values);
    return values;
  }

  private static List<List<float[]>> scores(LlamaWeights reference, OpMode mode) {
    return Scorer.score(reference, mode, EXAMPLES.stream().map(Example::tree).toList());
  }

  private static double[] kl(
      LlamaWeights policy, LlamaWeights reference, Example example, int response) {
    int[] ids = example.responses().get(response).ids();
    double[][] p = logProbs(policy, example.prompt(), ids);
    double[][] q = logProbs(reference, example.prompt(), ids);
    double[] kl = new double[ids.length];
    for (int t = 0; t < kl.length; t++) {
      for (int v = 0; v < VOCABULARY; v++) {
        kl[t] += Math.exp(q[t][v]) * (q[t][v] - p[t][v]);
      }
    }
    return kl;
  }

  /** Log-probabilities of the whole vocabulary at each token of a response. */
  private static double[][] logProbs(LlamaWeights weights, int[] prompt, int[] response) {
    int n = prompt.length + response.length - 1;
    int[] tokens =
        IntStream.concat(IntStream.of(prompt), IntStream.of(response)).limit(n).toArray();
    int[] wanted = IntStream.range(prompt.length - 1, n).toArray();
    double[][] all = new double[wanted.length][VOCABULARY];
    try (Decoder decoder = Decoder.of(weights, OpMode.FUSED);
        Decoder.Cache cache = decoder.newCache(1, n, 0, 1)) {
      Decoder.Logits logits = decoder.forward(Decoder.Rows.ofTrunk(0, 0, tokens), cache, wanted);
      float[] z = new float[VOCABULARY];
      for (int t = 0; t < all.length; t++) {
        logits.get(t, z);
        double sum = 0;
        for (float one : z) {
          sum += Math.exp(one);
        }
        for (int v = 0; v < VOCABULARY; v++) {
          all[t][v] = z[v] - Math.log(sum);
        }
      }
    }
    return all;
  }
}
