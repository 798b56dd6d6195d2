package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.train.TrainSettings;
import java.util.function.IntConsumer;

/** What shows a run of several stages to its user. */
public interface RunConsole {
  /** A stage begins. */
  void stage(String text);

  /** A bar for a stage of known length; the result is closed by the run. */
  ProgressBar bar(String task, long total);

  /** Trains with a bar. */
  void train(TrainSettings settings);

  /** A bar. */
  interface ProgressBar extends IntConsumer, AutoCloseable {
    @Override
    void close();
  }
}
