package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.Placeholders;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * What a paper's loss says of the candidates of one question, in the same four parts as an
 * objective: the record's components are its hyperparameters, then {@link #value}, {@link #build}
 * with {@link #feed}, and {@link #explain}. {@link PreferenceObjective} makes an objective of it.
 */
public sealed interface PreferenceLoss permits Aft, Rrhf, Pro, PairLoss {
  /** The name on the command line. */
  String name();

  /** Whether it looks at the whole distribution of the reference at every token. */
  default boolean needsDistribution() {
    return false;
  }

  /** What tells a better candidate from a worse one. */
  Feedback feedback();

  /** Whether it compares with a frozen reference model. */
  default boolean needsReference() {
    return false;
  }

  /**
   * The paper's formula on one question.
   *
   * @param c the candidates
   * @param d the same candidates where the formula stops the gradient: D(x) is read from here.
   *     Value and formula are those of {@code d == c}; the gradient is that of {@code c} with
   *     {@code d} held still
   */
  double value(Candidates c, Candidates d);

  /** The same as a graph: one entry a question [q, 1]. */
  SDVariable build(PairBatch graph);

  /** Whether it looks at the first step of each response only. */
  default boolean firstStepOnly() {
    return false;
  }

  /** Inputs of the graph beyond those of {@link PairBatch}. */
  default void feed(MicroBatch batch, Placeholders feed) {}

  /** Named factors of the value. */
  Explanation explain(Candidates c);

  /** What the policy is rewarded by: whose order training watches. */
  default double reward(Candidates c, int candidate) {
    return c.s()[candidate];
  }

  /**
   * How far below the worst better candidate the boundary lies that training watches; a loss
   * without one takes that of {@link Aft}.
   */
  default double beta() {
    return Aft.DEFAULT_BETA;
  }
}
