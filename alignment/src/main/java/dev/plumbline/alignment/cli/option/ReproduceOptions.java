package dev.plumbline.alignment.cli.option;

import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.report.StudyReport;
import dev.plumbline.data.UserError;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What all reproductions have in common: where, how large, and on which model and problems. */
public final class ReproduceOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description =
          "Directory of the run (default: runs/ and the name of the experiment, with -quick behind it with --quick).")
  private Path output;

  @Option(
      names = "--quick",
      arity = "0..1",
      fallbackValue = "true",
      description = "Minutes instead of hours: smaller, and parts left out, as the report says.")
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
          "Passes of supervised fine-tuning before anything else; 0 = the model is fine-tuned already (default: ${DEFAULT-VALUE}).")
  private double vftEpochs;

  @Option(
      names = "--vft-learning-rate",
      defaultValue = "5e-4",
      description = "Its peak rate (default: ${DEFAULT-VALUE}).")
  private double vftLearningRate;

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
      names = "--seeds",
      defaultValue = "3",
      description = "Runs of every arm (default: ${DEFAULT-VALUE}).")
  private int seeds;

  @Option(
      names = "--max-tokens",
      defaultValue = "200",
      description =
          "Most tokens of a solution; twice as many with code (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  /** Refuses what does not fit together. */
  public void check() {
    if ((data == null) != (testData == null)) {
      throw new UserError("Give both --data and --test-data, or neither for generated problems.");
    }
    Ranges.positive("seeds", seeds);
    Ranges.positive("max-tokens", maxTokens);
  }

  public Path output() {
    return output != null ? output : Path.of("runs", command.name() + (quick ? "-quick" : ""));
  }

  public boolean quick() {
    return quick;
  }

  /** What is given, or where that is 0, what the size of the run says. */
  public int or(int given, int quickly, int fully) {
    return given != 0 ? given : quick ? quickly : fully;
  }

  /** The same for a number. */
  public double or(double given, double quickly, double fully) {
    return given != 0 ? given : quick ? quickly : fully;
  }

  public Path model() {
    return model;
  }

  public Path data() {
    return data;
  }

  public Path testData() {
    return testData;
  }

  public double vftEpochs() {
    return vftEpochs;
  }

  public double vftLearningRate() {
    return vftLearningRate;
  }

  public int questions() {
    return or(questions, 400, 1000);
  }

  public int testQuestions() {
    return or(testQuestions, 500, 1500);
  }

  public List<Long> seeds() {
    return LongStream.range(0, seeds).boxed().toList();
  }

  public int maxTokens() {
    return maxTokens;
  }

  /** The command as it was given. */
  public String typed() {
    return "./plumbline "
        + String.join(" ", command.root().commandLine().getParseResult().originalArgs());
  }

  /** Writes the page and the Markdown document, and prints the main figures. */
  public void report(Study study, long startNanos) {
    Path page = output().resolve("report.html");
    StudyReport.write(page, study);
    StudyReport.writeMarkdown(output().resolve("report.md"), study);
    System.out.println();
    System.out.print(StudyReport.table(study));
    System.out.printf("%nReport: %s   (%.0f s)%n", page, (System.nanoTime() - startNanos) / 1e9);
  }
}
