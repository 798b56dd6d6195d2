package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.tensor.graph.GradientGraph;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.graph.LlamaGraph;
import dev.plumbline.transformer.graph.PackedBatch;
import dev.plumbline.transformer.graph.TokenTree;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.RotaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The layout of a batch changes no log-probability and no gradient: prefixes shared or copied,
 * packed or padded, in any order and with any other rows.
 */
class PackedBatchTest {
  private static final double CLOSE = 5e-5;
  private static final int VOCABULARY = 61;

  /** Trees with a weight for every response token; the loss is the weighted sum. */
  private record Batch(List<TokenTree> trees, List<List<float[]>> weights) {
    Batch pick(int... places) {
      return new Batch(
          IntStream.of(places).mapToObj(trees::get).toList(),
          IntStream.of(places).mapToObj(weights::get).toList());
    }

    Batch unshared() {
      List<List<float[]>> each = new ArrayList<>();
      weights.forEach(tree -> tree.forEach(response -> each.add(List.of(response))));
      return new Batch(PackedBatch.unshare(trees), each);
    }
  }

  /**
   * The result of a pass.
   *
   * @param logProbs of each response, in order
   * @param gradients by parameter
   */
  private record Outcome(List<float[]> logProbs, Map<String, double[]> gradients) {}

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void layoutDoesNotMatter(long seed) {
    RandomStream random = RandomStream.of(seed, "packed batch");
    try (LlamaWeights weights = weights(random)) {
      Batch batch = batch(random, 4);
      Outcome shared = run(weights, OpMode.FUSED, batch);
      same(shared, run(weights, OpMode.FUSED, batch.unshared()), "copied prompts, seed " + seed);
      same(shared, run(weights, OpMode.COMPOSED, batch), "padded, seed " + seed);
      for (OpMode mode : OpMode.values()) {
        same(
            shared,
            run(weights, mode, batch, PackedBatch.Layout.PADDED),
            mode + ", padded rows, seed " + seed);
      }
      same(
          shared,
          run(weights, OpMode.COMPOSED, batch.unshared()),
          "padded with copied prompts, seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {8, 9, 10, 11})
  void sharedPrefixesDoNotMatter(long seed) {
    RandomStream random = RandomStream.of(seed, "prefixes");
    try (LlamaWeights weights = weights(random)) {
      Batch batch = branching(random, 3);
      assertThat(tokens(batch)).as("seed %d", seed).isLessThan(tokens(batch.unshared()) / 2);
      Outcome shared = run(weights, OpMode.FUSED, batch);
      same(shared, run(weights, OpMode.FUSED, batch.unshared()), "copied, seed " + seed);
      same(shared, run(weights, OpMode.COMPOSED, batch), "padded, seed " + seed);
      same(
          shared,
          run(weights, OpMode.COMPOSED, batch.unshared()),
          "padded and copied, seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5})
  void orderDoesNotMatter(long seed) {
    RandomStream random = RandomStream.of(seed, "order");
    try (LlamaWeights weights = weights(random)) {
      Batch batch = batch(random, 5);
      int[] order = random.permutation(5);
      Outcome before = run(weights, OpMode.FUSED, batch);
      Outcome after = run(weights, OpMode.FUSED, batch.pick(order));
      List<float[]> moved = new ArrayList<>();
      for (int place : order) {
        int first =
            batch.trees().subList(0, place).stream().mapToInt(t -> t.responses().size()).sum();
        int count = batch.trees().get(place).responses().size();
        moved.addAll(before.logProbs().subList(first, first + count));
      }
      same(new Outcome(moved, before.gradients()), after, "seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {6, 7})
  void batchInvariance(long seed) {
    RandomStream random = RandomStream.of(seed, "other rows");
    try (LlamaWeights weights = weights(random)) {
      Batch batch = batch(random, 3);
      Outcome together = run(weights, OpMode.FUSED, batch);
      List<float[]> logProbs = new ArrayList<>();
      Map<String, double[]> sums = new LinkedHashMap<>();
      for (int i = 0; i < 3; i++) {
        Outcome alone = run(weights, OpMode.FUSED, batch.pick(i));
        logProbs.addAll(alone.logProbs());
        alone
            .gradients()
            .forEach(
                (name, gradient) ->
                    sums.merge(
                        name,
                        gradient,
                        (a, b) ->
                            IntStream.range(0, a.length).mapToDouble(j -> a[j] + b[j]).toArray()));
      }
      same(together, new Outcome(logProbs, sums), "seed " + seed);
    }
  }

  private static void same(Outcome expected, Outcome found, String what) {
    assertThat(found.logProbs()).as(what).hasSameSizeAs(expected.logProbs());
    for (int r = 0; r < expected.logProbs().size(); r++) {
      assertThat(found.logProbs().get(r))
          .as("response %d, %s", r, what)
          .containsExactly(expected.logProbs().get(r), within((float) CLOSE));
    }
    assertThat(found.gradients().keySet()).isEqualTo(expected.gradients().keySet());
    expected
        .gradients()
        .forEach(
            (name, gradient) -> {
              double scale = Math.max(1, Arrays.stream(gradient).map(Math::abs).max().orElse(0));
              assertThat(found.gradients().get(name))
                  .as("gradient of %s, %s", name, what)
                  .containsExactly(gradient, within(CLOSE * scale));
              assertThat(Arrays.stream(gradient).anyMatch(g -> g != 0))
                  .as("%s has a gradient, %s", name, what)
                  .isTrue();
            });
  }

  private static Outcome run(LlamaWeights weights, OpMode mode, Batch batch) {
    return run(weights, mode, batch, PackedBatch.Layout.SHARED);
  }

  private static Outcome run(
      LlamaWeights weights, OpMode mode, Batch batch, PackedBatch.Layout layout) {
    LlamaGraph model = new LlamaGraph(weights, mode);
    SDVariable factors = model.graph().placeHolder("factors", DataType.FLOAT, -1, 1);
    model.graph().reshape(model.logProbs(), -1, 1).mul(factors).sum().rename("loss");
    PackedBatch packed = PackedBatch.of(batch.trees(), mode, layout);
    int m = packed.scoredTokens();
    float[] values = new float[m];
    int at = 0;
    for (List<float[]> tree : batch.weights()) {
      for (float[] response : tree) {
        System.arraycopy(response, 0, values, at, response.length);
        at += response.length;
      }
    }
    Map<String, INDArray> inputs = packed.placeholders(new RotaryTable(weights.config()));
    inputs.put("factors", Nd4j.create(values, new long[] {m, 1}, 'c'));
    try (GradientGraph graph = new GradientGraph(model.graph(), "loss", model.trained());
        GradientGraph.Result result = graph.run(inputs, List.of(LlamaGraph.LOGPROBS))) {
      float[] all = new float[m];
      Memory.view(Memory.dense(result.values().get(LlamaGraph.LOGPROBS))).get(0, all);
      List<float[]> logProbs = new ArrayList<>();
      for (int r = 0; r < packed.responses(); r++) {
        logProbs.add(Arrays.copyOfRange(all, packed.responseStart(r), packed.responseStart(r + 1)));
      }
      Map<String, double[]> gradients = new LinkedHashMap<>();
      result.gradients().forEach((name, g) -> gradients.put(name, g.dup('c').data().asDouble()));
      return new Outcome(logProbs, gradients);
    } finally {
      inputs.values().forEach(INDArray::close);
    }
  }

  /** Matrices much larger than those of a new model, so that attention is far from uniform. */
  private static LlamaWeights weights(RandomStream random) {
    LlamaConfig config = LlamaConfig.small(VOCABULARY, 24, 40, 2, 4, 2, 128);
    LlamaWeights weights = LlamaWeights.random(config, random.child("weights"));
    weights.arrays().values().stream().filter(w -> w.rank() == 2).forEach(w -> w.muli(12));
    return weights;
  }

  private static int tokens(Batch batch) {
    return batch.trees().stream().mapToInt(TokenTree::sharedTokens).sum();
  }

  /** Trees whose responses diverge at several depths, in a random order. */
  private static Batch branching(RandomStream random, int count) {
    List<TokenTree> trees = new ArrayList<>();
    List<List<float[]>> weights = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      List<int[]> made = new ArrayList<>();
      int[] first = tokens(random, 40 + random.nextInt(10));
      int[] second = cutAndContinue(random, first, 10 + random.nextInt(8), 40);
      int[] third = cutAndContinue(random, second, 22 + random.nextInt(8), 30);
      made.add(first);
      made.add(second);
      made.add(third);
      made.add(cutAndContinue(random, third, 32 + random.nextInt(5), 6));
      made.add(first.clone()); // the same response twice
      made.add(
          Arrays.copyOf(
              first,
              first.length - 1 - random.nextInt(3))); // a prefix that is shorter by a few tokens
      made.add(Arrays.copyOf(second, 12 + random.nextInt(12))); // ends inside a shared run
      made.add(cutAndContinue(random, first, first.length, 10)); // continues after the last token
      made.add(cutAndContinue(random, first, 1 + random.nextInt(6), 12)); // too little to share
      made.add(Arrays.copyOf(third, 1)); // one token
      List<int[]> responses =
          IntStream.of(random.permutation(made.size())).mapToObj(made::get).toList();
      trees.add(new TokenTree(tokens(random, 1 + random.nextInt(15)), responses));
      weights.add(responses.stream().map(r -> factors(random, r.length)).toList());
    }
    return new Batch(trees, weights);
  }

  private static int[] cutAndContinue(RandomStream random, int[] start, int kept, int more) {
    return IntStream.concat(
            Arrays.stream(start, 0, kept),
            Arrays.stream(tokens(random, 1 + more / 2 + random.nextInt(more / 2))))
        .toArray();
  }

  private static float[] factors(RandomStream random, int length) {
    float[] factors = new float[length];
    for (int i = 0; i < length; i++) {
      factors[i] = (float) random.nextGaussian();
    }
    return factors;
  }

  private static Batch batch(RandomStream random, int count) {
    List<TokenTree> trees = new ArrayList<>();
    List<List<float[]>> weights = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      List<int[]> responses = new ArrayList<>();
      List<float[]> factors = new ArrayList<>();
      int branches = 1 + random.nextInt(4);
      for (int r = 0; r < branches; r++) {
        int length = r == 0 && t == 0 ? 1 : 1 + random.nextInt(12); // one response of one token
        responses.add(tokens(random, length));
        factors.add(factors(random, length));
      }
      trees.add(new TokenTree(tokens(random, 1 + random.nextInt(15)), responses));
      weights.add(factors);
    }
    return new Batch(trees, weights);
  }

  private static int[] tokens(RandomStream random, int length) {
    return IntStream.range(0, length).map(i -> random.nextInt(VOCABULARY)).toArray();
  }
}
