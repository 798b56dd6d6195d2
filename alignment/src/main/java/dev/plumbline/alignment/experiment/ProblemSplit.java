package dev.plumbline.alignment.experiment;

import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.select.SplitOverlap;
import dev.plumbline.data.wordproblems.WordProblems;
import java.nio.file.Path;
import java.util.List;

/**
 * The problems of a reproduction: those of files, or generated ones.
 *
 * @param train problems that are trained on, none of them held out
 * @param test problems of all tables
 * @param validation problems of the sweeps; no table sees them
 * @param dropped training problems of the file that are held out, or nearly
 */
public record ProblemSplit(
    List<Problem> train, List<Problem> test, List<Problem> validation, int dropped) {
  /**
   * Harder than what the embedded model was trained on (3 to 5 steps instead of 2 to 5, numbers up
   * to twice as large), so that it is to these problems what a base model is to GSM8K.
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

  /** Generated word problems of the given sizes. */
  public static ProblemSplit generated(int train, int test, int validation) {
    return new ProblemSplit(WORDS.train(train), WORDS.test(test), WORDS.validation(validation), 0);
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
        own.same() + own.near());
  }
}
