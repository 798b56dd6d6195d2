package dev.plumbline.alignment.batch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The candidates of one question with their log-probabilities, without the reference solution.
 *
 * @param responses in file order
 */
public record Candidates(List<ScoredResponse> responses) {

  /**
   * Two candidates of different quality.
   *
   * @param better index of the better one
   * @param worse index of the worse one
   */
  public record Pair(int better, int worse) {}

  /** Copies the list. */
  public Candidates {
    responses = List.copyOf(responses);
  }

  /** Returns the candidates of an example. */
  public static Candidates of(Example example, TokenScores scores, Feedback feedback) {
    return of(example, scores, null, feedback);
  }

  /**
   * The same, where detached values come from {@code still}, so that they are constant under finite
   * differences in {@code scores}.
   */
  public static Candidates of(
      Example example, TokenScores scores, TokenScores still, Feedback feedback) {
    int[] places = example.candidates();
    double[] quality = quality(example, feedback);
    return new Candidates(
        IntStream.range(0, places.length)
            .mapToObj(
                i ->
                    ScoredResponse.of(
                        example,
                        scores,
                        places[i],
                        quality[i],
                        still == null
                            ? null
                            : ScoredResponse.of(example, still, places[i], quality[i], null)))
            .toList());
  }

  /** Creates candidates of one token each, so that mean and sum are equal. */
  public static Candidates of(double[] s, double[] quality) {
    return new Candidates(
        IntStream.range(0, s.length).mapToObj(i -> ScoredResponse.of(s[i], quality[i])).toList());
  }

  /** The quality of each candidate of an example. */
  public static double[] quality(Example example, Feedback feedback) {
    return Arrays.stream(example.candidates())
        .mapToDouble(i -> feedback.quality(example.responses().get(i)))
        .toArray();
  }

  /** D(y) of every candidate: equal values without gradient. */
  public Candidates detached() {
    return new Candidates(responses.stream().map(ScoredResponse::detached).toList());
  }

  /** Candidate {@code i}. */
  public ScoredResponse get(int i) {
    return responses.get(i);
  }

  /** s of candidate {@code i}. */
  public double s(int i) {
    return get(i).s();
  }

  /** Number of candidates. */
  public int size() {
    return responses.size();
  }

  /** The quality of each candidate. */
  public double[] quality() {
    return responses.stream().mapToDouble(ScoredResponse::quality).toArray();
  }

  /**
   * All pairs of candidates with different quality, sorted by the better and then by the worse
   * index.
   */
  public List<Pair> pairs() {
    return pairs(quality());
  }

  /** The same from qualities alone. */
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
   * B_j = min over m better than j of s_m, minus the margin (AFT, Eq. 9); infinite if none is
   * better.
   */
  public double boundary(int j, double margin) {
    return boundary(get(j), margin);
  }

  /** The boundary of a candidate. */
  public double boundary(ScoredResponse y, double margin) {
    double worst = Double.POSITIVE_INFINITY;
    for (ScoredResponse m : responses) {
      if (m.quality() > y.quality()) {
        worst = Math.min(worst, m.s());
      }
    }
    return worst - margin;
  }
}
