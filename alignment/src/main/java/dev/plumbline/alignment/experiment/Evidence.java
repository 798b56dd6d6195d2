package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.statistics.Interval;
import java.util.List;
import java.util.Map;

/**
 * What claims are decided by.
 *
 * @param comparisons of arms, Holm-corrected together
 * @param quantities by id
 * @param sweeps by id
 */
public record Evidence(
    Map<Pair, Study.Comparison> comparisons,
    Map<String, Quantity> quantities,
    Map<String, Sweep> sweeps) {

  /**
   * A figure with its interval.
   *
   * @param value NaN where nothing could be measured
   * @param found the figure in a sentence
   */
  public record Quantity(Interval value, String found) {}

  /**
   * Models of a method over a swept setting.
   *
   * @param label name of the method and the symbol of the setting, such as {@code AFT-BC, k = }
   * @param settings in their order
   */
  public record Sweep(String label, List<Swept> settings) {}

  /** A value of a swept setting with its models' evaluations, one per seed. */
  public record Swept(String setting, List<Evaluation> seeds) {}
}
