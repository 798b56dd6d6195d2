package dev.plumbline.alignment.report;

import dev.plumbline.alignment.statistics.Interval;
import java.util.List;

/**
 * What a comparison of models found: everything that its table and its page show.
 *
 * @param title heading of the page
 * @param facts label and value of everything a reader needs to judge or repeat it: command, model,
 *     data, seeds, commit
 * @param arms the compared models, the starting one first
 * @param tests paired comparisons between arms
 * @param examples questions with each arm's greedy answer
 */
public record DemoResult(
    String title,
    List<Fact> facts,
    List<Arm> arms,
    List<PairedTest> tests,
    List<Example> examples) {
  /** A labelled value. */
  public record Fact(String label, String value) {}

  /**
   * One model.
   *
   * @param name such as {@code VFT} or {@code AFT-BC}
   * @param description how it came about
   * @param correct held-out questions that its greedy answer solves
   * @param questions held-out questions
   * @param accuracy share solved, Wilson 95 %
   * @param assessment assessment accuracy, micro, Wilson 95 % over pairs
   * @param assessmentMacro mean over questions
   * @param assessmentPairs right-wrong pairs
   * @param referencePerplexity exp of the mean negative log-probability of the held-out gold
   *     solutions' tokens
   * @param truncated greedy answers that ran into the token limit
   * @param positiveScores scores s of right candidates
   * @param negativeScores scores s of wrong candidates
   * @param losses loss of each training step; empty for the starting model
   * @param trainSeconds wall time of its training
   */
  public record Arm(
      String name,
      String description,
      int correct,
      int questions,
      Interval accuracy,
      Interval assessment,
      double assessmentMacro,
      int assessmentPairs,
      double referencePerplexity,
      int truncated,
      double[] positiveScores,
      double[] negativeScores,
      double[] losses,
      double trainSeconds) {
    /** Its scores as a histogram shows them. */
    Study.Scores scores() {
      return new Study.Scores(name, positiveScores, negativeScores, new double[0]);
    }
  }

  /**
   * A paired comparison on the same held-out questions.
   *
   * @param first name of one arm
   * @param second name of the other
   * @param onlyFirst questions that only the first solves (b)
   * @param onlySecond questions that only the second solves (c)
   * @param p exact McNemar, two-sided
   * @param difference accuracy of the second minus the first, paired bootstrap 95 %
   */
  public record PairedTest(
      String first, String second, int onlyFirst, int onlySecond, double p, Interval difference) {}

  /**
   * One question.
   *
   * @param question its text
   * @param gold gold solution
   * @param answers greedy answer of each arm, in the arms' order
   * @param correct whether each is right
   */
  public record Example(
      String question, String gold, List<String> answers, List<Boolean> correct) {}
}
