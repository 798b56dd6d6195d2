package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.PairedComparison;
import java.util.Arrays;
import java.util.List;

/**
 * The result of an experiment: everything that its page shows. Shares are from 0 to 1.
 *
 * @param title heading of the page
 * @param note what a reader must know first, such as that the model is tiny and its problems
 *     generated
 * @param facts label and value of everything needed to judge or repeat it
 * @param claims the paper's claims with their verdicts
 * @param tables arms in groups, such as binary and ranking feedback
 * @param comparisons paired comparisons between arms, Holm-corrected together
 * @param figures charts, tables of other figures, cases and coloured texts
 */
public record Study(
    String title,
    String note,
    List<Fact> facts,
    List<Claim> claims,
    List<Table> tables,
    List<Comparison> comparisons,
    Figures figures) {

  /** A labelled value. */
  public record Fact(String label, String value) {}

  /** The verdict on a claim. */
  public enum Verdict {
    REPRODUCED("reproduced"),
    NOT_REPRODUCED("not reproduced"),
    UNDECIDED("undecided at this n"),
    NOT_RUN("not run");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    /** As the page says it. */
    public String words() {
      return words;
    }
  }

  /**
   * A claim of the paper with its verdict.
   *
   * @param claim in a sentence
   * @param source where the paper says it
   * @param paper the paper's figures, or empty
   * @param verdict decided by figures
   * @param found the figures it was decided by, in a sentence
   */
  public record Claim(String claim, String source, String paper, Verdict verdict, String found) {}

  /**
   * Arms that belong together.
   *
   * @param caption what the rows are
   * @param arms the rows
   */
  public record Table(String caption, List<Arm> arms) {
    /** The columns of assessment accuracy in which some arm has a value. */
    List<Assessment> assessed() {
      return Arrays.stream(Assessment.values())
          .filter(
              column -> arms.stream().anyMatch(arm -> Double.isFinite(column.of(arm).estimate())))
          .toList();
    }
  }

  /** The two columns of assessment accuracy. */
  enum Assessment {
    LEARNED("learned"),
    HELD_OUT("held-out");

    private final String words;

    Assessment(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }

    Interval of(Arm arm) {
      return this == LEARNED ? arm.assessment().learned() : arm.assessment().heldOut();
    }
  }

  /**
   * A method, with figures over all its seeds.
   *
   * @param name such as {@code AFT-BC}
   * @param description how it was trained
   * @param seeds one entry per seed
   * @param accuracy mean over seeds of the share of held-out questions that the greedy answer
   *     solves; 95 % bootstrap over questions
   * @param assessment how well the model's scores tell correct from incorrect candidates
   * @param perplexity exp of the mean negative log-probability of held-out reference tokens
   * @param repetition share of greedy answers that repeat a 4-gram more than four times or run into
   *     the token limit
   */
  public record Arm(
      String name,
      String description,
      List<Seed> seeds,
      Interval accuracy,
      Assessed assessment,
      double perplexity,
      double repetition) {}

  /**
   * Assessment accuracy, 95 % bootstrap over questions.
   *
   * @param learned on training questions
   * @param heldOut on held-out questions
   */
  public record Assessed(Interval learned, Interval heldOut) {}

  /** One trained model of an arm: its greedy accuracy, its training time and final loss. */
  public record Seed(long seed, double accuracy, double trainSeconds, double loss) {}

  /** The outcome of a comparison: what its second arm does against the first. */
  public enum Outcome {
    MORE("second solves more"),
    LESS("first solves more"),
    UNDECIDED("undecided"),
    UNKNOWN("n/a");

    private final String words;

    Outcome(String words) {
      this.words = words;
    }

    /** As the tables say it. */
    public String words() {
      return words;
    }
  }

  /**
   * Two arms on the same held-out questions.
   *
   * @param first name of the baseline
   * @param second name of the other
   * @param paired b, c, McNemar's p and the difference of accuracies, mean over seeds
   * @param holm p after Holm's correction over all comparisons of the study
   * @param outcome what follows from them
   */
  public record Comparison(
      String first, String second, PairedComparison paired, double holm, Outcome outcome) {}
}
