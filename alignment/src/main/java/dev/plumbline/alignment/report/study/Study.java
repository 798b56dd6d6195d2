package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Interval;
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
 * @param comparisons paired comparisons between arms
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
    CONTRADICTED("contradicted"),
    SMALLER("smaller than 1 point"),
    UNDECIDED("undecided"),
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
   * @param primary whether it is one of the few that the study was made for
   * @param verdict decided by figures
   * @param found the figures it was decided by, in a sentence
   */
  public record Claim(
      String claim, String source, String paper, boolean primary, Verdict verdict, String found) {

    /** A claim that is not primary. */
    public Claim(String claim, String source, String paper, Verdict verdict, String found) {
      this(claim, source, paper, false, verdict, found);
    }
  }

  /**
   * Arms that belong together.
   *
   * @param caption what the rows are
   * @param arms the rows
   */
  public record Table(String caption, List<Arm> arms) {
    /** Whether some arm has sampled answers. */
    boolean sampled() {
      return arms.stream().anyMatch(arm -> Double.isFinite(arm.accuracy().sampled().estimate()));
    }

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
   * @param accuracy share of held-out questions that are solved, mean over seeds
   * @param assessment how well the model's scores tell correct from incorrect candidates
   * @param perplexity exp of the mean negative log-probability of held-out reference tokens
   * @param repetition share of greedy answers that repeat a 4-gram more than four times or run into
   *     the token limit
   */
  public record Arm(
      String name,
      String description,
      List<Seed> seeds,
      Accuracy accuracy,
      Assessed assessment,
      double perplexity,
      double repetition) {}

  /**
   * Accuracy with 95 % intervals over questions and seeds.
   *
   * @param greedy of greedy answers
   * @param sampled of answers sampled at temperature 1; NaN where none were drawn
   */
  public record Accuracy(Interval greedy, Interval sampled) {}

  /**
   * Assessment accuracy, 95 % intervals over questions and seeds.
   *
   * @param learned on training questions
   * @param heldOut on held-out questions
   */
  public record Assessed(Interval learned, Interval heldOut) {}

  /**
   * One trained model of an arm.
   *
   * @param accuracy greedy
   * @param sampled accuracy at temperature 1, NaN where nothing was sampled
   * @param trainSeconds wall time of training
   * @param loss of its last step
   */
  public record Seed(
      long seed, double accuracy, double sampled, double trainSeconds, double loss) {}

  /** The outcome of a tested difference: what its second side does against the first. */
  public enum Outcome {
    MORE("second is higher"),
    LESS("first is higher"),
    SMALLER("smaller than 1 point"),
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
   * A tested difference. Rows of tables and verdicts of claims are read from the same one.
   *
   * @param difference second less first, as a share
   * @param primary whether it stands in the fixed sequence of primary tests, not in Holm's family
   * @param p corrected for the other tests of the study
   * @param level what {@code difference.p()} must fall below, given the other tests
   * @param outcome what follows
   */
  public record Tested(
      Clustered difference, boolean primary, double p, double level, Outcome outcome) {}

  /**
   * Two arms on the same held-out questions.
   *
   * @param first name of the baseline
   * @param second name of the other
   * @param measure what they are compared by, such as greedy accuracy
   * @param tested the difference
   */
  public record Comparison(String first, String second, String measure, Tested tested) {}
}
