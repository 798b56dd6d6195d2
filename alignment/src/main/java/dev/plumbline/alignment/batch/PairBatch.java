package dev.plumbline.alignment.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * The pairs of candidates of a batch as a graph: q questions, e pairs per question (the maximum in
 * the batch; the others are masked), r responses.
 */
public final class PairBatch {
  private static final String BETTER = "pair_better"; // [q * e] index of the pair's better one
  private static final String WORSE = "pair_worse"; // [q * e] index of its worse one
  private static final String PAIRS = "pairs"; // [q, e]: 1 for a pair, 0 for padding
  private static final String PAIR_WEIGHTS = "pair_weights"; // [q, e]: 1 / pairs of the question
  private static final String REFERENCE = "reference_sums"; // [r, 1]: log pi_ref(y|x)
  private static final String TOKEN_WEIGHTS = "token_weights"; // [m, 1], for token-weighted losses
  private static final String TOKEN_REFERENCE = "reference_tokens"; // [m, 1]: log pi_ref
  private static final String BETTER_SETS =
      "better_sets"; // [r * g] indices of the responses better than a response
  private static final String BETTER_GAP =
      "better_gap"; // [r, g]: 0 for a better response, 1e9 for padding

  private final TokenLogProbs logProbs;
  private final SDVariable s;
  private final boolean detachesWorse;

  /** Creates the pairs on the log-probabilities of a batch. */
  public PairBatch(TokenLogProbs logProbs) {
    this(logProbs, logProbs.means(), false);
  }

  private PairBatch(TokenLogProbs logProbs, SDVariable s, boolean detachesWorse) {
    this.logProbs = logProbs;
    this.s = s;
    this.detachesWorse = detachesWorse;
  }

  /** The same pairs without a gradient through the worse candidates: AFT's detached constraint. */
  public PairBatch detachingWorse() {
    return new PairBatch(logProbs, s, true);
  }

  /** The log-probabilities of the batch. */
  public TokenLogProbs logProbs() {
    return logProbs;
  }

  /**
   * A column [r, 1] for the worse candidates of pairs, detached if {@link #detachingWorse} applies.
   */
  public SDVariable asWorse(SDVariable column) {
    return detachesWorse ? logProbs.detach(column) : column;
  }

  /** s, the mean log-probability of every response [r, 1]. */
  public SDVariable s() {
    return s;
  }

  /** 1 for a pair, 0 for padding [q, e]. */
  public SDVariable mask() {
    return logProbs.input(PAIRS);
  }

  /** The entry of a column [r, 1] for the better candidate of each pair [q, e]. */
  public SDVariable better(SDVariable column) {
    return logProbs.pick(column, BETTER, mask());
  }

  /** The entry of a column [r, 1] for the worse candidate of each pair [q, e]. */
  public SDVariable worse(SDVariable column) {
    return logProbs.pick(asWorse(column), WORSE, mask());
  }

  /** a = log pi(y|x) - log pi_ref(y|x) of every response [r, 1]. */
  public SDVariable logRatio() {
    return logProbs.sums().sub(logProbs.input(REFERENCE));
  }

  /** w (log pi - log pi_ref) of every token [m, 1]. */
  public SDVariable weightedRatios() {
    return logProbs
        .tokens()
        .sub(logProbs.input(TOKEN_REFERENCE))
        .mul(logProbs.input(TOKEN_WEIGHTS));
  }

  /** The margin h = a_w - a_l of the log-ratios, by pair [q, e]. */
  public SDVariable margin() {
    return difference(logRatio());
  }

  /** A column [r, 1] at the better minus the worse candidate of each pair [q, e]. */
  public SDVariable difference(SDVariable column) {
    return better(column).sub(worse(column));
  }

  /** B_j = min over m better than j of s_m, minus beta [r, 1]; large if none is better. */
  public SDVariable boundary(double beta) {
    SDVariable gap = logProbs.input(BETTER_GAP); // [r, g]
    return logProbs.sd().min(logProbs.pick(s, BETTER_SETS, gap).add(gap), true, 1).sub(beta);
  }

  /** Sum over the pairs of each question: [q, e] to [q, 1]. */
  public SDVariable sumOfPairs(SDVariable perPair) {
    return perPair.mul(mask()).sum(true, 1);
  }

