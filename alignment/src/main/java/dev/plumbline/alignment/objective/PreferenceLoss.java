package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.ScoredResponse;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A paper's loss on the candidates of one question, in the same four parts as an objective: the
 * record's components are its hyperparameters, then {@link #value}, {@link #build} with {@link
 * #feed}, and {@link #explain}. {@link PreferenceObjective} makes an objective of it.
 */
public sealed interface PreferenceLoss permits Aft, Pro, PairLoss, Constrained {
  /** The name on the command line. */
  String name();

  /** Whether it needs the whole distribution of the reference at every token. */
  default boolean needsDistribution() {
    return false;
  }

  /** What tells a better candidate from a worse one. */
  Feedback feedback();

  /** Whether it compares with a frozen reference model. */
  default boolean needsReference() {
    return false;
  }

  /** The paper's formula on one question. */
  double value(Candidates c);

  /** The same as a graph: one entry per question [q, 1]. */
  SDVariable build(PairBatch batch);

  /** Whether it compares the first step of each response only. */
  default boolean firstStepOnly() {
    return false;
  }

  /** Placeholders of the graph beyond those of {@link PairBatch}. */
  default void feed(MicroBatch batch, Placeholders placeholders) {}

  /** Named factors of the value. */
  Explanation explain(Candidates c);

  /** Implicit reward of a candidate; training logs its chosen/rejected margin. */
  default double reward(ScoredResponse y) {
    return y.s();
  }

  /** Margin used for the metric {@code scores/rejected_above_boundary}; defaults to AFT's. */
  default double boundaryMargin() {
    return Aft.DEFAULT_BOUNDARY_MARGIN;
  }
}
