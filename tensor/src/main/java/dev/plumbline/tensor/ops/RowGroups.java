package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Products;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * The distinct rows of a list of entries, and the entries of each row: row u has the entries {@code
 * entries[first[u] .. first[u + 1])}, in rising order.
 */
record RowGroups(int[] rows, int[] first, int[] entries) {
  /**
   * Groups the entries of {@code kept}; {@code tokens} is the number of rows of the hidden states.
   */
  static RowGroups of(int[] rows, int[] kept, int tokens) {
    int[] place = new int[tokens]; // 1 + index among the distinct rows
    int[] distinct = new int[kept.length];
    int[] counts = new int[kept.length + 1];
    int found = 0;
    for (int e : kept) {
      if (place[rows[e]] == 0) {
        distinct[found++] = rows[e];
        place[rows[e]] = found;
      }
      counts[place[rows[e]]]++;
    }
    int[] first = Arrays.copyOf(counts, found + 1);
    Arrays.parallelPrefix(first, Integer::sum);
    int[] entries = new int[kept.length];
    int[] next = first.clone();
    for (int e : kept) {
      entries[next[place[rows[e]] - 1]++] = e;
    }
    return new RowGroups(Arrays.copyOf(distinct, found), first, entries);
  }

  /** The entries of row u. */
  int[] entriesOf(int u) {
    return Arrays.copyOfRange(entries, first[u], first[u + 1]);
  }

  int size() {
    return rows.length;
  }

  /** Copies the hidden states of the rows to {@code h}, one after the other, and returns it. */
  float[] gather(FloatBuffer hidden, int width, float[] h) {
    int stride = Kernels.padded(width);
    Workers.forChunks(
        rows.length,
        Products.CHUNK,
        (from, to, worker) -> {
          for (int u = from; u < to; u++) {
            hidden.get(rows[u] * width, h, u * stride, width);
          }
        });
    return h;
  }
}
