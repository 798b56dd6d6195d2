package dev.plumbline.alignment.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The candidates of one question as plain numbers; each array has one entry a candidate.
 *
 * @param s mean log-probability of the candidate's tokens (AFT spec 1.2)
 * @param logPi sum of the same
 * @param logRef sum under the frozen reference model, or null when there is none
 * @param ratios log pi - log pi_ref of every token, or null when there is no reference
 * @param weights one a token, for the losses that weigh them
 * @param kl sum over the tokens of KL(reference || policy), or null when it is not asked for
 * @param tokens number of tokens
 * @param predicted tokens of prompt and response, the first one not counted, as nothing predicts it
 * @param quality higher is better
 */
public record Candidates(
    double[] s,
    double[] logPi,
    double[] logRef,
    double[][] ratios,
    float[][] weights,
    double[] kl,
    int[] tokens,
    int[] predicted,
    double[] quality) {

  /**
   * Two candidates of different quality.
   *
   * @param better index of one
   * @param worse index of the other
   */
  public record Pair(int better, int worse) {}

  /** The candidates of an example; the reference solution is none of them. */
  public static Candidates of(Example example, TokenScores scores, Feedback feedback) {
    int[] places = example.candidates();
    return new Candidates(
        Arrays.stream(places).mapToDouble(scores::s).toArray(),
        Arrays.stream(places).mapToDouble(scores::logPi).toArray(),
        scores.reference() == null
            ? null
            : Arrays.stream(places).mapToDouble(scores::logRef).toArray(),
        scores.reference() == null
            ? null
            : Arrays.stream(places).mapToObj(scores::ratios).toArray(double[][]::new),
        Arrays.stream(places)
            .mapToObj(i -> example.responses().get(i).scoredWeights())
            .toArray(float[][]::new),
        scores.kl() == null
            ? null
            : Arrays.stream(places).mapToDouble(scores::sequentialKl).toArray(),
        Arrays.stream(places).map(i -> scores.policy().get(i).length).toArray(),
        Arrays.stream(places).map(example::predicted).toArray(),
        quality(example, feedback));
  }

  /** Candidates of one token each, so that mean and sum are the same. */
  public static Candidates of(double[] s, double[] quality) {
    int[] tokens = new int[s.length];
    Arrays.fill(tokens, 1);
    return new Candidates(s, s, null, null, null, null, tokens, tokens, quality);
  }

  /** The quality of each candidate of an example. */
  public static double[] quality(Example example, Feedback feedback) {
    return Arrays.stream(example.candidates())
        .mapToDouble(i -> feedback.quality(example.responses().get(i)))
        .toArray();
  }

  /** log pi(y|x) - log pi_ref(y|x). */
  public double logRatio(int i) {
    return logPi[i] - logRef[i];
  }

  /** The log-ratio with its tokens weighed. */
  public double weighedLogRatio(int i) {
    double sum = 0;
    for (int t = 0; t < ratios[i].length; t++) {
      sum += weights[i][t] * ratios[i][t];
    }
    return sum;
  }

  /** The margin h = a_w - a_l of two log-ratios. */
  public double margin(int w, int l) {
    return logRatio(w) - logRatio(l);
  }

  /** Number of candidates. */
  public int size() {
    return s.length;
  }

  /** All pairs of different quality, in the order of the better and then of the worse one. */
  public List<Pair> pairs() {
    return pairs(quality);
  }

  /** The same from the qualities alone. */
  public static List<Pair> pairs(double[] quality) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < quality.length; i++) {
      for (int j = 0; j < quality.length; j++) {
        if (quality[i] > quality[j]) {
          pairs.add(new Pair(i, j));
        }
      }
    }
    return pairs;
  }

  /**
   * B_j = min over m better than j of s_m, less beta (AFT spec 3.4 and 4); infinite when none is
   * better.
   */
  public double boundary(int j, double beta) {
    double worst = Double.POSITIVE_INFINITY;
    for (int m = 0; m < s.length; m++) {
      if (quality[m] > quality[j]) {
        worst = Math.min(worst, s[m]);
      }
    }
    return worst - beta;
  }
}
