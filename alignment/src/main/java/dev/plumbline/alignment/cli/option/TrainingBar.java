package dev.plumbline.alignment.cli.option;

import dev.plumbline.alignment.train.TrainSettings;
import dev.plumbline.alignment.train.Trainer;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;

/** Trains with a progress bar and prints a one-line summary. */
public final class TrainingBar implements Trainer.Progress {
  private final String name;
  private Bar bar;

  private TrainingBar(String name) {
    this.name = name;
  }

  /** Runs a training to its end. */
  public static void run(TrainSettings settings, PrintStream out) {
    TrainingBar progress = new TrainingBar(settings.objective().name());
    Trainer.Outcome outcome;
    try {
      outcome = new Trainer(settings, progress).run();
    } finally {
      if (progress.bar != null) {
        progress.bar.close();
      }
    }
    if (outcome.data().tooLong() > 0) {
      System.err.printf(
          "Left out %d of %d rows that are longer than the limit.%n",
          outcome.data().tooLong(), outcome.data().rows());
    }
    out.printf(
        Locale.ROOT,
        "%s %s: %d steps on %d rows, loss %.4f -> %.4f, written to %s%n",
        outcome.alreadyComplete() ? "Already complete," : "Trained",
        settings.objective().name(),
        outcome.steps(),
        outcome.data().examples().size(),
        outcome.firstLoss(),
        outcome.lastLoss(),
        settings.output().directory());
  }

  @Override
  public void start(long steps, long from) {
    if (from > 0) {
      System.err.println("Resuming from step " + from + " of " + steps + ".");
    }
    bar = new Bar("train " + name, steps);
  }

  @Override
  public void reference(int rows, int cached) {
    ReferenceCacheOption.report(rows, cached);
  }

  @Override
  public void step(long step, Map<String, Double> metrics) {
    bar.to(step, metrics);
  }
}
