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
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
      description = "Training questions; 0 = 3000, or 600 with --quick.")
  private int questions;

  @Option(
      names = "--test-questions",
      defaultValue = "0",
      description = "Held-out questions; 0 = 2000, or 600 with --quick.")
  private int testQuestions;

  @Option(
      names = {"-k", "--candidates"},
      defaultValue = "8",
      description = "Solutions a question (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--seeds",
      defaultValue = "3",
      description = "Runs of every arm (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--epochs",
      defaultValue = "2",
      description = "Passes over the training questions (default: ${DEFAULT-VALUE}).")
  private double epochs;

  @Option(
      names = "--batch-size",
      defaultValue = "32",
      description = "Questions a step (default: ${DEFAULT-VALUE}).")
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
    for (int[] check : new int[][] {{candidates, 2}, {seeds, 1}, {batchSize, 1}}) {
      if (check[0] < check[1]) {
        throw new UserError(
            "candidates, seeds and batch-size need at least 2, 1 and 1; one of them is "
                + check[0]
                + ".");
      }
    }
    AftSettings settings = settings();
    long start = System.nanoTime();
    Study study = new AftRun(settings, new Terminal()).run();
    StudyReport.write(settings.output().resolve("report.html"), study);
    System.out.println();
    System.out.print(StudyReport.table(study));
    System.out.printf(
        "%nReport: %s   (%.0f s)%n",
        settings.output().resolve("report.html"), (System.nanoTime() - start) / 1e9);
    return 0;
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
        questions > 0 ? questions : quick ? 600 : 3000,
        testQuestions > 0 ? testQuestions : quick ? 600 : 2000,
        1000,
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
        maxTokens);
  }

  private List<Integer> powersOfTwo() {
    return LongStream.iterate(1, k -> k <= candidates, k -> 2 * k).mapToObj(k -> (int) k).toList();
  }
}
