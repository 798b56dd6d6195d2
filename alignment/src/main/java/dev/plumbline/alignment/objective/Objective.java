package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.batch.TokenLogProbs;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.data.row.TrainingRow;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A training objective. The record's components are its hyperparameters; {@link #value} is the
 * paper's formula on plain numbers; {@link #build} is the same formula as a graph; {@link #explain}
 * shows its factors.
 */
public sealed interface Objective permits Vft, PreferenceObjective, Kto {
  /** The name on the command line. */
  String name();

  /** Whether it compares the policy with a frozen reference model. */
  boolean needsReference();

  /** Whether it compares whole distributions, so that the reference runs in every step. */
  default boolean needsDistribution() {
    return false;
  }

  /**
   * Returns the prompt and those responses of a row that the objective scores.
   *
   * @throws dev.plumbline.data.UserError when the row lacks a field that the objective needs; the
   *     message names it
   */
  Example example(TrainingRow row, RowEncoder encoder);

  /**
   * Returns the examples of a whole file after links between them are added: KTO scores a response
   * to another prompt.
   */
  default List<Example> link(List<Example> examples) {
    return examples;
  }

  /** Returns the value on a batch, as in the paper. */
  double value(List<Example> batch, List<TokenScores> scores);

  /** Builds the same value as a graph: a scalar. */
  SDVariable build(TokenLogProbs graph);

  /** Fills the graph's placeholders for one micro-batch of a step. */
  void feed(MicroBatch batch, Placeholders feed);

  /** Returns the named factors of the value of one example alone. */
  Explanation explain(Example example, TokenScores scores);

  /**
   * Returns the metrics of a step under TRL's names; each is a mean over the examples that have it.
   */
  Map<String, Double> metrics(List<Example> batch, List<TokenScores> scores);

  /**
   * Returns the names of all metrics that a step may have; a step without a pair has no metrics of
   * pairs.
   */
  List<String> metricNames();
}
