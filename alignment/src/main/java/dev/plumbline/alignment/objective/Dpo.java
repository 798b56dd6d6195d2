package dev.plumbline.alignment.objective;

import dev.plumbline.data.PreferencePair;
import dev.plumbline.data.TrainingRow;
import dev.plumbline.data.UserError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Direct preference optimisation (Rafailov et al. 2023, Eq. 7).
 *
 * <pre>
 *   L_DPO = - log sigma( beta [ log pi(y_w|x)/pi_ref(y_w|x) - log pi(y_l|x)/pi_ref(y_l|x) ] )
 * </pre>
 *
 * <p>log pi(y|x) is the sum over the response's tokens; the batch value is the mean over pairs.
 *
 * @param beta how strongly the policy is held to the reference; default 0.1 (the paper's section 6)
 */
public record Dpo(double beta) implements Objective {
  /** The paper's section 6. */
  public static final double DEFAULT_BETA = 0.1;

  private static final String CHOSEN = "dpo_chosen"; // [p] indices of responses
  private static final String REJECTED = "dpo_rejected"; // [p]
  private static final String REFERENCE_MARGIN = "dpo_reference_margin"; // [p, 1]
  private static final String PAIR_WEIGHTS = "dpo_pair_weights"; // [p, 1]: 1 / (pairs of the step)

  /** Checks beta. */
  public Dpo {
    if (!(beta >= 0) || Double.isInfinite(beta)) {
      throw new UserError("beta is " + beta + ", and a number of 0 or more is needed.");
    }
  }

  @Override
  public String name() {
    return "dpo";
  }

  @Override
  public boolean needsReference() {
    return true;
  }

  @Override
  public Example example(TrainingRow row, RowEncoder encoder) {
    if (row instanceof PreferencePair pair) {
      return new Example(
          encoder.prompt(pair.prompt()),
          List.of(
              new Response(encoder.response(pair.chosen()), Role.CHOSEN, 1, pair.chosenWeights()),
              new Response(
                  encoder.response(pair.rejected()), Role.REJECTED, 0, pair.rejectedWeights())));
    }
    throw new UserError("dpo needs rows with 'prompt', 'chosen' and 'rejected'.");
  }

  @Override
  public double value(List<Example> batch, List<TokenScores> scores) {
    return scores.stream().mapToDouble(this::pairValue).average().orElse(0);
  }

  private double pairValue(TokenScores scores) {
    return -logSigmoid(beta * (logRatio(scores, 0) - logRatio(scores, 1)));
  }

  /** log pi(y|x) - log pi_ref(y|x). */
  private static double logRatio(TokenScores scores, int response) {
    return scores.logPi(response) - scores.logRef(response);
  }

  static double logSigmoid(double x) {
    return Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
  }

  @Override
  public SDVariable build(LossGraph graph) {
    SDVariable referenceMargin = graph.input(REFERENCE_MARGIN); // log pi_ref(y_w) - log pi_ref(y_l)
    SDVariable logPiChosen = graph.pick(graph.sums(), CHOSEN, referenceMargin); // [p, 1]
    SDVariable logPiRejected = graph.pick(graph.sums(), REJECTED, referenceMargin);
    SDVariable margin = logPiChosen.sub(logPiRejected).sub(referenceMargin);
    SDVariable loss = graph.negativeLogSigmoid(margin.mul(beta)); // Eq. 7
    return loss.mul(graph.input(PAIR_WEIGHTS)).sum();
  }

  @Override
  public void feed(MicroBatch batch, Feed feed) {
    int pairs = batch.examples().size();
    int[] chosen = new int[pairs];
    int[] rejected = new int[pairs];
    float[] margin = new float[pairs];
    float[] weights = new float[pairs];
    for (int p = 0; p < pairs; p++) {
      chosen[p] = 2 * p;
      rejected[p] = 2 * p + 1;
      TokenScores reference = new TokenScores(batch.reference().get(p), null);
      margin[p] = (float) (reference.logPi(0) - reference.logPi(1));
      weights[p] = 1f / batch.stepExamples();
    }
    feed.indices(CHOSEN, chosen);
    feed.indices(REJECTED, rejected);
    feed.matrix(REFERENCE_MARGIN, margin, pairs, 1);
    feed.matrix(PAIR_WEIGHTS, weights, pairs, 1);
  }

  @Override
  public Explanation explain(Example example, TokenScores scores) {
    double chosen = logRatio(scores, 0);
    double rejected = logRatio(scores, 1);
    return Explanation.of(
        "L_DPO = -log sigma(beta * margin)",
        pairValue(scores),
        Explanation.of("beta", beta),
        Explanation.of(
            "margin",
            chosen - rejected,
            ratio("log pi(y_w)/pi_ref(y_w)", scores, 0),
            ratio("log pi(y_l)/pi_ref(y_l)", scores, 1)));
  }

  private static Explanation ratio(String name, TokenScores scores, int response) {
    return Explanation.of(
        name,
        logRatio(scores, response),
        Explanation.of("log pi", scores.logPi(response)),
        Explanation.of("log pi_ref", scores.logRef(response)));
  }

  @Override
  public Map<String, Double> metrics(List<Example> batch, List<TokenScores> scores) {
    double chosen = mean(scores, s -> beta * logRatio(s, 0));
    double rejected = mean(scores, s -> beta * logRatio(s, 1));
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("rewards/chosen", chosen);
    metrics.put("rewards/rejected", rejected);
    metrics.put("rewards/accuracies", mean(scores, s -> logRatio(s, 0) > logRatio(s, 1) ? 1 : 0));
    metrics.put("rewards/margins", chosen - rejected);
    metrics.put("logps/chosen", mean(scores, s -> s.logPi(0)));
    metrics.put("logps/rejected", mean(scores, s -> s.logPi(1)));
    return metrics;
  }

  private static double mean(
      List<TokenScores> scores, java.util.function.ToDoubleFunction<TokenScores> quantity) {
    return scores.stream().mapToDouble(quantity).average().orElse(0);
  }
}
