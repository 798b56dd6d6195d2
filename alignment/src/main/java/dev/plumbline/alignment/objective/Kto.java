package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.batch.TokenLogProbs;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.data.UserError;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.row.TrainingRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Kahneman-Tversky optimisation (Ethayarajh et al. 2024, arXiv 2402.01306): each response is
 * desirable or undesirable, and is compared with a reference point z_0 instead of another response.
 *
 * <pre>
 *   a   = log pi(y|x) - log pi_ref(y|x)
 *   z_0 = D( max(0, mean of a over responses y' to other prompts) )
 *   L   = mean over responses of   lambda_D (1 - sigma(beta (a - z_0)))    desirable
 *                                  lambda_U (1 - sigma(beta (z_0 - a)))    undesirable       {@code kto}
 * </pre>
 *
 * <p>The reference point is estimated in each forward pass, as in the authors' code on each device
 * (C): a response of the file's next row is scored under each prompt, without a gradient. A step of
 * several passes therefore has several z_0; the metric {@code kl} is computed over the whole step.
 *
 * @param beta scale of the log-ratio: a larger value keeps the policy closer to the reference;
 *     default 0.1
 * @param desirableWeight lambda_D, default 1
 * @param undesirableWeight lambda_U, default 1
 */
public record Kto(double beta, double desirableWeight, double undesirableWeight)
    implements Objective {
  /** The paper's section 4. */
  public static final double DEFAULT_BETA = 0.1;

  private static final String REFERENCE = "reference_sums"; // [r, 1]: log pi_ref(y|x)
  private static final String SIGNS = "kto_signs"; // [r, 1]: 1 desirable, -1 undesirable, else 0
  private static final String WEIGHTS = "kto_weights"; // [r, 1]: lambda / (responses), else 0
  private static final String OTHERS =
      "kto_others"; // [r, 1]: 1 / (mismatched ones) for each, else 0

  /** Checks the ranges. */
  public Kto {
    Hyperparameter.BETA.check(beta);
    Hyperparameter.DESIRABLE_WEIGHT.check(desirableWeight);
    Hyperparameter.UNDESIRABLE_WEIGHT.check(undesirableWeight);
  }

  @Override
  public String name() {
    return "kto";
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public Example example(TrainingRow row, RowEncoder encoder) {
    List<Response> responses = new ArrayList<>();
    if (row instanceof PreferencePair pair) {
      responses.add(encoder.response(row.prompt(), pair.chosen(), Role.CHOSEN, 1, null));
      responses.add(encoder.response(row.prompt(), pair.rejected(), Role.REJECTED, 0, null));
    } else if (row instanceof CandidateGroup group && !group.candidates().isEmpty()) {
      for (Candidate c : group.candidates()) {
        Role role = c.correct() ? Role.POSITIVE : Role.NEGATIVE;
        responses.add(encoder.response(row.prompt(), c.response(), role, c.reward(), null));
      }
    } else {
      throw new UserError(
          "kto needs rows with 'prompt' and at least one of 'candidates', or 'prompt', 'chosen', 'rejected'.");
    }
    return new Example(encoder.prompt(row.prompt()), responses, -1);
  }

  /**
   * Adds to each example the first response of the next one; the first example follows the last.
   */
  @Override
  public List<Example> link(List<Example> examples) {
    List<Example> linked = new ArrayList<>();
    for (int i = 0; i < examples.size(); i++) {
      Example own = examples.get(i);
      Response other = examples.get((i + 1) % examples.size()).responses().get(0);
      List<Response> responses = new ArrayList<>(own.responses());
      responses.add(new Response(other.ids(), Role.MISMATCHED, 0, null, other.scored()));
      linked.add(new Example(own.prompt(), responses, -1));
    }
    return linked;
  }

  @Override
  public double value(List<Example> batch, List<TokenScores> scores) {
    return value(batch, scores, scores);
  }

  /** The value with z_0 from {@code still}, for the finite-difference check of gradients. */
  double value(List<Example> batch, List<TokenScores> scores, List<TokenScores> still) {
    double z = referencePoint(batch, still);
    double sum = 0;
    int n = 0;
    for (int q = 0; q < batch.size(); q++) {
      for (int i : own(batch.get(q))) {
        sum += of(batch.get(q).responses().get(i), logRatio(scores.get(q), i), z);
        n++;
      }
    }
    return sum / n;
  }

  /** The loss of one response. */
  private double of(Response response, double a, double z) {
    return response.role().isRight()
        ? desirableWeight * (1 - sigmoid(beta * (a - z)))
        : undesirableWeight * (1 - sigmoid(beta * (z - a)));
  }

  private double referencePoint(List<Example> batch, List<TokenScores> scores) {
    double sum = 0;
    int n = 0;
    for (int q = 0; q < batch.size(); q++) {
      for (int i : batch.get(q).indices(Role.MISMATCHED)) {
        sum += logRatio(scores.get(q), i);
        n++;
      }
    }
    return n == 0 ? 0 : Math.max(0, sum / n);
  }

  private static double logRatio(TokenScores scores, int i) {
    return scores.logPi(i) - scores.logRef(i);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static int[] own(Example example) {
    return IntStream.range(0, example.responses().size())
        .filter(i -> example.responses().get(i).role() != Role.MISMATCHED)
        .toArray();
  }

  @Override
  public SDVariable build(TokenLogProbs graph) {
    SDVariable a = graph.sums().sub(graph.input(REFERENCE)); // [r, 1]
    SDVariable z = graph.detach(graph.positivePart(a.mul(graph.input(OTHERS)).sum()));
    SDVariable x = a.sub(z).mul(graph.input(SIGNS)).mul(beta);
    SDVariable loss = graph.sd().nn().sigmoid(x).neg().add(1);
    return loss.mul(graph.input(WEIGHTS)).sum();
  }

  @Override
  public void feed(MicroBatch batch, Placeholders feed) {
    int r = batch.examples().stream().mapToInt(e -> e.responses().size()).sum();
    int others = batch.examples().stream().mapToInt(e -> e.indices(Role.MISMATCHED).length).sum();
    float[] reference = new float[r];
    float[] signs = new float[r];
    float[] weights = new float[r];
    float[] mismatched = new float[r];
    int at = 0;
    for (int q = 0; q < batch.examples().size(); q++) {
      TokenScores scores = new TokenScores(batch.reference().get(q), null);
      for (int i = 0; i < batch.examples().get(q).responses().size(); i++, at++) {
        Response response = batch.examples().get(q).responses().get(i);
        reference[at] = (float) scores.logPi(i);
        if (response.role() == Role.MISMATCHED) {
          mismatched[at] = 1f / others;
        } else {
          signs[at] = response.role().isRight() ? 1 : -1;
          double weight = response.role().isRight() ? desirableWeight : undesirableWeight;
          weights[at] = (float) (weight / batch.stepResponses());
        }
      }
    }
    feed.matrix(REFERENCE, reference, r, 1);
    feed.matrix(SIGNS, signs, r, 1);
    feed.matrix(WEIGHTS, weights, r, 1);
    feed.matrix(OTHERS, mismatched, r, 1);
  }

  @Override
  public Explanation explain(Example example, TokenScores scores) {
    double z = referencePoint(List.of(example), List.of(scores));
    List<Explanation> factors = new ArrayList<>(List.of(Explanation.of("z_0", z)));
    for (int i : own(example)) {
      Response response = example.responses().get(i);
      double a = logRatio(scores, i);
      factors.add(
          Explanation.of(
              (response.role().isRight() ? "desirable " : "undesirable ") + i,
              of(response, a, z),
              Explanation.of("a = log pi(y)/pi_ref(y)", a)));
    }
    return new Explanation(
        "L (kto), the mean over responses", value(List.of(example), List.of(scores)), factors);
  }

  @Override
  public Map<String, Double> metrics(List<Example> batch, List<TokenScores> scores) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("kl", referencePoint(batch, scores));
    OptionalDouble chosen = reward(batch, scores, true);
    OptionalDouble rejected = reward(batch, scores, false);
    chosen.ifPresent(mean -> metrics.put("rewards/chosen", mean));
    rejected.ifPresent(mean -> metrics.put("rewards/rejected", mean));
    if (chosen.isPresent() && rejected.isPresent()) {
      metrics.put("rewards/margins", chosen.getAsDouble() - rejected.getAsDouble());
    }
    return metrics;
  }

  @Override
  public List<String> metricNames() {
    return List.of("kl", "rewards/chosen", "rewards/rejected", "rewards/margins");
  }

  /** Mean of beta a over the desirable or the undesirable responses; empty if there are none. */
  private OptionalDouble reward(List<Example> batch, List<TokenScores> scores, boolean desirable) {
    return IntStream.range(0, batch.size())
        .boxed()
        .flatMap(
            q ->
                Arrays.stream(own(batch.get(q)))
                    .filter(i -> batch.get(q).responses().get(i).role().isRight() == desirable)
                    .mapToObj(i -> beta * logRatio(scores.get(q), i)))
        .mapToDouble(Double::doubleValue)
        .average();
  }
}
