package dev.plumbline.alignment.bench;

import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.tensor.ops.OpMode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.commons.math3.stat.regression.SimpleRegression;

/** Measures how the time of a training step grows with length, batch, width and threads. */
public final class Scaling {
  private static final int[] LENGTHS = {64, 128, 256, 512, 1024};
  private static final int[] BATCHES = {1, 2, 4, 8, 16};
  private static final int[] WIDTHS = {96, 192, 288, 384, 576};

  private final int steps;
  private final Consumer<String> progress;

  /**
   * Step times as a function of one quantity.
   *
   * @param quantity the quantity that changes
   * @param setting the quantities that are constant
   * @param threads number of threads
   * @param points measured times
   * @param exponent p of the least-squares fit {@code seconds = c x^p} over all points
   * @param upperExponent the same over the upper half, where fixed costs are negligible
   */
  public record Sweep(
      String quantity,
      String setting,
      int threads,
      List<Point> points,
      double exponent,
      double upperExponent) {}

  /** One measured point. */
  public record Point(int x, double seconds) {}

  /**
   * Creates the scaling runs.
   *
   * @param steps number of timed steps per point, of which the median is taken
   * @param progress is notified of the current measurement
   */
  public Scaling(int steps, Consumer<String> progress) {
    this.steps = steps;
    this.progress = progress;
  }

  /** Runs all sweeps, each with one thread and with all threads. */
  public List<Sweep> sweeps() {
    List<Sweep> sweeps = new ArrayList<>();
    int all = Workers.threads();
    try {
      for (int threads : all == 1 ? new int[] {1} : new int[] {1, all}) {
        Workers.limit(threads);
        sweeps.add(
            sweep(
                "sequence length",
                "4 sequences, width 288",
                LENGTHS,
                x -> TrainingWorkload.sft("length", 512, 288, 6, 4, x)));
        sweeps.add(
            sweep(
                "sequences",
                "256 tokens each, width 288",
                BATCHES,
                x -> TrainingWorkload.sft("batch", 512, 288, 6, x, 256)));
        sweeps.add(
            sweep(
                "width",
                "4 sequences of 256 tokens, heads of 48",
                WIDTHS,
                x -> TrainingWorkload.sft("width", 512, x, x / 48, 4, 256)));
      }
    } finally {
      Workers.limit(all);
    }
    return sweeps;
  }

  private Sweep sweep(
      String quantity, String setting, int[] values, IntFunction<TrainingWorkload> workload) {
    progress.accept(quantity + " (" + setting + "), " + Workers.active() + " threads");
    List<Point> points = new ArrayList<>();
    for (int x : values) {
      try (TrainingWorkload.Step step = workload.apply(x).open(OpMode.FUSED)) {
        double[] seconds = Timing.medians(1, new Timing.Way(step, 3, steps));
        points.add(new Point(x, seconds[0]));
      }
    }
    return new Sweep(
        quantity,
        setting,
        Workers.active(),
        points,
        exponent(points),
        exponent(points.subList(points.size() / 2, points.size())));
  }

  /** Slope of the regression line through the logarithms of the points. */
  static double exponent(List<Point> points) {
    SimpleRegression line = new SimpleRegression();
    points.forEach(p -> line.addData(Math.log(p.x()), Math.log(p.seconds())));
    return line.getSlope();
  }
}
