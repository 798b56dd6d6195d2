package dev.plumbline.tensor.kernel;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The three matrix products of a linear layer {@code y = x W^T}. A source loads the rows and a sink
 * stores them, so a norm, an activation or a residual needs no extra pass over memory:
 *
 * <pre>
 *   forward          y  = x W^T        rows of x in chunks, W packed once
 *   inputGradient    dx = sum_k dy_k W_k
 *   weightGradient   dW = dy^T x       x packed once, rows of dW in blocks
 * </pre>
 *
 * <p>The right-hand side of each is packed into panels of the width that {@link
 * ProductKernels#product} keeps in registers. The left-hand side stays in a heap tile that fits the
 * second-level cache. Rows of tiles are padded to {@link Kernels#ALIGN} columns.
 */
public final class Products {
  private static final int PANEL = Kernels.PRODUCTS.panel();

  /** Rows of the left-hand side per chunk: sources and sinks get rows in chunks of this size. */
  public static final int CHUNK = 64;

  /** Rows of a weight gradient per task. */
  private static final int BLOCK = 96;

  // Slots of the worker's tiles.
  private static final int LEFT = 0;
  private static final int RESULT = 1;
  private static final int STAGE = 2;

  private Products() {}

  /**
   * Loads rows {@code [from, to)} into a tile, with {@code Kernels.padded(width)} floats per row.
   */
  @FunctionalInterface
  public interface Source {
    /** Fills the first {@code to - from} rows of the tile. */
    void load(int from, int to, float[] tile, Scratch scratch);
  }

  /** Columns of a matrix, row by row: the left-hand side of a weight gradient. */
  @FunctionalInterface
  public interface Columns {
    /** Copies {@code count} values of a row, starting at a column, to {@code tile[at ...]}. */
    void copy(int row, int column, int count, float[] tile, int at);
  }

  /** Columns of a dense matrix. */
  public static Columns columns(FloatBuffer matrix, int width) {
    return (row, column, count, tile, at) -> matrix.get(row * width + column, tile, at, count);
  }

  /** Columns of a matrix on the heap with {@code stride} floats per row. */
  public static Columns columns(float[] matrix, int stride) {
    return (row, column, count, tile, at) ->
        System.arraycopy(matrix, row * stride + column, tile, at, count);
  }

  /**
   * Stores rows {@code [from, to)} of a tile, with {@code Kernels.padded(width)} floats per row.
   */
  @FunctionalInterface
  public interface Sink {
    /** May overwrite the tile. */
    void store(int from, int to, float[] tile, Scratch scratch);
  }

  /** Rows of a dense matrix as a source. */
  public static Source rows(FloatBuffer matrix, int width) {
    return (from, to, tile, scratch) -> load(matrix, width, from, to, tile);
  }

  /** Rows of a dense matrix as a sink. */
  public static Sink into(FloatBuffer matrix, int width) {
    return (from, to, tile, scratch) -> store(matrix, width, from, to, tile);
  }

  /** Copies rows {@code [from, to)} of a dense matrix into a tile. */
  public static void load(FloatBuffer matrix, int width, int from, int to, float[] tile) {
    load(matrix, width, from, to, tile, 0);
  }

  /** The same at an offset of the tile. */
  public static void load(FloatBuffer matrix, int width, int from, int to, float[] tile, int at) {
    long start = Profile.start();
    int stride = Kernels.padded(width);
    if (stride == width) {
      matrix.get(from * width, tile, at, (to - from) * width);
    } else {
      for (int i = from; i < to; i++) {
        matrix.get(i * width, tile, at + (i - from) * stride, width);
      }
    }
    Profile.end(Profile.Part.COPY, start);
  }

  /** Copies rows of a tile into rows {@code [from, to)} of a dense matrix. */
  public static void store(FloatBuffer matrix, int width, int from, int to, float[] tile) {
    long start = Profile.start();
    int stride = Kernels.padded(width);
    if (stride == width) {
      matrix.put(from * width, tile, 0, (to - from) * width);
    } else {
      for (int i = from; i < to; i++) {
        matrix.put(i * width, tile, (i - from) * stride, width);
      }
    }
    Profile.end(Profile.Part.COPY, start);
  }

  /** Packs W [out, in] as the right-hand side W^T [in, out]. */
  public static Panels transposed(Matrix w, float[] data) {
    int out = w.rows();
    int in = w.width();
    Workers.forChunks(
        (out + PANEL - 1) / PANEL,
        1,
        (from, to, worker) -> {
          for (int panel = from; panel < to; panel++) {
            long start = Profile.start();
            int rows = Math.min(PANEL, out - panel * PANEL);
            float[] stage = Workers.scratch(worker).tile(STAGE, PANEL * in);
            w.dense(panel * PANEL, panel * PANEL + rows, stage, 0);
            transpose(stage, rows, in, data, panel * PANEL * in);
            Profile.end(Profile.Part.PACK, start);
          }
        });
    return new Panels(data, in, out);
  }

  /** Works in blocks of 16 columns, so that each cache line of either side is touched once. */
  private static void transpose(float[] stage, int rows, int columns, float[] data, int at) {
    for (int p0 = 0; p0 < columns; p0 += 16) {
      int p1 = Math.min(columns, p0 + 16);
      for (int j = 0; j < rows; j++) {
        for (int p = p0; p < p1; p++) {
          data[at + p * PANEL + j] = stage[j * columns + p];
        }
      }
    }
  }

  /** Packs W [out, in] as the right-hand side W [out, in]. */
  public static Panels plain(Matrix w, float[] data) {
    return packed(w.rows(), w.width(), (from, to, tile, scratch) -> w.padded(from, to, tile), data);
  }

  /** Packs the n rows of a source as the right-hand side [n, width]. */
  public static Panels packed(int n, int width, Source source, float[] data) {
    int stride = Kernels.padded(width);
    Workers.forChunks(
        n,
        CHUNK,
        (from, to, worker) -> {
          Scratch scratch = Workers.scratch(worker);
          float[] stage = scratch.tile(STAGE, CHUNK * stride);
          source.load(from, to, stage, scratch);
          pack(stage, from, to, n, width, data);
        });
    return new Panels(data, n, width);
  }

  /** Copies rows {@code [from, to)} of a tile to their places in the panels of [n, width]. */
  public static void pack(float[] tile, int from, int to, int n, int width, float[] data) {
    long start = Profile.start();
    int stride = Kernels.padded(width);
    for (int j = 0; j < width; j += PANEL) {
      int columns = Math.min(PANEL, width - j);
      int at = j * n + from * PANEL;
      for (int i = 0; i < to - from; i++) {
        System.arraycopy(tile, i * stride + j, data, at + i * PANEL, columns);
      }
    }
    Profile.end(Profile.Part.PACK, start);
  }

  /**
   * {@code y_k = x W_k^T} for the n rows of x; {@code weights} were packed by {@link #transposed}.
   */
  public static void forward(int n, int in, Source x, Panels[] weights, Sink[] y) {
    int stride = Kernels.padded(in);
    Workers.forChunks(
        n,
        CHUNK,
        (from, to, worker) -> {
          Scratch scratch = Workers.scratch(worker);
          float[] left = scratch.tile(LEFT, CHUNK * stride);
          x.load(from, to, left, scratch);
          for (int k = 0; k < weights.length; k++) {
            int width = Kernels.padded(weights[k].n());
            float[] result = scratch.tile(RESULT, CHUNK * width);
            weights[k].multiply(to - from, left, 0, stride, result, 0, width, false);
            y[k].store(from, to, result, scratch);
          }
        });
  }

  /**
   * {@code dx = sum_k dy_k W_k} for n rows; {@code weights} were packed by {@link #plain}, dy_k has
   * as many columns as W_k has rows.
   */
  public static void inputGradient(int n, int in, Source[] dy, Panels[] weights, Sink dx) {
    int width = Kernels.padded(in);
    Workers.forChunks(
        n,
        CHUNK,
        (from, to, worker) -> {
          Scratch scratch = Workers.scratch(worker);
          float[] result = scratch.tile(RESULT, CHUNK * width);
          for (int k = 0; k < weights.length; k++) {
            int stride = Kernels.padded(weights[k].k());
            float[] left = scratch.tile(LEFT, CHUNK * stride);
            dy[k].load(from, to, left, scratch);
            weights[k].multiply(to - from, left, 0, stride, result, 0, width, k > 0);
          }
          dx.store(from, to, result, scratch);
        });
  }

  /**
   * One weight's gradient {@code dw [out, in] = dy[n, out]^T x}.
   *
   * @param x [n, in], packed by {@link #packed}
   * @param dy its columns
   * @param out number of columns of dy
   * @param dw receives the gradient, dense
   */
  public record WeightGradient(Panels x, Columns dy, int out, FloatBuffer dw) {}

  /** One task: rows {@code [from, to)} of one weight gradient. */
  private record Task(WeightGradient gradient, int from, int to) {}

  /** Computes {@code dW_k = dy_k^T x_k} for several weights, divided into tasks of some rows. */
  public static void weightGradients(List<WeightGradient> gradients) {
    List<Task> tasks = new ArrayList<>();
    for (WeightGradient g : gradients) {
      int parts = (g.out() + BLOCK - 1) / BLOCK;
      parts =
          (parts + Workers.threads() - 1) / Workers.threads() * Workers.threads(); // even shares
      int rows = (g.out() + 4 * parts - 1) / (4 * parts) * 4;
      for (int from = 0; from < g.out(); from += rows) {
        tasks.add(new Task(g, from, Math.min(g.out(), from + rows)));
      }
    }
    Workers.forChunks(
        tasks.size(),
        1,
        (from, to, worker) -> {
          for (Task task : tasks.subList(from, to)) {
            weightGradient(task, Workers.scratch(worker));
          }
        });
  }

  private static void weightGradient(Task task, Scratch scratch) {
    Panels x = task.gradient().x();
    int n = x.k();
    int width = Kernels.padded(x.n());
    int rows = task.to() - task.from();
    float[] left = scratch.tile(LEFT, Panels.DEPTH * rows);
    float[] result = scratch.tile(RESULT, rows * width);
    for (int p = 0; p < n; p += Panels.DEPTH) {
      int depth = Math.min(Panels.DEPTH, n - p);
      long start = Profile.start();
      for (int i = 0; i < depth; i++) {
        task.gradient().dy().copy(p + i, task.from(), rows, left, i * rows);
      }
      Profile.end(Profile.Part.COPY, start);
      x.multiplyTransposed(p, depth, rows, left, 0, rows, result, 0, width, p > 0);
    }
    store(task.gradient().dw(), x.n(), task.from(), task.to(), result);
  }
}