  /** Mean over the pairs of each question: [q, e] to [q, 1]; 0 without a pair. */
  public SDVariable meanOfPairs(SDVariable perPair) {
    return sumOfPairs(perPair.mul(logProbs.input(PAIR_WEIGHTS)));
  }

  /** Fills the placeholders of this class. */
  public static void feed(MicroBatch batch, Feedback feedback, Placeholders feed) {
    List<List<Candidates.Pair>> pairs =
        batch.examples().stream()
            .map(example -> Candidates.pairs(Candidates.quality(example, feedback)))
            .toList();
    int q = pairs.size();
    int e = longest(pairs);
    int[] better = new int[q * e];
    int[] worse = new int[q * e];
    float[] mask = new float[q * e];
    float[] weights = new float[q * e];
    each(
        batch,
        (i, offset) -> {
          int[] places = batch.examples().get(i).candidates();
          for (int p = 0; p < pairs.get(i).size(); p++) {
            better[i * e + p] = offset + places[pairs.get(i).get(p).better()];
            worse[i * e + p] = offset + places[pairs.get(i).get(p).worse()];
            mask[i * e + p] = 1f;
            weights[i * e + p] = 1f / pairs.get(i).size();
          }
        });
    feed.indices(BETTER, better);
    feed.indices(WORSE, worse);
    feed.matrix(PAIRS, mask, q, e);
    feed.matrix(PAIR_WEIGHTS, weights, q, e);
    if (batch.reference() != null) {
      reference(batch, feed);
    }
    betterSets(batch, feedback, feed);
  }

  private static void reference(MicroBatch batch, Placeholders feed) {
    List<Float> sums = new ArrayList<>();
    float[] tokens = new float[feed.scoredTokens()];
    float[] weights = new float[feed.scoredTokens()];
    int at = 0;
    for (int q = 0; q < batch.examples().size(); q++) {
      TokenScores reference = new TokenScores(batch.reference().get(q), null);
      for (int i = 0; i < reference.policy().size(); i++) {
        sums.add((float) reference.logPi(i));
        float[] own = batch.examples().get(q).responses().get(i).scoredWeights();
        System.arraycopy(own, 0, weights, at, own.length);
        System.arraycopy(reference.policy().get(i), 0, tokens, at, own.length);
        at += own.length;
      }
    }
    float[] column = new float[sums.size()];
    for (int i = 0; i < column.length; i++) {
      column[i] = sums.get(i);
    }
    feed.matrix(REFERENCE, column, column.length, 1);
    feed.matrix(TOKEN_REFERENCE, tokens, tokens.length, 1);
    feed.matrix(TOKEN_WEIGHTS, weights, weights.length, 1);
  }

  private static void betterSets(MicroBatch batch, Feedback feedback, Placeholders feed) {
    int r = batch.examples().stream().mapToInt(x -> x.responses().size()).sum();
    int g = 2; // ND4J fails on a reduction over a dimension of size 1
    for (Example example : batch.examples()) {
      g = Math.max(g, example.candidates().length - 1);
    }
    int[] sets = new int[r * g];
    float[] gap = new float[r * g];
    int width = g;
    each(
        batch,
        (i, offset) -> {
          int[] places = batch.examples().get(i).candidates();
          double[] quality = Candidates.quality(batch.examples().get(i), feedback);
          for (int j = 0; j < places.length; j++) {
            int row = (offset + places[j]) * width;
            int n = 0;
            for (int m = 0; m < places.length; m++) {
              if (quality[m] > quality[j]) {
                sets[row + n++] = offset + places[m];
              }
            }
            for (; n > 0 && n < width; n++) {
              gap[row + n] = 1e9f;
            }
          }
        });
    feed.indices(BETTER_SETS, sets);
    feed.matrix(BETTER_GAP, gap, r, g);
  }

  /**
   * The maximum length of the lists, at least 2: ND4J fails on a reduction over a dimension of size
   * 1.
   */
  public static int longest(List<? extends List<?>> lists) {
    return Math.max(2, lists.stream().mapToInt(List::size).max().orElse(0));
  }

  /**
   * Calls {@code question} with the index of each example and the index of its first response in
   * the batch.
   */
  public static void each(MicroBatch batch, BiConsumer<Integer, Integer> question) {
    int offset = 0;
    for (int i = 0; i < batch.examples().size(); i++) {
      question.accept(i, offset);
      offset += batch.examples().get(i).responses().size();
    }
  }
}
