package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.report.chart.Figure;
import dev.plumbline.alignment.report.chart.Headline;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Interval;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Collects what the parts of an experiment have measured. */
public final class Findings {
  /**
   * An evaluated arm.
   *
   * @param label its name in comparisons
   * @param seeds one evaluation per seed
   */
  record Measured(String label, List<Evaluation> seeds) {}

  final Map<String, Measured> arms = new LinkedHashMap<>();
  final Map<String, Evidence.Quantity> quantities = new LinkedHashMap<>();
  final Map<String, Evidence.Sweep> sweeps = new LinkedHashMap<>();
  final List<Study.Fact> facts = new ArrayList<>();
  final List<Study.Table> tables = new ArrayList<>();
  final List<Figure> figures = new ArrayList<>();
  final List<Function<Evidence, Headline>> headlines = new ArrayList<>();

  /** An arm, under the id that the part has declared. */
  public void arm(String id, String label, List<Evaluation> seeds) {
    arms.put(id, new Measured(label, seeds));
  }

  /** Arms by the ids that the part has declared, with their figures in a table. */
  public void arms(String caption, Map<String, Trained> trained) {
    trained.forEach((id, arm) -> arm(id, arm.label(), arm.evaluations()));
    table(caption, trained.values());
  }

  /** A quantity that is decided by its interval; {@code found} says the figure in a sentence. */
  public void quantity(String id, Interval value, String found) {
    quantities.put(id, new Evidence.Quantity(value, Optional.empty(), found));
  }

  /** A difference of shares, which is tested; {@code found} says it in a sentence. */
  public void quantity(String id, Clustered difference, String found) {
    quantities.put(
        id, new Evidence.Quantity(difference.interval(), Optional.of(difference), found));
  }

  /** A sweep; {@code label} names the method and the symbol of what is swept. */
  public void sweep(String id, String label, List<Evidence.Swept> settings) {
    sweeps.put(id, new Evidence.Sweep(label, List.copyOf(settings)));
  }

  /** A labelled value for the end of the page. */
  public void fact(String label, String value) {
    facts.add(new Study.Fact(label, value));
  }

  /** A table of arms. */
  public void table(String caption, Collection<Trained> arms) {
    tables.add(new Study.Table(caption, arms.stream().map(Trained::row).toList()));
  }

  /** A figure; the page orders figures by kind. */
  public void figure(Figure figure) {
    figures.add(figure);
  }

  /** What the page opens with, written when everything is decided. */
  public void headline(Function<Evidence, Headline> of) {
    headlines.add(of);
  }
}
