package dev.plumbline.alignment.experiment;

import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.select.SplitOverlap;
import dev.plumbline.data.wordproblems.WordProblems;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The problems of an experiment: those of files, or generated ones.
 *
 * @param train problems that are trained on, none of them held out
 * @param test problems of all tables
 * @param validation problems of the sweeps; no table sees them
 * @param dropped training problems of the file that are held out, or nearly
 * @param description what they are, in words
 */
public record ProblemSplit(
    List<Problem> train,
    List<Problem> test,
    List<Problem> validation,
    int dropped,
    String description) {
  private static final String GENERATED =
      "generated word problems, seed "
          + EmbeddedModel.PROBLEM_SEED
          + ", harder than the embedded model's own: 3 to 5 steps, a distractor in 7 of 10, factors up to 40";

  /**
   * Harder than the embedded model's training problems (3 to 5 steps instead of 2 to 5, numbers up
   * to twice as large), so that it solves only part of them.
   */
  public static final WordProblems.Options OPTIONS = new WordProblems.Options(3, 5, 0.7, 40);

  private static final WordProblems WORDS = WordProblems.of(EmbeddedModel.PROBLEM_SEED, OPTIONS);

  /** The generated word problems. */
  public static WordProblems words() {
    return WORDS;
  }

  /** Others of the same kind. */
  public static WordProblems otherWords(long seed) {
    return WordProblems.of(seed, OPTIONS);
  }

  /** The problems after a change of each; none counts as dropped. */
  public ProblemSplit map(UnaryOperator<List<Problem>> change) {
    return new ProblemSplit(
        change.apply(train), change.apply(test), change.apply(validation), 0, description);
  }

  /** Generated word problems of the given sizes. */
  public static ProblemSplit generated(int train, int test, int validation) {
    return new ProblemSplit(
        WORDS.train(train), WORDS.test(test), WORDS.validation(validation), 0, GENERATED);
  }

  /** The problems of two files; training problems that are held out, or nearly, are dropped. */
  public static ProblemSplit read(
      Path data, Path testData, int trainQuestions, int testQuestions, int validationQuestions) {
    List<Problem> heldOut = ProblemFiles.read(testData);
    SplitOverlap.Result own = SplitOverlap.drop(ProblemFiles.read(data), heldOut);
    List<Problem> all = own.kept();
    int heldBack = Math.min(validationQuestions, all.size() / 10); // the last of the training file
    return new ProblemSplit(
        all.subList(0, Math.min(trainQuestions, all.size() - heldBack)),
        heldOut.subList(0, Math.min(testQuestions, heldOut.size())),
        all.subList(all.size() - heldBack, all.size()),
        own.same() + own.near(),
        data.getFileName() + " and " + testData.getFileName());
  }
}
