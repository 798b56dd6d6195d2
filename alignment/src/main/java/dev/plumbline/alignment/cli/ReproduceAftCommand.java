package dev.plumbline.alignment.cli;

import static dev.plumbline.alignment.cli.option.ReproduceOptions.or;
import static dev.plumbline.alignment.cli.option.ReproduceOptions.positive;

import dev.plumbline.alignment.aft.AftExperiment;
import dev.plumbline.alignment.aft.AftSettings;
import dev.plumbline.alignment.cli.option.ReproduceOptions;
import dev.plumbline.alignment.cli.option.Terminal;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline reproduce aft}. */
@Command(
    name = "aft",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Reproduces AFT, alignment fine-tuning (Wang et al. 2023).",
      "Samples k solutions of each training question from a fine-tuned model, grades them by their answers, and "
          + "trains VFT, RFT, AFT, RRHF, PRO and DPO, each without and with the detached and the boundary constraint, "
          + "on the same questions with the same seeds. Uses the embedded model and generated problems, or --model and "
          + "--data. If interrupted, run the same command again to resume."
    },
    footer = {
      "",
      "Examples:",
      "  ./plumbline reproduce aft --quick",
      "  ./plumbline reproduce aft model=MODEL vft-epochs=3 data=train.jsonl \\",
      "      test-data=test.jsonl output=runs/aft-gsm8k"
    })
final class ReproduceAftCommand implements Callable<Integer> {
  @Mixin private final ReproduceOptions options = new ReproduceOptions();

  @Option(
      names = "--parts",
      split = ",",
      paramLabel = "PART",
      description =
          "Parts to run: binary (arms on right and wrong answers), ranks (arms on ranks), pilot (models along fine-tuning),"
              + " candidates and margins (sweeps), votes (self-consistency), tasks (several tasks) (default: all; binary with --quick).")
  private List<AftSettings.Piece> parts;

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
      description = "Held-out problems of those tasks, one file for each of --task-data.")
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
      paramLabel = "true|false",
      description = "Start the arms from the base model instead of the fine-tuned one.")
  private boolean fromBase;

  @Option(
      names = "--validation-questions",
      description =
          "Questions of the sweeps, which no table uses (default: 2000; 1000 with --quick).")
  private Integer validationQuestions;

  @Option(
      names = "--lessons",
      description =
          "References that the arms rehearse beside generated questions, of the 2000 that the embedded model was fine-tuned on"
              + " (default: 1000).")
  private Integer lessons;

  @Option(
      names = {"-k", "--candidates"},
      description = "Solutions per question (default: 4).")
  private Integer candidates;

  @Option(
      names = "--boundary-margin",
      description =
          "AFT's beta: how far below the lowest-scoring correct candidate the boundary lies (default: 0.15).")
  private Double boundaryMargin;

  @Option(names = "--dpo-beta", description = "beta of DPO (default: 0.1).")
  private Double dpoBeta;

  @Override
  public Integer call() throws IOException {
    AftSettings settings = settings();
    return options.report(
        () ->
            AftExperiment.of(settings, options.invocation(settings.options()), new Terminal())
                .run());
  }

  AftSettings settings() {
    AftSettings defaults =
        options.quick() ? AftSettings.quick(options.output()) : AftSettings.full(options.output());
    int k = or(candidates, defaults.draws().candidates());
    if (k < 2) {
      throw new UserError("candidates must be >= 2, for a pair, but is " + k + ".");
    }
    AftSettings.Methods methods = defaults.methods();
    return defaults
        .withSetup(options.setup(defaults.setup()))
        .withTraining(
            options.fineTuning(defaults.fineTuning()), options.training(defaults.arms(), null))
        .withMethods(
            new AftSettings.Methods(
                or(boundaryMargin, methods.boundaryMargin()),
                or(dpoBeta, methods.dpoBeta()),
                fromBase))
        .withCandidates(k)
        .withLessons(or(lessons, defaults.draws().lessons()))
        .withParts(
            parts(defaults.extras().parts()),
            positive(
                "validation-questions",
                validationQuestions,
                defaults.extras().validationQuestions()))
        .withTasks(new AftSettings.MultiTask(tasks(), letters));
  }

  /** Several tasks need files where the main one has files. */
  private List<AftSettings.Piece> parts(List<AftSettings.Piece> defaults) {
    boolean tasks = options.generated() || !taskData.isEmpty();
    return or(parts, defaults).stream().filter(p -> tasks || p != AftSettings.Piece.TASKS).toList();
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
}
