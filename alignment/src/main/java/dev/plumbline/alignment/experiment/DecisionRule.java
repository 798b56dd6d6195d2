package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.Study.Outcome;
import dev.plumbline.alignment.report.study.Study.Verdict;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Corrected;
import dev.plumbline.alignment.statistics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The decision rule for comparisons and claims, and its wording. A difference counts when its
 * corrected p is below 0.05. One that does not is smaller than a point when it passes the
 * equivalence test at 5 %, and else undecided. A correlation or a threshold counts when the 95 %
 * interval lies on one side.
 */
public final class DecisionRule {
  public static final double ALPHA = 0.05;

  private static final String UNKNOWN = "unknown, as no question has right and wrong candidates";
  private static final double MANY = 1e6; // questions; a larger number says nothing

  private DecisionRule() {}

  /**
   * Decides all tests of a study, or of a command, together.
   *
   * @param primary indices of the primary ones in their order; see {@link Corrected}
   */
  public static List<Study.Tested> decide(List<Clustered> differences, int[] primary) {
    double[] p = differences.stream().mapToDouble(Clustered::p).toArray();
    Corrected corrected = Corrected.of(p, primary, ALPHA);
    List<Study.Tested> all = new ArrayList<>();
    for (int i = 0; i < p.length; i++) {
      Clustered d = differences.get(i);
      int at = i;
      all.add(
          new Study.Tested(
              d,
              Arrays.stream(primary).anyMatch(own -> own == at),
              corrected.p()[i],
              corrected.levels()[i],
              outcome(corrected.p()[i], d)));
    }
    return all;
  }

  /**
   * What the second side does against the first.
   *
   * @param p corrected for the other tests
   */
  public static Outcome outcome(double p, Clustered difference) {
    if (Double.isNaN(p)) {
      return Outcome.UNKNOWN;
    }
    if (p < ALPHA) {
      return difference.estimate() > 0 ? Outcome.MORE : Outcome.LESS;
    }
    return difference.equivalence(Clustered.POINT) < ALPHA ? Outcome.SMALLER : Outcome.UNDECIDED;
  }

  /** The verdict on "the second is higher". */
  static Verdict more(Outcome outcome) {
    return switch (outcome) {
      case MORE -> Verdict.REPRODUCED;
      case LESS -> Verdict.CONTRADICTED;
      case SMALLER -> Verdict.SMALLER;
      case UNDECIDED -> Verdict.UNDECIDED;
      case UNKNOWN -> Verdict.NOT_RUN;
    };
  }

  /** The verdict on "the second is lower". */
  static Verdict fewer(Outcome outcome) {
    return switch (outcome) {
      case MORE -> Verdict.CONTRADICTED;
      case LESS -> Verdict.REPRODUCED;
      default -> more(outcome);
    };
  }

  /** The verdict on "this correlation is above 0". */
  static Verdict aboveZero(Interval value) {
    return decide(value, value.low() > 0, value.high() < 0);
  }

  /** The verdict on "this share is {@code least} or more". */
  static Verdict atLeast(Interval share, double least) {
    return decide(share, share.low() >= least, share.high() < least);
  }

  /** The verdict on "this share is below {@code limit}". */
  static Verdict below(Interval share, double limit) {
    return decide(share, share.high() < limit, share.low() >= limit);
  }

  private static Verdict decide(Interval value, boolean holds, boolean fails) {
    if (Double.isNaN(value.estimate())) {
      return Verdict.NOT_RUN;
    }
    return holds ? Verdict.REPRODUCED : fails ? Verdict.CONTRADICTED : Verdict.UNDECIDED;
  }

  /** Two sides and their difference in a sentence, with what follows. */
  public static String sentence(String first, String second, String measure, Study.Tested tested) {
    Clustered d = tested.difference();
    if (tested.outcome() == Outcome.UNKNOWN) {
      return second + " against " + first + ": no " + measure + " to compare.";
    }
    return String.format(
        Locale.ROOT,
        "%s against %s: %s of %s; %s.%s",
        second,
        first,
        points(d),
        measure,
        d.seeds() < 2 ? figures(tested) + "; one seed, so this holds for it only" : figures(tested),
        missing(tested));
  }

  /** What is said of a difference after its own sentence. */
  static String rest(Study.Tested tested) {
    return tested.outcome() == Outcome.UNKNOWN
        ? ""
        : " Corrected: " + figures(tested) + "." + missing(tested);
  }

  /** Corrected p and the spread over seeds. */
  private static String figures(Study.Tested tested) {
    Clustered d = tested.difference();
    return "p "
        + Numbers.p(tested.p())
        + (tested.primary() ? " (primary)" : " (Holm)")
        + (d.seeds() < 2
            ? ""
            : String.format(
                Locale.ROOT, "; sd over %d seeds %.1f points", d.seeds(), 100 * d.deviation()));
  }

  /** What it would take to decide an undecided difference. */
  private static String missing(Study.Tested tested) {
    if (tested.outcome() != Outcome.UNDECIDED) {
      return "";
    }
    Clustered d = tested.difference();
    if (tested.primary() && d.p() < tested.level()) {
      return " Its own p is "
          + Numbers.p(d.p())
          + ", but an earlier primary claim is not significant.";
    }
    double differ = d.timesToDiffer(tested.level());
    double bound = d.timesToBound(Clustered.POINT);
    List<String> ways = new ArrayList<>();
    if (differ > 1 && Double.isFinite(differ)) {
      ways.add(questions(differ * d.questions()) + " to tell it from 0");
    }
    if (bound > 1 && Double.isFinite(bound)) {
      ways.add(questions(bound * d.questions()) + " to show that it is below 1 point");
    }
    if (ways.isEmpty()) {
      return d.seeds() < 2
          ? " More questions are needed."
          : " More seeds are needed; more questions alone would not decide it.";
    }
    return " It would take " + String.join(", or ", ways) + ".";
  }

  /** A number of questions in two digits. */
  private static String questions(double n) {
    if (n > MANY) {
      return "over a million questions";
    }
    double unit = Math.pow(10, Math.max(0, Math.floor(Math.log10(n)) - 1));
    return String.format(Locale.ROOT, "about %,.0f questions", Math.ceil(n / unit) * unit);
  }

  /** A difference of shares in points with its bounds. */
  public static String points(Clustered d) {
    Interval i = d.interval();
    return Double.isNaN(i.estimate()) ? UNKNOWN : points(i.estimate()) + bounds(i);
  }

  private static String points(double d) {
    return Numbers.points(d) + " points";
  }

  private static String bounds(Interval d) {
    return Numbers.known(d)
        ? " (" + Numbers.points(d.low()) + " to " + Numbers.points(d.high()) + ")"
        : "";
  }

  /** A share in percent with its bounds. */
  public static String percent(Interval a) {
    return Double.isNaN(a.estimate())
        ? UNKNOWN
        : Numbers.percent(a.estimate())
            + " %"
            + (Numbers.known(a) ? " (" + Numbers.bounds(a) + ")" : "");
  }
}
