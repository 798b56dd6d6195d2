package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.ScoredResponse;
import dev.plumbline.alignment.batch.TokenLogProbs;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Token-weighted DPO as the critical-tokens authors' code computes it (Lin et al. 2024, arXiv
 * 2411.19943; C), in place of {@link CriticalDpo}'s formula: no sum inside the sigmoid. Both
 * sequences begin with the prompt and are padded on the right to one length (the data collator of
 * TRL 0.9.6), and the loss is a mean over positions: the tokens of the two responses are compared
 * at equal distance from their start, regardless of content, and the tail of the longer one with
 * padding.
 *
 * <pre>
 *   L = 1/T sum_{j=1..T} - log sigma( beta [ c_j r_j(y_w) - (1 - s_j) r_j(y_l) ] )     {@code critical-dpo-elementwise}
 * </pre>
 *
 * <p>Positions of prompt and padding have r = 0 and give log 2.
 *
 * <p>Deviation: the code takes the T of the batch's longest sequence; here it is that of the pair,
 * so that a row's value does not depend on the other rows of the batch.
 *
 * <p>Three things follow that the paper's form does not have: a long prompt weakens the gradient,
 * every token saturates on its own, and a response of few tokens is pushed as hard at each of them
 * as a long one.
 *
 * @param beta how strongly the policy is held to the reference; default {@link Dpo#DEFAULT_BETA}
 */
public record CriticalDpoElementwise(double beta) implements ImplicitRewardLoss {
  private static final String CHOSEN = "position_chosen"; // [q * e * k] token of y_w
  private static final String REJECTED = "position_rejected"; // [q * e * k] token of y_l
  private static final String CHOSEN_MASK = "position_chosen_mask"; // [q * e, k]: 1 for a token
  private static final String REJECTED_MASK = "position_rejected_mask"; // [q * e, k]
  private static final String INVERSE = "position_inverse"; // [q * e, 1]: 1 / T

  private static final double LOG_2 = Math.log(2);

  /** Checks the range. */
  public CriticalDpoElementwise {
    Hyperparameter.BETA.check(beta);
  }

  @Override
  public String name() {
    return "critical-dpo-elementwise";
  }

  @Override
  public double pair(ScoredResponse w, ScoredResponse l) {
    int positions = positions(w, l); // T
    int used = Math.max(w.tokens(), l.tokens());
    double sum = (positions - used) * LOG_2;
    for (int j = 0; j < used; j++) {
      sum -= PairLoss.logSigmoid(beta * (at(w, j) - at(l, j)));
    }
    return sum / positions;
  }

  private static int positions(ScoredResponse w, ScoredResponse l) {
    return Math.max(w.length().predicted(), l.length().predicted());
  }

  /** The weighted log-ratio of token j of a response, from 0; 0 after its last. */
  private static double at(ScoredResponse y, int j) {
    return j >= y.tokens() ? 0 : y.tokenRatios().weights()[j] * y.tokenRatios().ratios()[j];
  }

  @Override
  public SDVariable pair(PairBatch batch) {
    TokenLogProbs logProbs = batch.logProbs();
    SDVariable ratios = batch.weightedRatios(); // [m, 1]
    SDVariable chosenMask = logProbs.input(CHOSEN_MASK);
    SDVariable rejectedMask = logProbs.input(REJECTED_MASK);
    SDVariable x =
        logProbs
            .pick(ratios, CHOSEN, chosenMask)
            .mul(chosenMask)
            .sub(logProbs.pick(ratios, REJECTED, rejectedMask).mul(rejectedMask)); // [q * e, k]
    SDVariable above = logProbs.negativeLogSigmoid(x.mul(beta)).sub(LOG_2).sum(true, 1);
    SDVariable perPair = above.mul(logProbs.input(INVERSE)).add(LOG_2); // [q * e, 1]
    return logProbs.sd().reshape(perPair, logProbs.sd().shape(batch.mask()));
  }

  @Override
  public void feed(MicroBatch batch, Placeholders feed) {
    List<int[]> pairs = new ArrayList<>(); // of the batch: example, better, worse, or null
    int longest = 2; // ND4J fails on a reduction over a dimension of size 1
    List<List<Candidates.Pair>> own = new ArrayList<>();
    for (Example example : batch.examples()) {
      own.add(Candidates.pairs(Candidates.quality(example, feedback())));
      for (Response response : example.responses()) {
        longest = Math.max(longest, response.scoredTokens());
      }
    }
    int e = PairBatch.longest(own);
    for (int q = 0; q < own.size(); q++) {
      int[] places = batch.examples().get(q).candidates();
      for (int p = 0; p < e; p++) {
        boolean none = p >= own.get(q).size();
        pairs.add(
            none
                ? null
                : new int[] {
                  q, places[own.get(q).get(p).better()], places[own.get(q).get(p).worse()]
                });
      }
    }
    int[][] starts = starts(batch);
    float[] inverse = new float[pairs.size()];
    for (int p = 0; p < inverse.length; p++) {
      int[] pair = pairs.get(p);
      if (pair != null) {
        Example example = batch.examples().get(pair[0]);
        inverse[p] = 1f / Math.max(example.predicted(pair[1]), example.predicted(pair[2]));
      }
    }
    feed.matrix(INVERSE, inverse, inverse.length, 1);
    side(batch, feed, pairs, starts, 1, longest, CHOSEN, CHOSEN_MASK);
    side(batch, feed, pairs, starts, 2, longest, REJECTED, REJECTED_MASK);
  }

  /** The number of the first token of every response of every example in the batch. */
  private static int[][] starts(MicroBatch batch) {
    int[][] starts = new int[batch.examples().size()][];
    int token = 0;
    for (int q = 0; q < starts.length; q++) {
      List<Response> responses = batch.examples().get(q).responses();
      starts[q] = new int[responses.size()];
      for (int i = 0; i < starts[q].length; i++) {
        starts[q][i] = token;
        token += responses.get(i).scoredTokens();
      }
    }
    return starts;
  }

  private static void side(
      MicroBatch batch,
      Placeholders feed,
      List<int[]> pairs,
      int[][] starts,
      int side,
      int longest,
      String indices,
      String mask) {
    int[] tokens = new int[pairs.size() * longest];
    float[] real = new float[tokens.length];
    for (int p = 0; p < pairs.size(); p++) {
      int[] pair = pairs.get(p);
      if (pair != null) {
        int length = batch.examples().get(pair[0]).responses().get(pair[side]).scoredTokens();
        for (int j = 0; j < length; j++) {
          tokens[p * longest + j] = starts[pair[0]][pair[side]] + j;
          real[p * longest + j] = 1f;
        }
      }
    }
    feed.indices(indices, tokens);
    feed.matrix(mask, real, pairs.size(), longest);
  }

  @Override
  public List<Explanation> factors(ScoredResponse w, ScoredResponse l) {
    int used = Math.max(w.tokens(), l.tokens());
    List<Explanation> factors = new ArrayList<>();
    factors.add(Explanation.of("T, number of positions", positions(w, l)));
    factors.add(Explanation.of("beta", beta));
    for (int j = 0; j < used; j++) {
      factors.add(
          Explanation.of(
              "token " + j + " of the responses",
              -PairLoss.logSigmoid(beta * (at(w, j) - at(l, j))),
              Explanation.of("c r of y_w", at(w, j)),
              Explanation.of("(1 - s) r of y_l", at(l, j))));
    }
    return factors;
  }
}
