package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.wordproblems.ChoiceProblems;
import dev.plumbline.data.wordproblems.WordProblems;
import java.util.ArrayList;
import java.util.List;

/** The problems of {@code reproduce aft}: those of files, or generated ones. */
final class AftProblems {
  private static final int CHOICES = 4;

  private AftProblems() {}

  /** A task of the multi-task table. */
  record Task(String name, ProblemSplit problems) {}

  /** The main task's. */
  static ProblemSplit of(AftSettings settings) {
    int train = settings.trainQuestions();
    int test = settings.testQuestions();
    int validation = settings.validationQuestions();
    return settings.data() != null
        ? ProblemSplit.read(settings.data(), settings.testData(), train, test, validation)
        : ProblemSplit.generated(train, test, validation);
  }

  /** What the facts say of them. */
  static String describe(AftSettings settings) {
    return settings.data() != null
        ? settings.data() + " and " + settings.testData()
        : "generated word problems, seed "
            + EmbeddedModel.PROBLEM_SEED
            + ", harder than the embedded model's own: "
            + ProblemSplit.OPTIONS;
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
      tasks.add(
          new Task(
              "main task",
              ProblemSplit.read(settings.data(), settings.testData(), train, test, 0)));
      for (AftSettings.TaskData files : settings.tasks()) {
        String name = files.testData().getFileName().toString();
        tasks.add(
            new Task(name, ProblemSplit.read(files.data(), files.testData(), train, test, 0)));
      }
      return tasks;
    }
    long seed = EmbeddedModel.PROBLEM_SEED + 1; // other problems than the main task's
    WordProblems words = WordProblems.of(seed, ProblemSplit.OPTIONS);
    tasks.add(new Task("words", ProblemSplit.generated(train, test, 0)));
    tasks.add(
        new Task(
            "numbers",
            new ProblemSplit(
                ChoiceProblems.numbers(words.train(train)),
                ChoiceProblems.numbers(words.test(test)),
                List.of(),
                0)));
    tasks.add(
        new Task(
            "people",
            new ProblemSplit(
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
        new ArrayList<>(
            ChoiceProblems.numbers(WordProblems.of(seed, ProblemSplit.OPTIONS).train(n)));
    problems.addAll(ChoiceProblems.people(seed, WordProblems.Split.TRAIN, n));
    return problems;
  }
}
