package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.TokenLogProbs;
import dev.plumbline.alignment.batch.TokenScores;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The likelihood term that is added to a preference loss: {@code weight * L} with
 *
 * <pre>
 *   L = - sum_examples w sum_t log P(y_t | y_&lt;t, x)      y the target of the example
 * </pre>
 *
 * @param weight weight of the term; 0 leaves it out
 * @param target which response of a question is trained
 * @param reduction the weight w of the target's tokens
 */
public record Likelihood(double weight, Target target, Reduction reduction) {
  /** No likelihood term. */
  public static final Likelihood NONE = new Likelihood(0, Target.REFERENCE, Reduction.TOKEN_MEAN);

  private static final String WEIGHTS = "likelihood_weights"; // [m, 1]: w on the target's tokens

  /** Which response is trained. */
  public enum Target {
    /** The human solution: L_VFT of the AFT paper. */
    REFERENCE,
    /**
     * The candidate with the highest reward, the first one in case of ties: RRHF's and PRO's L_sft,
     * RPO.
     */
    BEST
  }

  /** The weight w of a target's tokens. */
  public enum Reduction {
    /** 1 / (target tokens of the step). The default (I). */
    TOKEN_MEAN,
    /** 1 / (questions of the step): the mean of sums, as the AFT paper writes L_VFT. */
    SUM,
    /**
     * 1 / (questions * longest row): RRHF's code takes the mean over a row that is padded to the
     * question's longest one (C).
     */
    PADDED_ROW_MEAN,
    /** (n - 1)^2 / questions for n candidates: PRO's code (C). */
    PRO_SUM
  }

  /** Checks the weight. */
  public Likelihood {
    Hyperparameter.VFT_WEIGHT.check(weight);
  }

  /** Returns L_VFT of the AFT paper with a weight. */
  public static Likelihood ofReference(double weight) {
    return new Likelihood(weight, Target.REFERENCE, Reduction.TOKEN_MEAN);
  }

  /** Whether the term is used. */
  boolean present() {
    return weight != 0;
  }

  /** Whether the target's weight depends on the other responses of its question. */
  boolean dependsOnCandidates() {
    return reduction == Reduction.PADDED_ROW_MEAN || reduction == Reduction.PRO_SUM;
  }

  private double tokenWeight(Example example, int stepExamples, int stepTargetTokens) {
    return switch (reduction) {
      case TOKEN_MEAN -> 1.0 / stepTargetTokens;
      case SUM -> 1.0 / stepExamples;
      case PADDED_ROW_MEAN -> 1.0 / stepExamples / (example.longestTokens() - 1);
      case PRO_SUM -> Math.pow(example.candidates().length - 1.0, 2) / stepExamples;
    };
  }

  /** Returns L without its weight. */
  double value(List<Example> batch, List<TokenScores> scores) {
    int tokens = MicroBatch.targetTokens(batch);
    double sum = 0;
    for (int q = 0; q < batch.size(); q++) {
      Example example = batch.get(q);
      if (example.target() >= 0) {
        sum -= tokenWeight(example, batch.size(), tokens) * scores.get(q).logPi(example.target());
      }
    }
    return sum;
  }

  /** Builds L as a graph. */
  SDVariable build(TokenLogProbs graph) {
    return graph.tokens().mul(graph.input(WEIGHTS)).sum().neg();
  }

  /** Fills the graph's placeholders. */
  void feed(MicroBatch batch, Placeholders feed) {
    int m = feed.scoredTokens();
    float[] weights = new float[m];
    int at = 0;
    for (Example example : batch.examples()) {
      for (int i = 0; i < example.responses().size(); i++) {
        float weight =
            i == example.target()
                ? (float) tokenWeight(example, batch.stepExamples(), batch.stepTargetTokens())
                : 0f;
        for (int t = 0; t < example.responses().get(i).scoredTokens(); t++) {
          weights[at++] = weight;
        }
      }
    }
    feed.matrix(WEIGHTS, weights, m, 1);
  }

  /** Explains L for one example alone. */
  Explanation explain(Example example, TokenScores scores) {
    if (example.target() < 0) {
      return Explanation.of("L_VFT (no target)", 0);
    }
    return Explanation.of(
        "L_VFT = - w sum_t log P(y_t)",
        value(List.of(example), List.of(scores)),
        Explanation.of("sum_t log P(y_t)", scores.logPi(example.target())),
        Explanation.of("w", tokenWeight(example, 1, example.targetTokens())));
  }
}
