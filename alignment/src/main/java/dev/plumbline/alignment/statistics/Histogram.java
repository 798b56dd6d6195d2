package dev.plumbline.alignment.statistics;

import java.util.ArrayList;
import java.util.List;

/**
 * Counts in bins of equal width. Bin {@code i} counts {@code edge(i) <= x < edge(i + 1)}; the last
 * bin includes {@code high}, as in NumPy. Values outside are counted separately.
 *
 * @param low left edge of the first bin
 * @param high right edge of the last bin
 * @param counts values per bin
 * @param below values under {@code low}
 * @param above values over {@code high}
 */
public record Histogram(double low, double high, List<Long> counts, long below, long above) {
  /** Takes a copy of the counts. */
  public Histogram {
    counts = List.copyOf(counts);
  }

  /**
   * Counts values.
   *
   * @param bins number of bins over {@code [low, high]}
   */
  public static Histogram of(double[] values, double low, double high, int bins) {
    Samples.require(values, 0, "The sample of a histogram");
    if (bins < 1 || !(low < high) || Double.isInfinite(high - low)) {
      throw new IllegalArgumentException(
          "A histogram of "
              + bins
              + " bins from "
              + low
              + " to "
              + high
              + " has no bins of finite width; it needs at least 1 bin and low < high.");
    }
    long[] counts = new long[bins];
    long below = 0;
    long above = 0;
    for (double value : values) {
      if (value < low) {
        below++;
      } else if (value > high) {
        above++;
      } else {
        counts[bin(value, low, high, bins)]++;
      }
    }
    List<Long> list = new ArrayList<>(bins);
    for (long count : counts) {
      list.add(count);
    }
    return new Histogram(low, high, list, below, above);
  }

  /** Left edge of a bin; {@code edge(counts().size())} is {@code high}. */
  public double edge(int bin) {
    return edge(bin, low, high, counts.size());
  }

  private static double edge(int bin, double low, double high, int bins) {
    return bin == bins ? high : low + (high - low) * bin / bins;
  }

  /** Rounding may move the quotient across an edge, so the edges are compared directly. */
  private static int bin(double value, double low, double high, int bins) {
    int bin = (int) Math.min(bins - 1, (value - low) / (high - low) * bins);
    if (value < edge(bin, low, high, bins)) {
      return bin - 1;
    }
    boolean next = bin < bins - 1 && value >= edge(bin + 1, low, high, bins);
    return next ? bin + 1 : bin;
  }
}
