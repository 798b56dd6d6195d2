package dev.plumbline.alignment.cli.option;

import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.Invocation;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.Setup;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.StudyReport;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.data.UserError;
import dev.plumbline.transformer.checkpoint.Lora;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Options of every {@code reproduce} command. An option that is not given is null: the settings of
 * the experiment hold the defaults, in full size and with --quick.
 */
public final class ReproduceOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Directory of the run (default: runs/ and the name of the experiment, with -quick appended for --quick).")
  private Path output;

  @Option(
      names = "--quick",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Take minutes instead of hours: smaller, with parts left out, as the report says.")
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
      description = "Held-out problems; required with --data.")
  private Path testData;

  @Option(
      names = "--vft-epochs",
      description =
          "Passes of supervised fine-tuning before anything else; 0 = the model is fine-tuned already (default: 0). With a"
              + " model or data of your own: 3.")
  private Double vftEpochs;

  @Option(
      names = "--vft-learning-rate",
      description =
          "Peak learning rate of that fine-tuning (default: 1e-3). With a model or data of your own: 5e-4.")
  private Double vftLearningRate;

  @Option(
      names = "--questions",
      description = "Questions that the arms learn from (default: 3000).")
  private Integer questions;

  @Option(
      names = "--test-questions",
      description = "Held-out questions (default: 3000 for aft, else 6000; 1000 with --quick).")
  private Integer testQuestions;

  @Option(
      names = "--held-out",
      paramLabel = "test|validation",
      description =
          "Questions of all tables; validation: those that settings are chosen by, so that no choice sees a test question"
              + " (default: test). Of --data, a tenth is held back for it.")
  private ProblemSplit.HeldOut heldOut;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description =
          "Solutions sampled for each held-out question at temperature 1, for the sampled accuracy; 0 = none (default:"
              + " 1).")
  private Integer samples;

  @Option(
      names = "--arms",
      split = ",",
      paramLabel = "ARM",
      description =
          "Arms to train, such as vft,aft-bc. A name stands for all arms that begin with it. Claims about others are reported"
              + " as not run; the same command with other arms adds them (default: all; some with --quick).")
  private List<String> arms;

  @Option(names = "--seeds", description = "Runs of every arm (default: 5; 1 with --quick).")
  private Integer seeds;

  @Option(names = "--epochs", description = "Passes over the training rows of an arm (default: 2).")
  private Double epochs;

  @Option(names = "--batch-size", description = "Training rows per step (default: 16).")
  private Integer batchSize;

  @Option(
      names = "--learning-rate",
      description = "Peak learning rate of every arm (default: 1e-3 for aft, else 2e-5).")
  private Double learningRate;

  @Option(
      names = "--learning-rates",
      split = ",",
      paramLabel = "ARM=RATE",
      description =
          "Peak learning rates of single arms, such as rft=1e-3,dpo=2e-5. A name stands for all arms that begin with it; the"
              + " longest counts (default: chosen on validation questions, see configs/reproduce-*.yaml).")
  private Map<String, Double> learningRates;

  @Option(
      names = "--max-tokens",
      description =
          "Maximum number of tokens of a solution; twice as many with code (default: 160).")
  private Integer maxTokens;

  /** Work that ends in a study. */
  public interface Run {
    Study run() throws IOException;
  }

  public Path output() {
    return output != null ? output : Path.of("runs", command.name() + (quick ? "-quick" : ""));
  }

  public boolean quick() {
    return quick;
  }

  /** Whether problems are generated. */
  public boolean generated() {
    return data == null;
  }

  /** The value of an option, or its default. */
  public static <T> T or(T given, T otherwise) {
    return given != null ? given : otherwise;
  }

  /** The value of an option that must be 1 or more, or its default. */
  public static int positive(String key, Integer given, int otherwise) {
    int value = or(given, otherwise);
    Ranges.positive(key, value);
    return value;
  }

  /**
   * Model, problems and sizes.
   *
   * @throws UserError if the options do not fit together
   */
  public Setup setup(Setup defaults) {
    if ((data == null) != (testData == null)) {
      throw new UserError("Give both --data and --test-data, or neither for generated problems.");
    }
    Setup.Sizes sizes = defaults.sizes();
    return new Setup(
        output(),
        model,
        data,
        testData,
        or(heldOut, defaults.heldOut()),
        new Setup.Sizes(
            or(questions, sizes.questions()),
            or(testQuestions, sizes.testQuestions()),
            or(samples, sizes.samples()),
            or(maxTokens, sizes.maxTokens())));
  }

  /** Fine-tuning before all other stages; the embedded model has done it on generated problems. */
  public FineTuning fineTuning(FineTuning ofTheEmbeddedModel) {
    FineTuning otherwise = model == null && generated() ? ofTheEmbeddedModel : FineTuning.DEFAULT;
    return new FineTuning(
        or(vftEpochs, otherwise.epochs()),
        or(vftLearningRate, otherwise.learningRate()),
        or(batchSize, otherwise.batchSize()));
  }

  /** Training of the arms; a rate for all arms that is given takes the place of single ones. */
  public ArmTraining training(ArmTraining defaults, Lora.Settings lora) {
    int runs = positive("seeds", seeds, defaults.seeds().size());
    List<Long> all = LongStream.range(0, runs).boxed().toList();
    return new ArmTraining(
        or(arms, defaults.only()),
        all,
        or(epochs, defaults.epochs()),
        positive("batch-size", batchSize, defaults.batchSize()),
        or(learningRate, defaults.learningRate()),
        or(learningRates, learningRate == null ? defaults.learningRates() : Map.of()),
        lora);
  }

  /** This run's command line, and its settings by option. */
  public Invocation invocation(Map<String, Object> settings) {
    return Invocation.of("reproduce " + command.name(), typed(command), quick, settings);
  }

  /** The command line that was parsed. */
  public static String typed(CommandSpec command) {
    return "./plumbline "
        + String.join(" ", command.root().commandLine().getParseResult().originalArgs());
  }

  /** Runs an experiment and prints its main figures. */
  public Integer report(Run experiment) throws IOException {
    long start = System.nanoTime();
    Study study = experiment.run();
    System.out.println();
    System.out.print(StudyReport.table(study));
    System.out.printf(
        "%nReport: %s   (%.0f s)%n",
        output().resolve("report.html"), (System.nanoTime() - start) / 1e9);
    return 0;
  }
}
