package dev.plumbline.alignment.batch;

import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.transformer.graph.LlamaGraph;
import dev.plumbline.transformer.graph.PackedBatch;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ops.impl.controlflow.compat.StopGradient;

/**
 * The log-probabilities of all scored tokens of a batch as a graph, with sums and means by response
 * and a few operations that losses share. m scored tokens, r responses.
 */
public final class TokenLogProbs {
  private static final String MEMBERSHIP =
      "membership"; // [r, m]: 1 if the token belongs to the response
  private static final String INVERSE_LENGTHS = "inverse_lengths"; // [r, 1]

  private final SameDiff sd;
  private final Ops ops;
  private final SDVariable logProbs; // [m, 1]
  private final SDVariable kl; // [m, 1], or null
  private SDVariable sums; // [r, 1]

  /** Uses the log-probabilities of a model. */
  public TokenLogProbs(LlamaGraph model) {
    this(model.ops(), model.logProbs(), model.referenceKl());
  }

  /**
   * Uses any variable of log-probabilities [m]; tests use a placeholder.
   *
   * @param kl KL(reference || policy) of the distribution at each token [m], or null
   */
  public TokenLogProbs(Ops ops, SDVariable logProbs, SDVariable kl) {
    this.ops = ops;
    this.sd = ops.graph();
    this.logProbs = sd.reshape(logProbs, -1, 1);
    this.kl = kl == null ? null : sd.reshape(kl, -1, 1);
  }

  /** Fills the placeholders of this class. */
  public static void feed(PackedBatch batch, Placeholders feed) {
    int r = batch.responses();
    int m = batch.scoredTokens();
    float[] membership = new float[r * m];
    float[] inverse = new float[r];
    for (int i = 0; i < r; i++) {
      for (int t = batch.responseStart(i); t < batch.responseStart(i + 1); t++) {
        membership[i * m + t] = 1f;
      }
      inverse[i] = 1f / batch.responseLength(i);
    }
    feed.matrix(MEMBERSHIP, membership, r, m);
    feed.matrix(INVERSE_LENGTHS, inverse, r, 1);
  }

  /** Log-probability of every scored token [m, 1]. */
  public SDVariable tokens() {
    return logProbs;
  }

  /** Sum over the tokens of each response [r, 1] of KL(reference || policy). */
  public SDVariable sequentialKl() {
    return sumByResponse(kl);
  }

  /** Sum over the tokens of each response [r, 1]: log pi(y|x). */
  public SDVariable sums() {
    if (sums == null) {
      sums = sumByResponse(logProbs);
    }
    return sums;
  }

  /** Sums a column of tokens [m, 1] over the tokens of each response [r, 1]. */
  public SDVariable sumByResponse(SDVariable tokens) {
    return input(MEMBERSHIP).mmul(tokens);
  }

  /** Mean over the tokens of each response [r, 1]: the AFT paper's score s. */
  public SDVariable means() {
    return perToken(sums());
  }

  /** Divides a column [r, 1] by the number of tokens of each response. */
  public SDVariable perToken(SDVariable column) {
    return column.mul(input(INVERSE_LENGTHS));
  }

  /** A matrix placeholder [?, ?] of float32. */
  public SDVariable input(String name) {
    return sd.hasVariable(name)
        ? sd.getVariable(name)
        : sd.placeHolder(name, DataType.FLOAT, -1, -1);
  }

  /** Gathers entries of a column [r, 1] by an index placeholder, in the shape of {@code like}. */
  public SDVariable pick(SDVariable column, String indices, SDVariable like) {
    SDVariable ids =
        sd.hasVariable(indices)
            ? sd.getVariable(indices)
            : sd.placeHolder(indices, DataType.INT32, -1);
    return sd.reshape(ops.rows(column, ids), sd.shape(like));
  }

  /** D(x): the value without the gradient. */
  public SDVariable detach(SDVariable x) {
    return new StopGradient(sd, x).outputVariable();
  }

  /** {@code sum_t log P(y_t) / |y|^a} of each response [r, 1]. */
  public SDVariable penalised(double a) {
    return a == 1 ? means() : sums().mul(sd.math().pow(input(INVERSE_LENGTHS), a));
  }

  /** {@code max(0, x)} of each entry; the gradient at 0 is 0. */
  public SDVariable positivePart(SDVariable x) {
    return sd.nn().relu(x, 0);
  }

  /** {@code log(1 + sum_e mask exp(x))} of each row: [q, e] to [q, 1]. */
  public SDVariable logOnePlusSumExp(SDVariable x, SDVariable mask) {
    return logSumExp(0, x, mask);
  }

  /**
   * {@code log(exp(c) + sum_e mask exp(x))} of each row: [q, e] to [q, 1]. The largest exponent is
   * factored out; its gradient cancels, so that it is detached. Masked entries are set to c first,
   * because they may be too large for exp.
   */
  public SDVariable logSumExp(double c, SDVariable x, SDVariable mask) {
    SDVariable above = x.sub(c).mul(mask); // above c; 0 if masked
    SDVariable largest = detach(positivePart(sd.max(above, true, 1))); // [q, 1]
    SDVariable sum = logOnePlus(sd.math().exp(above.sub(largest)).mul(mask).sum(true, 1), largest);
    return c == 0 ? sum : sum.add(c);
  }

  /**
   * {@code -log sigma(x) = log(1 + exp(-x))} of each entry. SameDiff's logSigmoid overflows below
   * -88.
   */
  public SDVariable negativeLogSigmoid(SDVariable x) {
    SDVariable largest = detach(positivePart(x.neg()));
    return logOnePlus(sd.math().exp(x.neg().sub(largest)), largest);
  }

  /**
   * {@code log(exp(-largest) + scaled) + largest}, where {@code scaled} is a sum already divided by
   * exp(largest).
   */
  private SDVariable logOnePlus(SDVariable scaled, SDVariable largest) {
    return sd.math().log(scaled.add(sd.math().exp(largest.neg()))).add(largest);
  }

  /** The SameDiff graph. */
  public SameDiff sd() {
    return sd;
  }
}
