package dev.plumbline.alignment.reproduce;

import dev.plumbline.data.ChoiceProblems;
import dev.plumbline.data.Problem;
import dev.plumbline.data.ProblemFiles;
import dev.plumbline.data.SplitOverlap;
import dev.plumbline.data.WordProblems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The problems of a reproduction: those of files, or generated ones.
 *
 * @param train problems that are trained on, none of them held out
 * @param test problems of all tables
 * @param validation problems of the sweeps; no table sees them
 * @param dropped training problems of the file that are held out, or nearly
 */
record AftProblems(List<Problem> train, List<Problem> test, List<Problem> validation, int dropped) {
  /**
   * Harder than what the embedded model was trained on (3 to 5 steps instead of 2 to 5, numbers up
   * to twice as large), so that it is to these problems what a base model is to GSM8K.
   */
  private static final WordProblems.Options OPTIONS = new WordProblems.Options(3, 5, 0.7, 40);

  private static final WordProblems WORDS = WordProblems.of(EmbeddedModel.PROBLEM_SEED, OPTIONS);

  private static final int CHOICES = 4;

  /** A task of the multi-task table. */
  record Task(String name, AftProblems problems) {}

  /** The generated word problems. */
  static WordProblems words() {
    return WORDS;
  }

  /** Others of the same kind. */
  static WordProblems otherWords(long seed) {
    return WordProblems.of(seed, OPTIONS);
  }

  /** The main task's. */
  static AftProblems of(AftSettings settings) {
    int train = settings.trainQuestions();
    int test = settings.testQuestions();
    int validation = settings.validationQuestions();
    if (settings.data() != null) {
      return read(settings.data(), settings.testData(), train, test, validation);
    }
    return new AftProblems(WORDS.train(train), WORDS.test(test), WORDS.validation(validation), 0);
  }

  /** What the facts say of them. */
  static String describe(AftSettings settings) {
    return settings.data() != null
        ? settings.data() + " and " + settings.testData()
        : "generated word problems, seed "
            + EmbeddedModel.PROBLEM_SEED
            + ", harder than the embedded model's own: "
            + OPTIONS;
  }

  /** What the facts say of the multi-task table. */
  static String describeTasks(AftSettings settings) {
    if (!settings.multiTask()) {
      return "left out";
    }
    return String.join(", ", tasks(settings).stream().map(Task::name).toList())
        + "; "
        + settings.trainQuestions() / 2
        + " training questions of each"
        + (settings.data() == null
            ? ", after "
                + 2 * CHOICES * settings.trainQuestions()
                + " others that teach the embedded model to choose an option"
            : "");
  }

  /** Half as many training questions and a third of the held-out ones of each task. */
  static List<Task> tasks(AftSettings settings) {
    int train = settings.trainQuestions() / 2;
    int test = settings.testQuestions() / 3;
    List<Task> tasks = new ArrayList<>();
    if (settings.data() != null) {
      tasks.add(new Task("main task", read(settings.data(), settings.testData(), train, test, 0)));
      for (AftSettings.TaskData files : settings.tasks()) {
        String name = files.testData().getFileName().toString();
        tasks.add(new Task(name, read(files.data(), files.testData(), train, test, 0)));
      }
      return tasks;
    }
    long seed = EmbeddedModel.PROBLEM_SEED + 1; // other problems than the main task's
    WordProblems words = WordProblems.of(seed, OPTIONS);
    tasks.add(
        new Task("words", new AftProblems(WORDS.train(train), WORDS.test(test), List.of(), 0)));
    tasks.add(
        new Task(
            "numbers",
            new AftProblems(
                ChoiceProblems.numbers(words.train(train)),
                ChoiceProblems.numbers(words.test(test)),
                List.of(),
                0)));
    tasks.add(
        new Task(
            "people",
            new AftProblems(
                ChoiceProblems.people(seed, WordProblems.Split.TRAIN, train),
                ChoiceProblems.people(seed, WordProblems.Split.TEST, test),
                List.of(),
                0)));
    return tasks;
  }

  /**
   * Problems that teach the embedded model, which has never seen an option, to choose one: other
   * ones than the tasks', many times as many. Empty for a model of the user's.
   */
  static List<Problem> choices(AftSettings settings) {
    if (settings.data() != null) {
      return List.of();
    }
    int n = CHOICES * settings.trainQuestions();
    long seed = EmbeddedModel.PROBLEM_SEED + 2;
    List<Problem> problems =
        new ArrayList<>(ChoiceProblems.numbers(WordProblems.of(seed, OPTIONS).train(n)));
    problems.addAll(ChoiceProblems.people(seed, WordProblems.Split.TRAIN, n));
    return problems;
  }

  static AftProblems read(
      Path data, Path testData, int trainQuestions, int testQuestions, int validationQuestions) {
    List<Problem> heldOut = ProblemFiles.read(testData);
    SplitOverlap.Result own = SplitOverlap.drop(ProblemFiles.read(data), heldOut);
    List<Problem> all = own.kept();
    int heldBack = Math.min(validationQuestions, all.size() / 10); // the last of the training file
    return new AftProblems(
        all.subList(0, Math.min(trainQuestions, all.size() - heldBack)),
        heldOut.subList(0, Math.min(testQuestions, heldOut.size())),
        all.subList(all.size() - heldBack, all.size()),
        own.same() + own.near());
  }
}
