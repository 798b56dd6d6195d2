package dev.plumbline.alignment.cli.option;

import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.train.TrainSettings;

/** Prints stages as lines and shows progress bars. */
public final class Terminal implements RunConsole {
  @Override
  public void stage(String text) {
    System.err.println(text);
  }

  @Override
  public RunConsole.ProgressBar bar(String task, long total) {
    Bar bar = new Bar(task, total);
    return new RunConsole.ProgressBar() {
      @Override
      public void accept(int by) {
        bar.advance(by);
      }

      @Override
      public void close() {
        bar.close();
      }
    };
  }

  @Override
  public void train(TrainSettings settings) {
    TrainingBar.run(settings, System.err);
  }
}
