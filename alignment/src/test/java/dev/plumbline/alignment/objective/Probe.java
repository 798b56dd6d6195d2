package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.TokenLogProbs;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.tensor.graph.GradientGraph;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.graph.PackedBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * An objective without a model: its graph has a variable with the log-probabilities of all tokens,
 * so that tests see the loss and its gradient with respect to each log-probability.
 */
final class Probe {
  private static final float FILLING = -3.7f; // log-probability of padding

  private Probe() {}

  /**
   * The result of a graph.
   *
   * @param loss the loss
   * @param gradients [example][response][token] with respect to the log-probability
   * @param klGradients the same with respect to the KL of the token, or null
   */
  record Outcome(double loss, List<List<float[]>> gradients, List<List<float[]>> klGradients) {
    /** Gradients of all tokens in a row. */
    double[] flat() {
      return Probe.flat(gradients);
    }

    /** Gradients of one example's tokens in a row. */
    double[] flat(int example) {
      return Probe.flat(List.of(gradients.get(example)));
    }
  }

  /** Examples with the log-probabilities of their tokens under policy and reference. */
  record Batch(List<Example> examples, List<TokenScores> scores) {
    List<List<float[]>> reference() {
      boolean none = scores.isEmpty() || scores.get(0).reference() == null;
      return none ? null : scores.stream().map(TokenScores::reference).toList();
    }

    /** The examples at these indices, in this order. */
    Batch pick(int... places) {
      return new Batch(
          IntStream.of(places).mapToObj(examples::get).toList(),
          IntStream.of(places).mapToObj(scores::get).toList());
    }
  }

  /** Runs a batch as a whole step. */
  static Outcome run(Objective objective, OpMode mode, Batch batch) {
    return run(objective, mode, batch, MicroBatch.whole(batch.examples(), batch.reference()));
  }

  /** Runs a part of a step. */
  static Outcome run(Objective objective, OpMode mode, Batch batch, MicroBatch micro) {
    Ops.install();
    PackedBatch packed =
        PackedBatch.of(batch.examples().stream().map(Example::tree).toList(), mode);
    float[] values = new float[packed.scoredTokens()];
    Arrays.fill(values, FILLING);
    int at = 0;
    for (TokenScores scores : batch.scores()) {
      for (float[] response : scores.policy()) {
        System.arraycopy(response, 0, values, at, response.length);
        at += response.length;
      }
    }
    SameDiff sd = SameDiff.create();
    SDVariable logProbs = sd.var("logprobs", Nd4j.createFromArray(values));
    boolean distribution = objective.needsDistribution();
    SDVariable kl =
        distribution ? sd.var("kl", Nd4j.createFromArray(kls(batch, values.length))) : null;
    TokenLogProbs graph = new TokenLogProbs(new Ops(sd, mode), logProbs, kl);
    objective.build(graph).rename("loss");
    Map<String, INDArray> inputs = new LinkedHashMap<>();
    Placeholders feed = new Placeholders(inputs, packed.scoredTokens());
    TokenLogProbs.feed(packed, feed);
    objective.feed(micro, feed);
    inputs.keySet().removeIf(name -> !sd.hasVariable(name));
    List<String> parameters = distribution ? List.of("logprobs", "kl") : List.of("logprobs");
    try (GradientGraph gradients = new GradientGraph(sd, "loss", parameters);
        GradientGraph.Result result = gradients.run(inputs, List.of("loss"))) {
      return new Outcome(
          result.values().get("loss").getDouble(0),
          gradient(batch, result, "logprobs", values.length),
          distribution ? gradient(batch, result, "kl", values.length) : null);
    }
  }

  private static List<List<float[]>> gradient(
      Batch batch, GradientGraph.Result result, String name, int tokens) {
    float[] gradient = new float[tokens];
    Memory.view(Memory.dense(result.gradients().get(name).castTo(DataType.FLOAT))).get(0, gradient);
    return cut(batch.scores(), gradient);
  }

  private static float[] kls(Batch batch, int tokens) {
    float[] values = new float[tokens];
    int at = 0;
    for (TokenScores scores : batch.scores()) {
      for (float[] response : scores.kl()) {
        System.arraycopy(response, 0, values, at, response.length);
        at += response.length;
      }
    }
    return values;
  }

  /** The same batch with a random KL at every token. */
  static Batch withKl(Batch batch, RandomStream random) {
    List<TokenScores> scores = new ArrayList<>();
    for (TokenScores s : batch.scores()) {
      List<float[]> kl = new ArrayList<>();
      for (float[] response : s.policy()) {
        float[] own = new float[response.length];
        for (int t = 0; t < own.length; t++) {
          own[t] = (1 + random.nextInt(1 << 12)) / 4096f;
        }
        kl.add(own);
      }
      scores.add(new TokenScores(s.policy(), s.reference(), kl));
    }
    return new Batch(batch.examples(), scores);
  }

