package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.Study.Comparison;
import dev.plumbline.alignment.report.study.Study.Outcome;
import dev.plumbline.alignment.report.study.Study.Verdict;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Interval;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * How a claim is decided. It names arms and quantities by their ids; {@link Experiment} refuses an
 * id that no part declares before the first step. {@link DecisionRule} holds the thresholds.
 */
public sealed interface Criterion {
  /** The verdict and the figures that it rests on, in a sentence. */
  record Decision(Verdict verdict, String found) {}

  /** Decides by what was measured and tested. */
  Decision decide(Evidence evidence);

  /** What it tests, unless that is a comparison of arms; empty without a test. */
  default Optional<Clustered> difference(Findings findings) {
    return Optional.empty();
  }

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

    Measure measure();

    Verdict verdict(Outcome outcome);

    @Override
    default Optional<Pair> comparison() {
      return Optional.of(new Pair(than(), arm(), measure()));
    }

    @Override
    default Decision decide(Evidence evidence) {
      Comparison c = evidence.comparisons().get(new Pair(than(), arm(), measure()));
      return new Decision(
          verdict(c.tested().outcome()),
          DecisionRule.sentence(c.first(), c.second(), c.measure(), c.tested()));
    }
  }

  /** {@code arm} solves more questions than {@code than}. */
  record SolvesMore(String arm, String than, Measure measure) implements OfArms {
    /** By greedy answers. */
    public SolvesMore(String arm, String than) {
      this(arm, than, Measure.GREEDY);
    }

    @Override
    public Verdict verdict(Outcome outcome) {
      return DecisionRule.more(outcome);
    }
  }

  /** {@code arm} solves fewer questions than {@code than}. */
  record SolvesFewer(String arm, String than, Measure measure) implements OfArms {
    /** By greedy answers. */
    public SolvesFewer(String arm, String than) {
      this(arm, than, Measure.GREEDY);
    }

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

  /** A difference of shares, which is tested, or a correlation is above 0. */
  record AboveZero(String id) implements OfQuantity {
    @Override
    public Verdict verdict(Interval value) {
      return DecisionRule.aboveZero(value);
    }

    @Override
    public Optional<Clustered> difference(Findings findings) {
      return Optional.ofNullable(findings.quantities.get(id))
          .flatMap(Evidence.Quantity::difference);
    }

    @Override
    public Decision decide(Evidence evidence) {
      Study.Tested tested = evidence.tests().get(this);
      if (tested == null) {
        return OfQuantity.super.decide(evidence);
      }
      return new Decision(
          DecisionRule.more(tested.outcome()),
          evidence.quantities().get(id).found() + DecisionRule.rest(tested));
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

  /** One value of a sweep solves more questions than another. */
  sealed interface OfSweep extends Criterion {
    String sweep();

    Evidence.Swept from(List<Evidence.Swept> values);

    Evidence.Swept to(List<Evidence.Swept> values);

    /** Number of pairs that these two were chosen from by their figures. */
    int choices(List<Evidence.Swept> values);

    @Override
    default Optional<String> swept() {
      return Optional.of(sweep());
    }

    @Override
    default Optional<Clustered> difference(Findings findings) {
      List<Evidence.Swept> values = findings.sweeps.get(sweep()).settings();
      return Optional.of(
          StudyStatistics.compare(from(values).seeds(), to(values).seeds(), Measure.GREEDY)
              .chosenFrom(choices(values)));
    }

    @Override
    default Decision decide(Evidence evidence) {
      Evidence.Sweep s = evidence.sweeps().get(sweep());
      Study.Tested tested = evidence.tests().get(this);
      int choices = tested.difference().choices();
      String chosen = choices > 1 ? ", the best and the worst of " + choices + " pairs" : "";
      return new Decision(
          DecisionRule.more(tested.outcome()),
          DecisionRule.sentence(
              s.label() + from(s.settings()).setting(),
              s.label() + to(s.settings()).setting(),
              Measure.GREEDY.label() + chosen,
              tested));
    }
  }

  /** The last value of a sweep solves more questions than the first. */
  record RisesWith(String sweep) implements OfSweep {
    @Override
    public Evidence.Swept from(List<Evidence.Swept> values) {
      return values.get(0);
    }

    @Override
    public Evidence.Swept to(List<Evidence.Swept> values) {
      return values.get(values.size() - 1);
    }

    @Override
    public int choices(List<Evidence.Swept> values) {
      return 1;
    }
  }

  /**
   * The best value of a sweep solves more questions than the worst. Both were chosen by these
   * figures, so the p-value is corrected for every pair of values (Bonferroni).
   */
  record BestAboveWorst(String sweep) implements OfSweep {
    private static final Comparator<Evidence.Swept> BY_ACCURACY =
        Comparator.comparingDouble(v -> StudyStatistics.meanSolved(v.seeds()));

    @Override
    public Evidence.Swept from(List<Evidence.Swept> values) {
      return values.stream().min(BY_ACCURACY).orElseThrow(); // the first of equal ones
    }

    @Override
    public Evidence.Swept to(List<Evidence.Swept> values) {
      return values.stream().max(BY_ACCURACY).orElseThrow();
    }

    @Override
    public int choices(List<Evidence.Swept> values) {
      return values.size() * (values.size() - 1) / 2;
    }
  }

  /** Not tested, for a reason that is known before the run. */
  record LeftOut(String why) implements Criterion {
    @Override
    public Decision decide(Evidence evidence) {
      return new Decision(Verdict.NOT_RUN, why);
    }
  }
}
