package dev.plumbline.alignment.experiment;

import dev.plumbline.data.UserError;
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
 * @param lessons problems whose references the model is fine-tuned on
 * @param train problems that solutions are drawn for, none of them held out. Those of files are the
 *     lessons; of generated ones, which follow the lessons, only the answer is used
 * @param test problems of all tables
 * @param validation problems that settings are chosen by; no table sees them
 * @param dropped training problems of the file that are held out, or nearly
 * @param answersOnly whether only the answers of the training questions are used, not their
 *     references
 * @param description what they are, in words
 */
public record ProblemSplit(
    List<Problem> lessons,
    List<Problem> train,
    List<Problem> test,
    List<Problem> validation,
    int dropped,
    boolean answersOnly,
    String description) {
  /** Which problems the tables are of. */
  public enum HeldOut {
    /** Those that a result is reported on. */
    TEST,
    /** Those that settings are chosen by. */
    VALIDATION
  }

  private static final String GENERATED =
      "generated word problems, seed "
          + EmbeddedModel.PROBLEM_SEED
          + ": 3 or 4 steps, a distractor in 7 of 10, factors up to 20. References of the first ones are used for fine-tuning; "
          + "of the training questions, which follow them, only the answers";

  /** Longer than what the base model was trained on: 3 or 4 steps. */
  public static final WordProblems.Options OPTIONS = new WordProblems.Options(3, 4, 0.7, 20);

  private static final WordProblems WORDS = WordProblems.of(EmbeddedModel.PROBLEM_SEED, OPTIONS);

  /** The generated word problems. */
  public static WordProblems words() {
    return WORDS;
  }

  /** Others of the same kind. */
  public static WordProblems otherWords(long seed) {
    return WordProblems.of(seed, OPTIONS);
  }

  /** Problems of which the references of all training questions are used. */
  public static ProblemSplit taught(
      List<Problem> train,
      List<Problem> test,
      List<Problem> validation,
      int dropped,
      String description) {
    return new ProblemSplit(train, train, test, validation, dropped, false, description);
  }

  /**
   * The same with validation problems in all tables, to choose settings by.
   *
   * @param questions number of the problems of the tables
   * @param others number of the validation problems that remain, which are among them
   * @throws UserError if there are none
   */
  public ProblemSplit onValidation(int questions, int others) {
    if (validation.isEmpty()) {
      throw new UserError(
          "held-out is validation, but the training file has fewer than 10 problems, of which none is held back; give more.");
    }
    return new ProblemSplit(
        lessons,
        train,
        validation.subList(0, Math.min(questions, validation.size())),
        validation.subList(0, Math.min(others, validation.size())),
        dropped,
        answersOnly,
        description + "; held out: validation questions, to choose settings by");
  }

  /** The problems after a change of each; none counts as dropped. */
  public ProblemSplit map(UnaryOperator<List<Problem>> change) {
    return new ProblemSplit(
        change.apply(lessons),
        change.apply(train),
        change.apply(test),
        change.apply(validation),
        0,
        answersOnly,
        description);
  }

  /** Generated word problems of the given sizes; training questions follow the lessons. */
  public static ProblemSplit generated(int lessons, int train, int test, int validation) {
    List<Problem> all = WORDS.train(lessons + train);
    return new ProblemSplit(
        all.subList(0, lessons),
        all.subList(lessons, all.size()),
        WORDS.test(test),
        WORDS.validation(validation),
        0,
        true,
        GENERATED);
  }

  /** The problems of two files; training problems that are held out, or nearly, are dropped. */
  public static ProblemSplit read(
      Path data, Path testData, int trainQuestions, int testQuestions, int validationQuestions) {
    List<Problem> heldOut = ProblemFiles.read(testData);
    SplitOverlap.Result own = SplitOverlap.drop(ProblemFiles.read(data), heldOut);
    List<Problem> all = own.kept();
    int heldBack = Math.min(validationQuestions, all.size() / 10); // the last of the training file
    List<Problem> train = all.subList(0, Math.min(trainQuestions, all.size() - heldBack));
    return taught(
        train,
        heldOut.subList(0, Math.min(testQuestions, heldOut.size())),
        all.subList(all.size() - heldBack, all.size()),
        own.same() + own.near(),
        data.getFileName() + " and " + testData.getFileName());
  }
}
