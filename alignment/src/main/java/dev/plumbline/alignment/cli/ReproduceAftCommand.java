package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.report.StudyReport;
import dev.plumbline.alignment.reproduce.AftRun;
import dev.plumbline.alignment.reproduce.AftSettings;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code plumbline reproduce aft}. */
@Command(
    name = "aft",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Alignment fine-tuning (Wang et al. 2023): draws k solutions of each training question from a fine-tuned model,",
      "groups them by their answers and trains VFT, RFT, AFT, RRHF, PRO and DPO, each without and with the detached and",
      "the boundary constraint, on the same questions with the same seeds. Interrupted, it goes on where it was.",
      "Made from the embedded model and generated problems, or from --model and --data."
    },
    footer = {
      "",
      "Examples:",
      "  plumbline reproduce aft --quick",
      "  plumbline reproduce aft model=MODEL vft-epochs=3 data=train.jsonl test-data=test.jsonl output=runs/aft-gsm8k"
    })
final class ReproduceAftCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Directory of the run (default: runs/aft, or runs/aft-quick with --quick).")
  private Path output;

  @Option(
      names = "--quick",
      arity = "0..1",
      fallbackValue = "true",
      description = "Minutes instead of hours: fewer questions, binary feedback only, no sweeps.")
  private boolean quick;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Base model (default: the embedded model).")
  private Path model;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "Training problems (default: generated ones).")
  private Path data;

  @Option(
      names = "--test-data",
      paramLabel = "FILE",
      description = "Held-out problems; needed with --data.")
  private Path testData;

  @Option(
      names = "--task-data",
      split = ",",
      paramLabel = "FILE",
      description =
          "Training problems of further tasks, learned jointly with --data in the multi-task table (default: generated ones with options).")
  private List<Path> taskData = List.of();

  @Option(
      names = "--task-test-data",
      split = ",",
      paramLabel = "FILE",
      description = "Their held-out problems, one file for each of --task-data.")
  private List<Path> taskTestData = List.of();

  @Option(
      names = "--letters",
      paramLabel = "FILE",
      description =
          "Multiple-choice problems such as MMLU's for the multi-task table, scored by the letters' probabilities.")
  private Path letters;

  @Option(
      names = "--vft-epochs",
      defaultValue = "3",
      description =
          "Passes of vanilla fine-tuning before anything else; 0 = the model is fine-tuned already (default: ${DEFAULT-VALUE}).")
  private double vftEpochs;

  @Option(
      names = "--vft-learning-rate",
      defaultValue = "5e-4",
      description = "Its peak rate (default: ${DEFAULT-VALUE}).")
  private double vftLearningRate;

  @Option(
      names = "--from-base",
      arity = "0..1",
      fallbackValue = "true",
      description = "Start the arms from the base model instead of the fine-tuned one.")
  private boolean fromBase;

  @Option(
      names = "--questions",
      defaultValue = "0",
      description = "Training questions; 0 = 1000, or 400 with --quick.")
  private int questions;

  @Option(
      names = "--test-questions",
      defaultValue = "0",
      description = "Held-out questions; 0 = 1500, or 500 with --quick.")
  private int testQuestions;

  @Option(
      names = "--validation-questions",
      defaultValue = "1000",
      description = "Questions of the sweeps, apart from all others (default: ${DEFAULT-VALUE}).")
  private int validationQuestions;

  @Option(
      names = {"-k", "--candidates"},
      defaultValue = "0",
      description = "Solutions a question; 0 = 8, or 6 with --quick.")
  private int candidates;

  @Option(
      names = "--seeds",
      defaultValue = "3",
      description = "Runs of every arm (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--epochs",
      defaultValue = "0",
      description = "Passes over the training questions; 0 = 2, or 1 with --quick.")
  private double epochs;

  @Option(
      names = "--batch-size",
      defaultValue = "0",
      description = "Questions a step; 0 = 16, or 8 with --quick.")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      defaultValue = "3e-4",
      description = "Peak rate of every arm (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--beta",
      defaultValue = "0.15",
      description = "Margin of every boundary (default: ${DEFAULT-VALUE}).")
  private double beta;

  @Option(
      names = "--dpo-beta",
      defaultValue = "0.1",
      description = "Strength of DPO's reference (default: ${DEFAULT-VALUE}).")
  private double dpoBeta;

  @Option(
      names = "--max-tokens",
      defaultValue = "200",
      description = "Most tokens of a solution (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Override
  public Integer call() throws IOException {
    if ((data == null) != (testData == null)) {
      throw new UserError("Give both --data and --test-data, or neither for generated problems.");
    }
    TrainCommand.positive("seeds", seeds);
    candidates = candidates != 0 ? candidates : quick ? 6 : 8;
    batchSize = batchSize != 0 ? batchSize : quick ? 8 : 16;
    epochs = epochs != 0 ? epochs : quick ? 1 : 2;
    TrainCommand.positive("batch-size", batchSize);
    TrainCommand.positive("validation-questions", validationQuestions);
    if (candidates < 2) {
      throw new UserError(
          "candidates is " + candidates + ", and at least 2 are needed for a pair.");
    }
    AftSettings settings = settings();
    long start = System.nanoTime();
    Study study = new AftRun(settings, typed(spec), new Terminal()).run();
    report(settings.output(), study, start);
    return 0;
  }

  /** The command as it was given. */
  static String typed(CommandSpec spec) {
    return "./plumbline "
        + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
  }

  /** Writes the page and the Markdown document, and prints the main figures. */
  static void report(Path output, Study study, long startNanos) {
    StudyReport.write(output.resolve("report.html"), study);
    StudyReport.writeMarkdown(output.resolve("report.md"), study);
    System.out.println();
    System.out.print(StudyReport.table(study));
    System.out.printf(
        "%nReport: %s   (%.0f s)%n",
        output.resolve("report.html"), (System.nanoTime() - startNanos) / 1e9);
  }

  private AftSettings settings() {
    return new AftSettings(
        output != null ? output : Path.of(quick ? "runs/aft-quick" : "runs/aft"),
        model,
        data,
        testData,
        vftEpochs,
        vftLearningRate,
        fromBase,
        questions > 0 ? questions : quick ? 400 : 1000,
        testQuestions > 0 ? testQuestions : quick ? 500 : 1500,
        validationQuestions,
        quick ? 200 : 400,
        candidates,
        LongStream.range(0, seeds).boxed().toList(),
        epochs,
        batchSize,
        learningRate,
        beta,
        dpoBeta,
        !quick,
        quick ? List.of() : powersOfTwo(),
        quick ? List.of() : List.of(0.0, 0.05, 0.15, 0.5, 1.5, Double.POSITIVE_INFINITY),
        quick ? 0 : 16,
        maxTokens,
        quick ? 0 : 6,
        !quick && (data == null || !taskData.isEmpty()),
        tasks(),
        letters);
  }

  private List<AftSettings.TaskData> tasks() {
    if (taskData.size() != taskTestData.size()) {
      throw new UserError(
          "--task-data names "
              + taskData.size()
              + " files and --task-test-data "
              + taskTestData.size()
              + "; each task needs one of both.");
    }
    return IntStream.range(0, taskData.size())
        .mapToObj(i -> new AftSettings.TaskData(taskData.get(i), taskTestData.get(i)))
        .toList();
  }

  private List<Integer> powersOfTwo() {
    return LongStream.iterate(1, k -> k <= candidates, k -> 2 * k).mapToObj(k -> (int) k).toList();
  }
}
