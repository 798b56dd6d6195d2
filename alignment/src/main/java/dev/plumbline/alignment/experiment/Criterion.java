package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.report.study.Study.Comparison;
import dev.plumbline.alignment.report.study.Study.Outcome;
import dev.plumbline.alignment.report.study.Study.Verdict;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.PairedComparison;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How a claim is decided. It names arms and quantities by their ids; {@link Experiment} refuses an
 * id that no part declares before the first step. {@link DecisionRule} holds the thresholds.
 */
public sealed interface Criterion {
  /** The verdict and the figures that it rests on, in a sentence. */
  record Decision(Verdict verdict, String found) {}

  /** Decides by what was measured. */
  Decision decide(Evidence evidence);

  /** The comparison that it reads, if any. */
  default Optional<Pair> comparison() {
    return Optional.empty();
  }

  /** Id of the quantity that it reads, if any. */
  default Optional<String> quantity() {
    return Optional.empty();
  }

  /** Id of the sweep that it reads, if any. */
  default Optional<String> swept() {
    return Optional.empty();
  }

  /** A criterion on a comparison of two arms. */
  sealed interface OfArms extends Criterion {
    String arm();

    String than();

    Verdict verdict(Outcome outcome);

    @Override
    default Optional<Pair> comparison() {
      return Optional.of(new Pair(than(), arm()));
    }

    @Override
    default Decision decide(Evidence evidence) {
      Comparison c = evidence.comparisons().get(new Pair(than(), arm()));
      return new Decision(verdict(c.outcome()), DecisionRule.sentence(c));
    }
  }

  /** {@code arm} solves more questions than {@code than}. */
  record SolvesMore(String arm, String than) implements OfArms {
    @Override
    public Verdict verdict(Outcome outcome) {
      return DecisionRule.more(outcome);
    }
  }

  /** {@code arm} solves fewer questions than {@code than}. */
  record SolvesFewer(String arm, String than) implements OfArms {
    @Override
    public Verdict verdict(Outcome outcome) {
      return DecisionRule.fewer(outcome);
    }
  }

  /** A criterion on a quantity with its interval. */
  sealed interface OfQuantity extends Criterion {
    String id();

    Verdict verdict(Interval value);

    @Override
    default Optional<String> quantity() {
      return Optional.of(id());
    }

    @Override
    default Decision decide(Evidence evidence) {
      Evidence.Quantity q = evidence.quantities().get(id());
      return new Decision(verdict(q.value()), q.found());
    }
  }

  /** A difference or a correlation is above 0. */
  record AboveZero(String id) implements OfQuantity {
    @Override
    public Verdict verdict(Interval value) {
      return DecisionRule.aboveZero(value);
    }
  }

  /** A share is {@code least} or more. */
  record ShareAtLeast(String id, double least) implements OfQuantity {
    @Override
    public Verdict verdict(Interval value) {
      return DecisionRule.atLeast(value, least);
    }
  }

  /** A share is below {@code limit}. */
  record ShareBelow(String id, double limit) implements OfQuantity {
    @Override
    public Verdict verdict(Interval value) {
      return DecisionRule.below(value, limit);
    }
  }

  /** The last value of a sweep solves more questions than the first. */
  record RisesWith(String sweep) implements Criterion {
    @Override
    public Optional<String> swept() {
      return Optional.of(sweep);
    }

    @Override
    public Decision decide(Evidence evidence) {
      Evidence.Sweep s = evidence.sweeps().get(sweep);
      return compare(s, s.settings().get(0), s.settings().get(s.settings().size() - 1), 1);
    }
  }

  /**
   * The best value of a sweep solves more questions than the worst. Both were chosen by these
   * figures, so the p-value is corrected for every pair of values (Bonferroni).
   */
  record BestAboveWorst(String sweep) implements Criterion {
    @Override
    public Optional<String> swept() {
      return Optional.of(sweep);
    }

    @Override
    public Decision decide(Evidence evidence) {
      Evidence.Sweep s = evidence.sweeps().get(sweep);
      Comparator<Evidence.Swept> byAccuracy =
          Comparator.comparingDouble(v -> StudyStatistics.meanSolved(v.seeds()));
      List<Evidence.Swept> values = s.settings();
      Evidence.Swept low = values.stream().min(byAccuracy).orElseThrow(); // the first of equal ones
      Evidence.Swept high = values.stream().max(byAccuracy).orElseThrow();
      return compare(s, low, high, values.size() * (values.size() - 1) / 2);
    }
  }

  /** Not tested, for a reason that is known before the run. */
  record LeftOut(String why) implements Criterion {
    @Override
    public Decision decide(Evidence evidence) {
      return new Decision(Verdict.NOT_RUN, why);
    }
  }

  private static Decision compare(
      Evidence.Sweep sweep, Evidence.Swept from, Evidence.Swept to, int pairs) {
    String first = sweep.label() + from.setting();
    String second = sweep.label() + to.setting();
    PairedComparison c = StudyStatistics.compare(first, from.seeds(), second, to.seeds());
    double corrected = Math.min(1, c.p() * pairs);
    String bonferroni =
        pairs > 1
            ? String.format(Locale.ROOT, ", after Bonferroni over %d pairs %.3g", pairs, corrected)
            : "";
    return new Decision(
        DecisionRule.more(DecisionRule.outcome(corrected, c)),
        String.format(
            Locale.ROOT,
            "%s against %s: %s; b %d, c %d, p %.3g%s.",
            second,
            first,
            DecisionRule.points(c.difference()),
            c.onlyFirst(),
            c.onlySecond(),
            c.p(),
            bonferroni));
  }
}
