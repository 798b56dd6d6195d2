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
 * A training objective in four parts: the record's components are its hyperparameters; {@link
 * #value} is the paper's formula on plain numbers; {@link #build} is the same formula as a graph;
 * {@link #explain} shows its factors.
 */
public sealed interface Objective permits Vft, PreferenceObjective, Kto {
  /** The name on the command line. */
  String name();

  /** Whether it compares with a frozen reference model. */
  boolean needsReference();

  /**
   * Whether it compares whole distributions, so that the reference runs beside the policy in every
   * step.
   */
  default boolean needsDistribution() {
    return false;
  }

  /** The responses of a row that it scores; throws a UserError naming what the row lacks. */
  Example example(TrainingRow row, RowEncoder encoder);

  /**
   * The examples of a whole file, where one needs others: KTO scores a response that belongs to
   * another prompt.
   */
  default List<Example> link(List<Example> examples) {
    return examples;
  }

  /** Value on a batch, as in the paper. */
  double value(List<Example> batch, List<TokenScores> scores);

  /** The same as a graph: a scalar. */
  SDVariable build(TokenLogProbs graph);

  /** The graph's inputs for one micro-batch of a step. */
  void feed(MicroBatch batch, Placeholders feed);

  /** Named factors of the value of one example alone. */
  Explanation explain(Example example, TokenScores scores);

  /** What to log of a step, under TRL's names; means over the examples that have the quantity. */
  Map<String, Double> metrics(List<Example> batch, List<TokenScores> scores);

  /** Names of all metrics that a step may have; one without a pair leaves out those of pairs. */
  List<String> metricNames();
}
