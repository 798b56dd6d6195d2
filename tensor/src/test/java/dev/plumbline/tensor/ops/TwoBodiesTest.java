package dev.plumbline.tensor.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.tensor.graph.GradientGraph;
import dev.plumbline.tensor.random.RandomStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Compares the fused and the composed form of every operation, forward and gradient, on random
 * input.
 */
class TwoBodiesTest {
  private static final double TOLERANCE = 2e-5;
  private final RandomStream random = RandomStream.of(20261124, "two bodies");

  @BeforeAll
  static void install() {
    Ops.install();
  }

  /** Builds the tested operation; inputs come as graph variables by name. */
  private interface Build {
    SDVariable apply(Ops ops, Map<String, SDVariable> in);
  }

  @Test
  void rowsWithRepeatedIds() {
    Map<String, INDArray> parameters = parameters("table", shape(7, 5));
    Map<String, INDArray> inputs = Map.of("ids", Nd4j.createFromArray(3, 0, 3, 6, 3, 1));
    compare(
        parameters,
        inputs,
        inputs,
        shape(6, 5),
        (ops, in) -> ops.rows(in.get("table"), in.get("ids")));
  }

  @Test
  void rmsNorm() {
    for (int width : new int[] {5, 16, 67}) {
      compare(
          parameters("x", shape(130, width), "g", shape(width)),
          Map.of(),
          Map.of(),
          shape(130, width),
          (ops, in) -> ops.rmsNorm(in.get("x"), in.get("g"), 1e-5));
    }
  }

  @Test
  void linearWithResidual() {
    compare(
        parameters("x", shape(9, 6), "r", shape(9, 4), "w", shape(4, 6)),
        Map.of(),
        Map.of(),
        shape(9, 4),
        (ops, in) -> ops.linearPlus(in.get("x"), in.get("r"), in.get("w")));
  }

  @Test
  void severalLinears() {
    compare(
        parameters("x", shape(70, 6), "w1", shape(5, 6), "w2", shape(3, 6), "w3", shape(3, 6)),
        Map.of(),
        Map.of(),
        shape(70, 3),
        (ops, in) -> {
          SDVariable[] y = ops.linear(in.get("x"), in.get("w1"), in.get("w2"), in.get("w3"));
          return y[1].mul(y[2]).add(y[0].sum(true, 1));
        });
  }

  @Test
  void linearsBehindANorm() {
    for (int width : new int[] {6, 80, 300}) {
      compare(
          parameters(
              "x",
              shape(150, width),
              "n",
              shape(width),
              "w",
              shape(35, width),
              "v",
              shape(98, width)),
          Map.of(),
          Map.of(),
          shape(150, 98),
          (ops, in) -> {
            SDVariable[] y =
                ops.normLinear(in.get("x"), in.get("n"), 1e-5, in.get("w"), in.get("v"));
            return y[1].add(y[0].sum(true, 1));
          });
    }
  }

  @Test
  void lowRankAdapter() {
    for (int rank : new int[] {1, 8, 20}) {
      compare(
          parameters(
              "t", shape(150, 35), "x", shape(150, 67), "a", shape(rank, 67), "b", shape(35, rank)),
          Map.of(),
          Map.of(),
          shape(150, 35),
          (ops, in) -> ops.lowRank(in.get("t"), in.get("x"), in.get("a"), in.get("b"), 0.7));
    }
  }

  @Test
  void swiGlu() {
    compare(
        parameters("g", shape(137, 19), "u", shape(137, 19)),
        Map.of(),
        Map.of(),
        shape(137, 19),
        (ops, in) -> ops.swiGlu(in.get("g"), in.get("u")));
  }

  @Test
  void swiGluBlock() {
    for (int hidden : new int[] {19, 64, 330}) {
      compare(
          parameters(
              "x",
              shape(137, 23),
              "n",
              shape(23),
              "g",
              shape(hidden, 23),
              "u",
              shape(hidden, 23),
              "d",
              shape(23, hidden)),
          Map.of(),
          Map.of(),
          shape(137, 23),
          (ops, in) ->
              ops.swiGluBlock(
                  in.get("x"), in.get("n"), 1e-5, in.get("g"), in.get("u"), in.get("d")));
    }
  }

