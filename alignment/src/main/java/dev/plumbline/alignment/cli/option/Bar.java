package dev.plumbline.alignment.cli.option;

import java.util.Locale;
import java.util.Map;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * A progress bar on standard error if the launcher says that it is a terminal (Java before 22
 * cannot tell); silent otherwise.
 */
public final class Bar implements AutoCloseable {
  private final ProgressBar bar;

  public Bar(String task, long total) {
    bar =
        !Boolean.getBoolean("plumbline.progress")
            ? null
            : new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .showSpeed()
                .build();
  }

  public void advance(long by) {
    if (bar != null) {
      bar.stepBy(by);
    }
  }

  public void to(long value, Map<String, Double> metrics) {
    if (bar != null) {
      bar.stepTo(value);
      bar.setExtraMessage(String.format(Locale.ROOT, " loss %.4f", metrics.get("loss")));
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
