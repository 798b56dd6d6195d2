package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.aft.AftRun;
import dev.plumbline.alignment.aft.AftSettings;
import dev.plumbline.alignment.cli.option.Ranges;
import dev.plumbline.alignment.cli.option.ReproduceOptions;
import dev.plumbline.alignment.cli.option.Terminal;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline reproduce aft}. */
@Command(
    name = "aft",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reproduces the AFT paper: assessment misalignment and its repair.",
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
  @Mixin private final ReproduceOptions options = new ReproduceOptions();

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
      names = "--from-base",
      arity = "0..1",
      fallbackValue = "true",
      description = "Start the arms from the base model instead of the fine-tuned one.")
  private boolean fromBase;

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

  @Override
  public Integer call() throws IOException {
    options.check();
    candidates = options.or(candidates, 6, 8);
    batchSize = options.or(batchSize, 8, 16);
    epochs = options.or(epochs, 1, 2);
    Ranges.positive("batch-size", batchSize);
    Ranges.positive("validation-questions", validationQuestions);
    if (candidates < 2) {
      throw new UserError("candidates must be >= 2, for a pair, but is " + candidates + ".");
    }
    AftSettings settings = settings();
    long start = System.nanoTime();
    Study study = new AftRun(settings, options.typed(), new Terminal()).run();
    options.report(study, start);
    return 0;
  }

  private AftSettings settings() {
    return new AftSettings(
        options.output(),
        options.model(),
        options.data(),
        options.testData(),
        options.vftEpochs(),
        options.vftLearningRate(),
        fromBase,
        options.questions(),
        options.testQuestions(),
        validationQuestions,
        options.quick() ? 200 : 400,
        candidates,
        options.seeds(),
        epochs,
        batchSize,
        learningRate,
        beta,
        dpoBeta,
        !options.quick(),
        options.quick() ? List.of() : powersOfTwo(),
        options.quick() ? List.of() : List.of(0.0, 0.05, 0.15, 0.5, 1.5, Double.POSITIVE_INFINITY),
        options.quick() ? 0 : 16,
        options.maxTokens(),
        options.quick() ? 0 : 6,
        !options.quick() && (options.data() == null || !taskData.isEmpty()),
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
