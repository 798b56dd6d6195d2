package dev.plumbline.tensor.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.tensor.engine.GradientGraph;
import dev.plumbline.tensor.random.RandomStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every operation: the fused body against the composed one, forward and gradient, on random input.
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
  void swiGlu() {
    compare(
        parameters("g", shape(37, 19), "u", shape(37, 19)),
        Map.of(),
        Map.of(),
        shape(37, 19),
        (ops, in) -> ops.swiGlu(in.get("g"), in.get("u")));
  }

  @Test
  void rotary() {
    Map<String, INDArray> angles = Map.of("cos", normal(shape(11, 4)), "sin", normal(shape(11, 4)));
    compare(
        parameters("x", shape(11, 24)),
        angles,
        angles,
        shape(11, 24),
        (ops, in) -> ops.rotary(in.get("x"), in.get("cos"), in.get("sin"), 3, 8));
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

  @Test
  void attentionOverTrees() {
    // Two trees of 100 tokens: a plain sequence; a root of 40 with children of 25 and 35, the
    // second with a child of 0.
    int[] segments = {0, 100, -1, 0, 100, 40, -1, 1, 140, 25, 1, 1, 165, 35, 1, 1};
    float[] mask = new float[2 * 100 * 100];
    for (int i = 0; i < 200; i++) {
      for (int j = 0; j < 100; j++) {
        int key = i / 100 * 100 + j;
        boolean cousin = i >= 165 && key >= 140 && key < 165;
        mask[i * 100 + j] = key <= i && !cousin ? 0f : -1e9f;
      }
    }
    Map<String, INDArray> fused =
        Map.of("structure", Nd4j.createFromArray(segments).reshape('c', 4, 4));
    Map<String, INDArray> composed =
        Map.of("structure", Nd4j.create(mask, new long[] {2, 100, 100}, 'c'));
    compare(
        parameters("q", shape(200, 24), "k", shape(200, 12), "v", shape(200, 12)),
        fused,
        composed,
        shape(200, 24),
        (ops, in) ->
            ops.attention(in.get("q"), in.get("k"), in.get("v"), in.get("structure"), 4, 2, 6));
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