  @Test
  void wideLinear() {
    compare(
        parameters("x", shape(600, 70), "r", shape(600, 200), "w", shape(200, 70)),
        Map.of(),
        Map.of(),
        shape(600, 200),
        (ops, in) -> ops.linearPlus(in.get("x"), in.get("r"), in.get("w")));
  }

  @Test
  void frozenWeightsCostNoGradient() {
    SameDiff sd = SameDiff.create();
    Ops ops = new Ops(sd, OpMode.FUSED);
    SDVariable x = sd.var("x", normal(shape(5, 6)));
    SDVariable frozen = sd.constant("frozen", normal(shape(4, 6)));
    SDVariable trained = sd.var("trained", normal(shape(4, 6)));
    SDVariable gain = sd.var("gain", normal(shape(6)));
    SDVariable[] y = ops.normLinear(x, gain, 1e-5, frozen, trained);
    y[0].mul(y[1]).sum().rename("loss");
    try (GradientGraph graph = new GradientGraph(sd, "loss", List.of("x", "gain", "trained"));
        GradientGraph.Result result = graph.run(Map.of(), List.of("loss"))) {
      assertThat(result.gradients()).containsOnlyKeys("x", "gain", "trained");
    }
  }

  @Test
  void targetLogProbability() {
    Map<String, INDArray> ids =
        Map.of(
            "rows",
            Nd4j.createFromArray(0, 2, 2, 7, 4),
            "targets",
            Nd4j.createFromArray(5, 1, 30, 0, 30));
    compare(
        parameters("h", shape(8, 12), "w", shape(31, 12)),
        ids,
        ids,
        shape(5),
        (ops, in) ->
            ops.targetLogProb(in.get("h"), in.get("w"), in.get("rows"), in.get("targets")));
  }

