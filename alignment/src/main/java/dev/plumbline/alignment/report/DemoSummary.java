package dev.plumbline.alignment.report;

import dev.plumbline.alignment.statistics.Interval;
import java.util.ArrayList;
import java.util.List;

/** The result in words, each of them decided by the figures. */
final class DemoSummary {
  /** The usual level, before any correction for several comparisons. */
  private static final double ALPHA = 0.05;

  private DemoSummary() {}

  /** What can be said of a difference. */
  enum Verdict {
    MORE,
    LESS,
    UNDECIDED,
    UNKNOWN
  }

  /**
   * A difference counts as found only where the test and the interval both say so; they rest on
   * different approximations.
   */
  static Verdict accuracy(DemoResult.PairedTest test) {
    return accuracy(test.p(), test.difference());
  }

  /** The same of any paired test. */
  static Verdict accuracy(double p, Interval difference) {
    if (Double.isNaN(p) || !Numbers.known(difference)) {
      return Verdict.UNKNOWN;
    }
    if (p > ALPHA || difference.contains(0)) {
      return Verdict.UNDECIDED;
    }
    return difference.estimate() > 0 ? Verdict.MORE : Verdict.LESS;
  }

  /** Whether the second's interval lies above or below the first's. */
  static Verdict separate(Interval first, Interval second) {
    if (!Numbers.known(first) || !Numbers.known(second)) {
      return Verdict.UNKNOWN;
    }
    return second.low() > first.high()
        ? Verdict.MORE
        : second.high() < first.low() ? Verdict.LESS : Verdict.UNDECIDED;
  }

  /** A verdict as a word for tables. */
  static String word(DemoResult.PairedTest test) {
    return word(accuracy(test));
  }

  /** A verdict on a second against a first. */
  static String word(Verdict verdict) {
    return switch (verdict) {
      case MORE -> "second solves more";
      case LESS -> "first solves more";
      case UNDECIDED -> "undecided";
      case UNKNOWN -> Numbers.NONE;
    };
  }

  /** The paragraph. */
  static String paragraph(DemoResult result) {
    if (result.arms().isEmpty()) {
      return "No model was evaluated, so there is nothing to compare.";
    }
    List<String> sentences = new ArrayList<>();
    List<String> solved = new ArrayList<>();
    for (DemoResult.Arm arm : result.arms()) {
      solved.add(
          arm.name()
              + " solves "
              + arm.correct()
              + " of "
              + arm.questions()
              + " ("
              + Numbers.share(arm.accuracy().estimate())
              + ")");
    }
    sentences.add("Held-out questions: " + join(solved) + ".");
    if (result.tests().isEmpty()) {
      sentences.add(
          result.arms().size() == 1
              ? "There is no other model to compare it with."
              : "There is no paired test, so no difference is claimed.");
    }
    for (DemoResult.PairedTest test : result.tests()) {
      sentences.add(accuracySentence(result, test));
    }
    List<String> figures = new ArrayList<>();
    for (DemoResult.Arm arm : result.arms()) {
      figures.add(arm.name() + " " + Numbers.share(arm.assessment().estimate()));
    }
    sentences.add(
        "Assessment accuracy, how often a right candidate scores above a wrong one to the same question (50\u00a0% is guessing): "
            + join(figures)
            + ".");
    for (DemoResult.PairedTest test : result.tests()) {
      sentences.add(
          assessmentSentence(find(result, test.first()), find(result, test.second()), test));
    }
    if (!result.tests().isEmpty()) {
      sentences.add(
          "These intervals take pairs as independent and so are too narrow: read small differences with care.");
    }
    return Numbers.typeset(String.join(" ", sentences));
  }

  private static String accuracySentence(DemoResult result, DemoResult.PairedTest test) {
    String figures =
        Numbers.points(test.difference().estimate())
            + " points, 95\u00a0% interval "
            + Numbers.points(test.difference().low())
            + " to "
            + Numbers.points(test.difference().high())
            + ", p = "
            + Numbers.p(test.p());
    DemoResult.Arm arm = find(result, test.second());
    return switch (accuracy(test)) {
      case MORE -> test.second() + " solves more than " + test.first() + ": " + figures + ".";
      case LESS -> test.second() + " solves fewer than " + test.first() + ": " + figures + ".";
      case UNDECIDED ->
          "Whether "
              + test.second()
              + " solves more or fewer than "
              + test.first()
              + " is undecided"
              + (arm == null ? "" : " at n = " + arm.questions())
              + ": "
              + figures
              + ".";
      case UNKNOWN ->
          "Nothing can be said about "
              + test.first()
              + " and "
              + test.second()
              + ": their paired test has no result.";
    };
  }

  private static String assessmentSentence(
      DemoResult.Arm first, DemoResult.Arm second, DemoResult.PairedTest test) {
    Verdict verdict =
        first == null || second == null
            ? Verdict.UNKNOWN
            : separate(first.assessment(), second.assessment());
    if (verdict == Verdict.UNKNOWN) {
      return "For " + test.first() + " and " + test.second() + " it is not known.";
    }
    String pair = " for " + second.name() + " than for " + first.name();
    return switch (verdict) {
      case MORE -> "It is higher" + pair + ", with intervals apart.";
      case LESS -> "It is lower" + pair + ", with intervals apart.";
      default ->
          "Whether it is higher or lower"
              + pair
              + " is undecided at "
              + second.assessmentPairs()
              + " pairs: the intervals overlap.";
    };
  }

  private static DemoResult.Arm find(DemoResult result, String name) {
    return result.arms().stream().filter(arm -> arm.name().equals(name)).findFirst().orElse(null);
  }

  /** An enumeration: commas, and an "and" before the last. */
  static String join(List<String> parts) {
    int last = parts.size() - 1;
    return last < 1
        ? String.join("", parts)
        : String.join(", ", parts.subList(0, last)) + " and " + parts.get(last);
  }
}
