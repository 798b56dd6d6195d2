package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.Ranges;
import dev.plumbline.alignment.cli.option.Terminal;
import dev.plumbline.alignment.experiment.Demo;
import dev.plumbline.alignment.report.DemoReport;
import dev.plumbline.alignment.report.DemoResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs the demo: VFT and AFT on the embedded model, with a report.",
      "The main job on the embedded default: samples solutions of generated word problems from a small fine-tuned",
      "model, aligns it with AFT on what was right and wrong, compares with plain fine-tuning (VFT) on held-out",
      "questions, and writes a table and report.html. Interrupted, it goes on where it was."
    })
final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--output",
      defaultValue = "runs/demo",
      paramLabel = "DIR",
      description = "Directory of the run (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Option(
      names = "--quick",
      arity = "0..1",
      fallbackValue = "true",
      description = "A small run in about a minute, for a look; its figures mean little.")
  private boolean quick;

  @Option(
      names = "--questions",
      defaultValue = "0",
      description = "Training questions; 0 = 1000, or 64 with --quick.")
  private int questions;

  @Option(
      names = "--test-questions",
      defaultValue = "0",
      description = "Held-out questions; 0 = 800, or 64 with --quick.")
  private int testQuestions;

  @Option(
      names = "--candidates",
      defaultValue = "8",
      description = "Solutions a question (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--epochs",
      defaultValue = "2",
      description = "Passes over the questions (default: ${DEFAULT-VALUE}).")
  private double epochs;

  @Option(
      names = "--batch-size",
      defaultValue = "16",
      description = "Questions a step (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--learning-rate",
      defaultValue = "1e-4",
      description = "Peak rate of both arms (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--beta",
      defaultValue = "0.15",
      description = "Margin of AFT's boundary (default: ${DEFAULT-VALUE}).")
  private double beta;

  @Option(names = "--seed", defaultValue = "0", description = "Seed (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws IOException {
    Ranges.positive("candidates", candidates);
    Ranges.positive("batch-size", batchSize);
    Demo.Settings settings =
        new Demo.Settings(
            output,
            questions > 0 ? questions : quick ? 64 : 1000,
            testQuestions > 0 ? testQuestions : quick ? 64 : 800,
            candidates,
            epochs,
            batchSize,
            learningRate,
            beta,
            seed);
    long start = System.nanoTime();
    DemoResult result = new Demo(settings, new Terminal()).run();
    System.out.println();
    System.out.print(DemoReport.table(result));
    System.out.printf(
        "%nA small model on generated problems: figures show what the method does here, not what it does at size.%n"
            + "Report: %s   (%.0f s)%n",
        output.resolve("report.html"), (System.nanoTime() - start) / 1e9);
    return 0;
  }
}
