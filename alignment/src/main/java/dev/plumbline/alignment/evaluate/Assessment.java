package dev.plumbline.alignment.evaluate;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.Wilson;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Assessment accuracy (AFT paper, section 3): the share of pairs in which a correct candidate has a
 * higher score s, the mean log-probability of its tokens, than a wrong candidate of the same
 * question. A tie counts as a failure.
 *
 * @param won by question, number of (correct, wrong) pairs in which the correct one scores higher
 * @param pairs by question, number of pairs
 * @param positive scores of all correct candidates
 * @param negative scores of all wrong candidates
 */
public record Assessment(int[] won, int[] pairs, double[] positive, double[] negative) {

  /** The assessment of no question. */
  public static final Assessment NONE =
      new Assessment(new int[0], new int[0], new double[0], new double[0]);

  /** Computes the assessment of scored groups. */
  public static Assessment of(List<Example> examples, List<TokenScores> scores) {
    int n = examples.size();
    int[] won = new int[n];
    int[] pairs = new int[n];
    List<Double> positive = new ArrayList<>();
    List<Double> negative = new ArrayList<>();
    for (int q = 0; q < n; q++) {
      TokenScores s = scores.get(q);
      int[] gp = examples.get(q).indices(Role.POSITIVE);
      int[] gn = examples.get(q).indices(Role.NEGATIVE);
      pairs[q] = gp.length * gn.length;
      for (int p : gp) {
        positive.add(s.s(p));
        won[q] += (int) Arrays.stream(gn).filter(i -> s.s(p) > s.s(i)).count();
      }
      for (int i : gn) {
        negative.add(s.s(i));
      }
    }
    return new Assessment(
        won,
        pairs,
        positive.stream().mapToDouble(Double::doubleValue).toArray(),
        negative.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** Number of pairs. */
  public int totalPairs() {
    return Arrays.stream(pairs).sum();
  }

  /** Questions with at least one pair. */
  public int questions() {
    return (int) Arrays.stream(pairs).filter(n -> n > 0).count();
  }

  /**
   * Share of all pairs with Wilson's interval. The interval assumes independent pairs and is too
   * narrow, because pairs of one question are correlated; a study takes questions as the units.
   */
  public Interval micro() {
    return Wilson.interval(Arrays.stream(won).sum(), totalPairs(), 0.95);
  }

  /** Mean share over the questions that have a pair. */
  public double macro() {
    return IntStream.range(0, pairs.length)
        .filter(q -> pairs[q] > 0)
        .mapToDouble(q -> (double) won[q] / pairs[q])
        .average()
        .orElse(Double.NaN);
  }
}