  /** More words and rows than one block holds. */
  @Test
  void targetLogProbabilityInBlocks() {
    int[] rows = new int[1300];
    int[] targets = new int[1300];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i % 7 == 0 ? i / 2 : i / 2 + 100; // some rows several times
      targets[i] = random.nextInt(2100);
    }
    Map<String, INDArray> ids =
        Map.of("rows", Nd4j.createFromArray(rows), "targets", Nd4j.createFromArray(targets));
    compare(
        parameters("h", shape(760, 12), "w", shape(2100, 12)),
        ids,
        ids,
        shape(1300),
        (ops, in) ->
            ops.targetLogProb(in.get("h"), in.get("w"), in.get("rows"), in.get("targets")));
  }

  /** Models of different width; more words and rows than one block holds, some rows twice. */
  @Test
  void klToAReference() {
    for (int[] size : new int[][] {{8, 31, 5}, {700, 2100, 1300}}) {
      int[] rows = new int[size[2]];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = i / 2;
      }
      Map<String, INDArray> inputs =
          Map.of(
              "rows",
              Nd4j.createFromArray(rows),
              "rh",
              normal(shape(size[0], 7)),
              "rw",
              normal(shape(size[1], 7)));
      compare(
          parameters("h", shape(size[0], 12), "w", shape(size[1], 12)),
          inputs,
          inputs,
          shape(size[2]),
          (ops, in) ->
              ops.referenceKl(
                  in.get("h"), in.get("w"), in.get("rh"), in.get("rw"), in.get("rows")));
    }
  }

  @Test
  void klToItselfIsZero() {
    INDArray h = normal(shape(8, 12));
    INDArray w = normal(shape(50, 12));
    for (OpMode mode : OpMode.values()) {
      SameDiff sd = SameDiff.create();
      SDVariable head = sd.constant("w", w);
      SDVariable hidden = sd.constant("h", h);
      SDVariable rows = sd.constant("rows", Nd4j.createFromArray(0, 3, 3));
      INDArray k = new Ops(sd, mode).referenceKl(hidden, head, hidden, head, rows).eval();
      for (int i = 0; i < 3; i++) {
        assertThat(k.getFloat(i)).as("%s %d", mode, i).isBetween(-1e-5f, 1e-5f);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 30, 120})
  void attentionOverTrees(int window) {
    // Two trees of 100 tokens: a plain sequence; a root of 40 with children of 25 and 35, the
    // second with a child of 0.
    int[] segments = {0, 100, -1, 0, 100, 40, -1, 1, 140, 25, 1, 1, 165, 35, 1, 1};
    float[] mask = new float[2 * 100 * 100];
    for (int i = 0; i < 200; i++) {
      for (int j = 0; j < 100; j++) {
        int key = i / 100 * 100 + j;
        boolean cousin = i >= 165 && key >= 140 && key < 165;
        int position = i - (i < 100 ? 0 : i < 165 ? 100 : 125); // the second child follows the root
        int keyPosition = key - (key < 100 ? 0 : key < 165 ? 100 : 125);
        boolean near = window == 0 || position - keyPosition < window;
        mask[i * 100 + j] = key <= i && !cousin && near ? 0f : -1e9f;
      }
    }
    INDArray cos = normal(shape(200, 3));
    INDArray sin = normal(shape(200, 3));
    Map<String, INDArray> fused =
        Map.of(
            "structure", Nd4j.createFromArray(segments).reshape('c', 4, 4), "cos", cos, "sin", sin);
    Map<String, INDArray> composed =
        Map.of(
            "structure", Nd4j.create(mask, new long[] {2, 100, 100}, 'c'), "cos", cos, "sin", sin);
    compare(
        parameters("q", shape(200, 24), "k", shape(200, 12), "v", shape(200, 12)),
        fused,
        composed,
        shape(200, 24),
        (ops, in) ->
            ops.attention(
                in.get("q"),
                in.get("k"),
                in.get("v"),
                in.get("cos"),
                in.get("sin"),
                in.get("structure"),
                4,
                2,
                6,
                window));
  }

  private void compare(
      Map<String, INDArray> parameters,
      Map<String, INDArray> fused,
      Map<String, INDArray> composed,
      long[] outShape,
      Build build) {
    INDArray weights = normal(outShape);
    Map<String, INDArray> a = run(OpMode.FUSED, parameters, fused, weights, build);
    Map<String, INDArray> b = run(OpMode.COMPOSED, parameters, composed, weights, build);
    for (String name : b.keySet()) {
      double scale = Math.max(1, b.get(name).amaxNumber().doubleValue());
      assertThat(
              a.get(name).sub(b.get(name).reshape(a.get(name).shape())).amaxNumber().doubleValue()
                  / scale)
          .as(name)
          .isLessThan(TOLERANCE);
    }
  }

  private static Map<String, INDArray> run(
      OpMode mode,
      Map<String, INDArray> parameters,
      Map<String, INDArray> inputs,
      INDArray weights,
      Build build) {
    SameDiff sd = SameDiff.create();
    Map<String, SDVariable> in = new HashMap<>();
    parameters.forEach((name, array) -> in.put(name, sd.var(name, array.dup())));
    inputs.forEach(
        (name, array) -> {
          long[] shape = new long[array.rank()];
          java.util.Arrays.fill(shape, -1);
          in.put(name, sd.placeHolder(name, array.dataType(), shape));
        });
    SDVariable y = build.apply(new Ops(sd, mode), in).rename("y");
    y.mul(sd.constant("weights", weights.dup())).sum().rename("loss");
    List<String> names = new ArrayList<>(parameters.keySet());
    try (GradientGraph graph = new GradientGraph(sd, "loss", names);
        GradientGraph.Result result = graph.run(inputs, List.of("y", "loss"))) {
      Map<String, INDArray> copies = new LinkedHashMap<>();
      result.values().forEach((name, array) -> copies.put(name, array.dup()));
      result.gradients().forEach((name, array) -> copies.put("d" + name, array.dup()));
      return copies;
    }
  }

  private Map<String, INDArray> parameters(Object... namesAndShapes) {
    Map<String, INDArray> result = new LinkedHashMap<>();
    for (int i = 0; i < namesAndShapes.length; i += 2) {
      result.put((String) namesAndShapes[i], normal((long[]) namesAndShapes[i + 1]));
    }
    return result;
  }

  private static long[] shape(long... dimensions) {
    return dimensions;
  }

  private INDArray normal(long[] shape) {
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, shape, 'c');
    for (long i = 0; i < array.length(); i++) {
      array.putScalar(i, random.nextGaussian());
    }
    return array;
  }
}
