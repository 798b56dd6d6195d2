package dev.plumbline.alignment.report;

import dev.plumbline.alignment.statistics.Interval;
import java.util.List;

/**
 * What a reproduction of a paper found: everything that its page shows. Shares are from 0 to 1.
 *
 * @param title heading of the page
 * @param note what a reader must know first, such as that the model is tiny and its problems
 *     generated
 * @param facts label and value of everything needed to judge or repeat it
 * @param claims the paper's claims with what was found
 * @param tables arms in groups, such as binary and ranking feedback
 * @param comparisons paired comparisons between arms, Holm-corrected together
 * @param curves quantities over a swept setting
 * @param scatters two quantities over models each
 * @param histograms score distributions to show side by side
 * @param grids figures that are not those of arms
 * @param cases questions with the arms' answers and scored candidates
 * @param maps texts with coloured tokens
 */
public record Study(
    String title,
    String note,
    List<DemoResult.Fact> facts,
    List<Claim> claims,
    List<Table> tables,
    List<Comparison> comparisons,
    List<Curve> curves,
    List<Scatter> scatters,
    List<Scores> histograms,
    List<Grid> grids,
    List<Case> cases,
    List<Map> maps) {

  /** What can be said of a claim. */
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
   * A claim of the paper.
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
  public record Table(String caption, List<Arm> arms) {}

  /**
   * A method, with figures over all its seeds.
   *
   * @param name such as {@code AFT-BC}
   * @param description how it came about
   * @param seeds one entry a seed
   * @param accuracy mean over seeds of the share of held-out questions that the greedy answer
   *     solves; 95 % bootstrap over questions
   * @param assessmentLearned assessment accuracy on training questions, bootstrap over questions
   * @param assessmentHeldOut the same on held-out questions
   * @param perplexity exp of the mean negative log-probability of held-out reference tokens
   * @param repetition share of greedy answers that repeat a 4-gram more than four times or run into
   *     the token limit
   */
  public record Arm(
      String name,
      String description,
      List<Seed> seeds,
      Interval accuracy,
      Interval assessmentLearned,
      Interval assessmentHeldOut,
      double perplexity,
      double repetition) {}

  /** One trained model of an arm: its greedy accuracy, its training time and final loss. */
  public record Seed(long seed, double accuracy, double trainSeconds, double loss) {}

  /**
   * Two arms on the same held-out questions.
   *
   * @param first name of the baseline
   * @param second name of the other
   * @param onlyFirst questions that only the first solves, by the majority of its seeds (b)
   * @param onlySecond questions that only the second solves (c)
   * @param p exact McNemar, two-sided
   * @param holm the same after Holm's correction over all comparisons of the study
   * @param difference accuracy of the second minus the first, mean over seeds, paired bootstrap
   *     over questions, 95 %
   */
  public record Comparison(
      String first,
      String second,
      int onlyFirst,
      int onlySecond,
      double p,
      double holm,
      Interval difference) {}

  /**
   * A figure with lines.
   *
   * @param id for links, lower case
   * @param title heading
   * @param caption what it shows and on which questions
   * @param xLabel what is swept
   * @param yLabel with its unit; values under a label with a % are shares and shown times 100
   * @param x labels of the swept values, in order; evenly spaced
   * @param lines one a method
   */
  public record Curve(
      String id,
      String title,
      String caption,
      String xLabel,
      String yLabel,
      List<String> x,
      List<Line> lines) {
    /** Refuses lines that do not fit the swept values. */
    public Curve {
      for (Line line : lines) {
        if (line.values().size() != x.size()) {
          throw new IllegalArgumentException(
              "The line "
                  + line.name()
                  + " of the curve "
                  + id
                  + " has "
                  + line.values().size()
                  + " values for "
                  + x.size()
                  + " swept ones; give null where nothing was measured.");
        }
      }
    }
  }

  /** A method's values by x; an entry may be null where nothing was measured. */
  public record Line(String name, List<Interval> values) {}

  /**
   * Two quantities over models.
   *
   * @param xLabel what lies on the horizontal axis; with a % as {@link Curve#yLabel}
   * @param yLabel the same of the vertical one
   * @param r Pearson's correlation with its 95 % interval (Fisher's z)
   * @param points one a model
   */
  public record Scatter(
      String title, String caption, String xLabel, String yLabel, Interval r, List<Point> points) {}

  /** A model in a scatter plot. */
  public record Point(String name, double x, double y) {}

  /**
   * A table of words and figures.
   *
   * @param title heading
   * @param note what the columns mean
   * @param headings of the columns; the first column names the row
   * @param rows cells, as many as headings
   */
  public record Grid(String title, String note, List<String> headings, List<List<String>> rows) {
    /** Refuses rows that do not fit the headings. */
    public Grid {
      for (List<String> row : rows) {
        if (row.size() != headings.size()) {
          throw new IllegalArgumentException(
              "A row of the table "
                  + title
                  + " has "
                  + row.size()
                  + " cells under "
                  + headings.size()
                  + " headings.");
        }
      }
    }
  }

  /** Scores s of the candidates under one model. */
  public record Scores(String name, double[] positive, double[] negative, double[] reference) {}

  /**
   * A question looked at.
   *
   * @param question its text
   * @param gold reference solution
   * @param answers greedy answers
   * @param models names of the models whose scores the candidates carry
   * @param candidates the candidates of the question
   */
  public record Case(
      String question,
      String gold,
      List<Answer> answers,
      List<String> models,
      List<Scored> candidates) {
    /** Refuses candidates that do not have one score a model. */
    public Case {
      for (Scored candidate : candidates) {
        if (candidate.scores().size() != models.size()) {
          throw new IllegalArgumentException(
              "A candidate has "
                  + candidate.scores().size()
                  + " scores for "
                  + models.size()
                  + " models; give NaN where there is none.");
        }
      }
    }
  }

  /**
   * A text whose tokens are coloured by a value, several times.
   *
   * @param caption what it is, with the question
   * @param marks what the marked tokens are, such as "the erroneous step"
   * @param boxed whether they stand in boxes, as single tokens do, or are underlined
   * @param oneScale whether all panels show one quantity, under several models, on one scale; else
   *     each has its own
   * @param panels one a model or quantity
   */
  public record Map(
      String caption, String marks, boolean boxed, boolean oneScale, List<Panel> panels) {}

  /** The text by one model or quantity. */
  public record Panel(String name, List<Token> tokens) {}

  /**
   * A token.
   *
   * @param text as decoded
   * @param value that colours it; NaN for none
   * @param marked whether it belongs to what the map is about, such as the erroneous step
   */
  public record Token(String text, double value, boolean marked) {}

  /** A model's greedy answer. */
  public record Answer(String model, String text, boolean correct) {}

  /** A candidate and its score s under each of the case's models. */
  public record Scored(String text, boolean correct, List<Double> scores) {}
}
