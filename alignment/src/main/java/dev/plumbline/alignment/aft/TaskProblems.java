package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.Setup;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.wordproblems.ChoiceProblems;
import dev.plumbline.data.wordproblems.WordProblems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The problems of the multi-task tables: those of files, or generated ones. */
final class TaskProblems {
  private static final int CHOICES = 4;

  private TaskProblems() {}

  /** A task of the multi-task table. */
  record Task(String name, ProblemSplit problems) {}

  /** What the facts say of them. */
  static String describe(AftSettings settings, List<Task> tasks) {
    return String.join(", ", tasks.stream().map(Task::name).toList())
        + "; "
        + settings.setup().sizes().questions() / 2
        + " training questions of each"
        + (settings.setup().generated()
            ? ", after "
                + 2 * CHOICES * settings.setup().sizes().questions()
                + " others that teach the embedded model to choose an option"
            : "");
  }

  /** Half as many training questions and a third of the held-out ones of each task. */
  static List<Task> tasks(AftSettings settings) {
    int train = settings.setup().sizes().questions() / 2;
    int test = settings.setup().sizes().testQuestions() / 3;
    boolean choosing = settings.setup().heldOut() == ProblemSplit.HeldOut.VALIDATION;
    List<Task> tasks = new ArrayList<>();
    if (!settings.setup().generated()) {
      Setup setup = settings.setup();
      tasks.add(new Task("main task", read(setup.data(), setup.testData(), train, test, choosing)));
      for (AftSettings.TaskData files : settings.tasks().data()) {
        String name = files.testData().getFileName().toString();
        tasks.add(new Task(name, read(files.data(), files.testData(), train, test, choosing)));
      }
      return tasks;
    }
    long seed = EmbeddedModel.PROBLEM_SEED + 1; // other problems than the main task's
    WordProblems words = WordProblems.of(seed, ProblemSplit.OPTIONS);
    List<Problem> heldOut = choosing ? words.validation(test) : words.test(test);
    tasks.add(new Task("words", split(words.train(train), heldOut)));
    tasks.add(
        new Task(
            "numbers",
            split(ChoiceProblems.numbers(words.train(train)), ChoiceProblems.numbers(heldOut))));
    tasks.add(
        new Task(
            "people",
            split(
                ChoiceProblems.people(seed, WordProblems.Split.TRAIN, train),
                ChoiceProblems.people(
                    seed,
                    choosing ? WordProblems.Split.VALIDATION : WordProblems.Split.TEST,
                    test))));
    return tasks;
  }

  private static ProblemSplit read(
      Path data, Path testData, int train, int test, boolean choosing) {
    return choosing
        ? ProblemSplit.read(data, testData, train, test, test).onValidation(test, 0)
        : ProblemSplit.read(data, testData, train, test, 0);
  }

  private static ProblemSplit split(List<Problem> train, List<Problem> test) {
    return ProblemSplit.taught(train, test, List.of(), 0, "generated problems");
  }

  /**
   * Problems that teach the embedded model, which has never seen an option, to choose one: other
   * ones than the tasks', many times as many. Empty with the user's own data.
   */
  static List<Problem> choices(AftSettings settings) {
    if (!settings.setup().generated()) {
      return List.of();
    }
    int n = CHOICES * settings.setup().sizes().questions();
    long seed = EmbeddedModel.PROBLEM_SEED + 2;
    List<Problem> problems =
        new ArrayList<>(
            ChoiceProblems.numbers(WordProblems.of(seed, ProblemSplit.OPTIONS).train(n)));
    problems.addAll(ChoiceProblems.people(seed, WordProblems.Split.TRAIN, n));
    return problems;
  }
}
