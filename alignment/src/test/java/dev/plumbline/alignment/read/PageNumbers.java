package dev.plumbline.alignment.read;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.ScoredResponse;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.tensor.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * An example of a page: what formulas read, and the same for {@code value} of a class.
 *
 * @param prompt positions of the prompt
 * @param others mean log-ratio of responses to other prompts
 * @param responses in the order of the example
 */
record PageNumbers(int prompt, double others, List<Tokens> responses) {
  /** The tokens of one response. */
  record Tokens(double r, double[] pi, double[] ref, double[] weight, double kl) {
    double n() {
      return pi.length;
    }
  }

  /** Random responses; every number is exact in float32. */
  static PageNumbers random(RandomStream random, boolean binary) {
    List<Tokens> responses = new ArrayList<>();
    int size = 2 + random.nextInt(4);
    for (int i = 0; i < size; i++) {
      int n = 1 + random.nextInt(5);
      responses.add(
          new Tokens(
              binary ? random.nextInt(2) : random.nextInt(4) / 4.0,
              negative(random, n),
              negative(random, n),
              negative(random, n),
              random.nextInt(256) / 256.0));
    }
    return new PageNumbers(random.nextInt(6), -negative(random, 1)[0], responses);
  }

  private static double[] negative(RandomStream random, int n) {
    double[] values = new double[n];
    Arrays.setAll(values, t -> -(1 + random.nextInt(512)) / 256.0);
    return values;
  }

  /** The same responses with other log-probabilities and KL: what D takes. */
  PageNumbers moved(RandomStream random) {
    return new PageNumbers(
        prompt,
        others + 0.25,
        responses.stream()
            .map(
                y ->
                    new Tokens(
                        y.r(), negative(random, y.pi().length), y.ref(), y.weight(), y.kl() + 0.5))
            .toList());
  }

  /** The example that a page holds. */
  static PageNumbers of(JsonNode example) {
    List<Tokens> responses = new ArrayList<>();
    for (JsonNode y : example.get("responses")) {
      boolean tokens = y.has("pi");
      int n = tokens ? y.get("pi").size() : y.get("n").asInt();
      responses.add(
          new Tokens(
              y.get("r").asDouble(),
              tokens ? doubles(y.get("pi")) : even(y.get("logPi").asDouble(), n),
              tokens ? doubles(y.get("ref")) : even(y.get("logRef").asDouble(), n),
              tokens ? doubles(y.get("weight")) : even(n, n),
              y.path("kl").asDouble()));
    }
    return new PageNumbers(
        example.path("prompt").asInt(), example.path("others").asDouble(), responses);
  }

  private static double[] even(double sum, int n) {
    double[] values = new double[n];
    Arrays.fill(values, sum / n);
    return values;
  }

  private static double[] doubles(JsonNode array) {
    double[] values = new double[array.size()];
    Arrays.setAll(values, i -> array.get(i).asDouble());
    return values;
  }

  /** What formulas read, for {@link FormulaEvaluator}. */
  List<Map<String, double[]>> fields() {
    List<Map<String, double[]>> all = new ArrayList<>();
    for (Tokens y : responses) {
      double[] ratio = new double[y.pi().length];
      Arrays.setAll(ratio, t -> y.pi()[t] - y.ref()[t]);
      Map<String, double[]> fields = new LinkedHashMap<>();
      fields.put("logPi", new double[] {Arrays.stream(y.pi()).sum()});
      fields.put("logRef", new double[] {Arrays.stream(y.ref()).sum()});
      fields.put("n", new double[] {y.n()});
      fields.put("r", new double[] {y.r()});
      fields.put("kl", new double[] {y.kl()});
      fields.put("ratio", ratio);
      fields.put("weight", y.weight());
      fields.put("prompt", new double[] {prompt});
      fields.put("others", new double[] {others});
      all.add(fields);
    }
    return all;
  }

  /** What the script of a page reads. */
  Map<String, Object> json() {
    List<Map<String, Object>> all = new ArrayList<>();
    for (Tokens y : responses) {
      all.add(Map.of("r", y.r(), "pi", y.pi(), "ref", y.ref(), "weight", y.weight(), "kl", y.kl()));
    }
    return Map.of("prompt", prompt, "others", others, "responses", all);
  }

  /** The value of an objective's class. */
  double value(Objective objective, PageNumbers still) {
    if (objective instanceof PreferenceObjective preference) {
      List<ScoredResponse> scored = new ArrayList<>();
      for (int i = 0; i < responses.size(); i++) {
        scored.add(scored(i, still.scored(i, null)));
      }
      return preference.loss().value(new Candidates(scored));
    }
    return objective instanceof Vft ? likelihood(objective) : unpaired(objective);
  }

  private ScoredResponse scored(int i, ScoredResponse still) {
    Tokens y = responses.get(i);
    Map<String, double[]> fields = fields().get(i);
    float[] weights = new float[y.weight().length];
    for (int t = 0; t < weights.length; t++) {
      weights[t] = (float) y.weight()[t];
    }
    return new ScoredResponse(
        fields.get("logPi")[0],
        fields.get("logRef")[0],
        y.kl(),
        new ScoredResponse.Length(y.pi().length, prompt + y.pi().length),
        y.r(),
        new ScoredResponse.TokenRatios(fields.get("ratio"), weights),
        still);
  }

  /** Each response is the reference of a question of its own. */
  private double likelihood(Objective objective) {
    List<Example> examples = new ArrayList<>();
    List<TokenScores> scores = new ArrayList<>();
    for (Tokens y : responses) {
      examples.add(new Example(new int[] {1}, List.of(response(Role.REFERENCE, y.pi().length))));
      scores.add(new TokenScores(List.of(floats(y.pi())), null));
    }
    return objective.value(examples, scores);
  }

  /** One example with a mismatched response of one token, whose log-ratio is {@code others}. */
  private double unpaired(Objective objective) {
    List<Response> all = new ArrayList<>();
    List<float[]> policy = new ArrayList<>();
    List<float[]> reference = new ArrayList<>();
    for (Tokens y : responses) {
      all.add(response(y.r() > 0 ? Role.CHOSEN : Role.REJECTED, y.pi().length));
      policy.add(floats(y.pi()));
      reference.add(floats(y.ref()));
    }
    all.add(response(Role.MISMATCHED, 1));
    policy.add(new float[] {-1});
    reference.add(new float[] {(float) (-1 - others)});
    return objective.value(
        List.of(new Example(new int[] {1}, all, -1)), List.of(new TokenScores(policy, reference)));
  }

  private static Response response(Role role, int tokens) {
    return Response.of(IntStream.range(3, 3 + tokens).toArray(), role);
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int t = 0; t < floats.length; t++) {
      floats[t] = (float) values[t];
    }
    return floats;
  }
}