  private static List<List<float[]>> cut(List<TokenScores> like, float[] all) {
    List<List<float[]>> result = new ArrayList<>();
    for (int i = 0; i < all.length; i++) {
      all[i] += 0f; // -0 to 0
    }
    int at = 0;
    for (TokenScores scores : like) {
      List<float[]> responses = new ArrayList<>();
      for (float[] response : scores.policy()) {
        responses.add(Arrays.copyOfRange(all, at, at + response.length));
        at += response.length;
      }
      result.add(responses);
    }
    return result;
  }

  static double[] flat(List<List<float[]>> values) {
    return values.stream()
        .flatMap(List::stream)
        .flatMapToDouble(v -> IntStream.range(0, v.length).mapToDouble(i -> v[i]))
        .toArray();
  }

  /** A response with a number of tokens, whose ids do not matter to an objective. */
  static Response response(Role role, int tokens) {
    return Response.of(IntStream.range(3, 3 + tokens).toArray(), role);
  }

  /** An example of one-token responses with the given scores: positives first. */
  static Batch scores(double[] positive, double[] negative) {
    List<Response> responses = new ArrayList<>();
    List<float[]> policy = new ArrayList<>();
    for (double p : positive) {
      responses.add(response(Role.POSITIVE, 1));
      policy.add(new float[] {(float) p});
    }
    for (double n : negative) {
      responses.add(response(Role.NEGATIVE, 1));
      policy.add(new float[] {(float) n});
    }
    return new Batch(
        List.of(new Example(new int[] {1}, responses)), List.of(new TokenScores(policy, null)));
  }

  /** The batches joined. */
  static Batch join(Batch... batches) {
    return new Batch(
        Arrays.stream(batches).flatMap(b -> b.examples().stream()).toList(),
        Arrays.stream(batches).flatMap(b -> b.scores().stream()).toList());
  }

  /** A random example with these roles. */
  static Batch random(RandomStream random, boolean withReference, Role... roles) {
    List<Response> responses = new ArrayList<>();
    List<float[]> policy = new ArrayList<>();
    List<float[]> reference = new ArrayList<>();
    for (Role role : roles) {
      int tokens = 1 + random.nextInt(6);
      responses.add(weighted(response(role, tokens), random));
      policy.add(logProbs(random, tokens));
      reference.add(logProbs(random, tokens));
    }
    return new Batch(
        List.of(new Example(new int[] {1, 2}, responses)),
        List.of(new TokenScores(policy, withReference ? reference : null)));
  }

  private static Response weighted(Response plain, RandomStream random) {
    float[] weights = new float[plain.ids().length];
    for (int t = 0; t < weights.length; t++) {
      weights[t] = random.nextInt(257) / 256f;
    }
    return new Response(plain.ids(), plain.role(), plain.reward(), weights, plain.scored());
  }

  /** Multiples of 2^-12, so that steps of 2^-6 are exact in float32. */
  private static float[] logProbs(RandomStream random, int tokens) {
    float[] values = new float[tokens];
    for (int t = 0; t < tokens; t++) {
      values[t] = -(1 + random.nextInt(3 << 12)) / 4096f;
    }
    return values;
  }

  /** A quantity of a batch's token log-probabilities. */
  interface Quantity {
    double of(List<TokenScores> scores);
  }

  /**
   * Gradient of a quantity with respect to each policy log-probability: central differences at two
   * step sizes, extrapolated to fourth order, in double precision.
   */
  static double[] differences(Batch batch, Quantity quantity) {
    double[] result =
        new double[flat(batch.scores().stream().map(TokenScores::policy).toList()).length];
    int at = 0;
    for (int q = 0; q < batch.scores().size(); q++) {
      List<float[]> policy = batch.scores().get(q).policy();
      for (int r = 0; r < policy.size(); r++) {
        for (int t = 0; t < policy.get(r).length; t++) {
          double near = difference(batch.scores(), quantity, q, r, t, 1f / 64);
          double far = difference(batch.scores(), quantity, q, r, t, 1f / 32);
          result[at++] = (4 * near - far) / 3;
        }
      }
    }
    return result;
  }

  private static double difference(
      List<TokenScores> scores, Quantity quantity, int q, int r, int t, float step) {
    return (quantity.of(moved(scores, q, r, t, step)) - quantity.of(moved(scores, q, r, t, -step)))
        / (2.0 * step);
  }

  private static List<TokenScores> moved(
      List<TokenScores> scores, int q, int r, int t, float step) {
    List<TokenScores> moved = new ArrayList<>(scores);
    List<float[]> policy = new ArrayList<>(scores.get(q).policy());
    float[] response = policy.get(r).clone();
    response[t] += step;
    policy.set(r, response);
    moved.set(q, new TokenScores(policy, scores.get(q).reference(), scores.get(q).kl()));
    return moved;
  }
}
