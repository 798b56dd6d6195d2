package dev.plumbline.tensor.kernel;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The three matrix products of a linear layer {@code y = x W^T}, on rows that a source loads and a
 * sink stores, so that a norm, an activation or a residual costs no pass of its own over memory:
 *
 * <pre>
 *   forward          y  = x W^T        rows of x in chunks, W packed once
 *   inputGradient    dx = sum_k dy_k W_k
 *   weightGradient   dW = dy^T x       x packed once, rows of dW in blocks
 * </pre>
 *
 * <p>The right-hand side of each is packed into panels as wide as {@link Kernels#product} keeps in
 * registers; the left-hand side stays in a heap tile that fits the second-level cache. Rows of
 * tiles are padded to {@link Kernels#ALIGN} columns.
 */
public final class Products {
  private static final Kernels KERNELS = Kernels.BEST;
  private static final int PANEL = KERNELS.panel();

  /** Rows of the left-hand side a chunk: sources and sinks see rows in chunks of this size. */
  public static final int CHUNK = 64;

  /** Rows of k that one sweep over a panel covers: the panel's part stays in the nearest caches. */
  private static final int DEPTH = 256;

  /** Rows of a weight gradient that one task owns. */
  private static final int BLOCK = 96;

  // Slots of the worker's tiles.
  private static final int LEFT = 0;
  private static final int RESULT = 1;
  private static final int STAGE = 2;

  private Products() {}

  /** Puts rows {@code [from, to)} into a tile, {@code Kernels.padded(width)} floats a row. */
  @FunctionalInterface
  public interface Source {
    /** Fills the first {@code to - from} rows of the tile. */
    void load(int from, int to, float[] tile, Scratch scratch);
  }

  /** Columns of a matrix, row by row: the left-hand side of a weight gradient. */
  @FunctionalInterface
  public interface Columns {
    /** Copies {@code count} values of a row from a column on to {@code tile[at..]}. */
    void copy(int row, int column, int count, float[] tile, int at);
  }

  /** Columns of a dense matrix. */
  public static Columns columns(FloatBuffer matrix, int width) {
    return (row, column, count, tile, at) -> matrix.get(row * width + column, tile, at, count);
  }

  /** Columns of a matrix on the heap with {@code stride} floats a row. */
  public static Columns columns(float[] matrix, int stride) {
    return (row, column, count, tile, at) ->
        System.arraycopy(matrix, row * stride + column, tile, at, count);
  }

  /** Takes rows {@code [from, to)} from a tile, {@code Kernels.padded(width)} floats a row. */
  @FunctionalInterface
  public interface Sink {
    /** May overwrite the tile. */
    void store(int from, int to, float[] tile, Scratch scratch);
  }

  /** A right-hand side [k, n] whose products are computed panel by panel of its columns. */
  public interface RightHandSide {
    /** Rows. */
    int k();

    /** Columns. */
    int n();

    /** Number of panels, as wide as {@link Kernels#panel} each. */
    default int count() {
      return (n() + PANEL - 1) / PANEL;
    }

    /**
     * What {@link #multiplyPanel} wants in place of A: the columns of its rows in another order, or
     * A itself.
     *
     * @param m rows of A, {@code stride} floats apart
     */
    default float[] arrange(float[] a, int m, int stride) {
      return a;
    }

    /** One panel's columns of {@code A[m, k] B}, written from {@code cFrom} on, or added. */
    void multiplyPanel(
        int panel,
        int m,
        float[] a,
        int aFrom,
        int aRow,
        float[] c,
        int cFrom,
        int cRow,
        boolean accumulate);
  }

  /**
   * {@code W^T} of a bfloat16 weight W [out, in] that stays where it lies and takes no memory of
   * its own; in is even. {@link #arrange} puts the even columns of A before the odd ones, as {@link
   * Kernels#productOfPairs} wants them. An entry adds up in one order whatever m is, another one
   * than that of {@link Panels}.
   */
  public record InPlace(Matrix w) implements RightHandSide {
    /** Rows of W that are read at once: they stay in the nearest caches. */
    private static final int ROWS = 16;

    private static final ThreadLocal<Scratch> ROWS_OF_W = ThreadLocal.withInitial(Scratch::new);

    @Override
    public int k() {
      return w.width();
    }

    @Override
    public int n() {
      return w.rows();
    }

    @Override
    public float[] arrange(float[] a, int m, int stride) {
      float[] arranged = Workers.shared().tile(0, m * stride);
      int half = k() / 2;
      for (int at = 0; at < m * stride; at += stride) {
        for (int j = 0; j < half; j++) {
          arranged[at + j] = a[at + 2 * j];
          arranged[at + half + j] = a[at + 2 * j + 1];
        }
      }
      return arranged;
    }

    @Override
    public void multiplyPanel(
        int panel,
        int m,
        float[] a,
        int aFrom,
        int aRow,
        float[] c,
        int cFrom,
        int cRow,
        boolean accumulate) {
      int end = Math.min(n(), (panel + 1) * PANEL);
      float[] pairs = ROWS_OF_W.get().tile(0, ROWS * k() / 2);
      for (int row = panel * PANEL; row < end; row += ROWS) {
        int rows = Math.min(ROWS, end - row);
        w.pairs(row, row + rows, pairs);
        long start = Profile.start();
        int at = cFrom + row - panel * PANEL;
        KERNELS.productOfPairs(
            m, rows, k(), a, aFrom, aRow, pairs, 0, k() / 2, c, at, cRow, accumulate);
        Profile.end(Profile.Part.PRODUCT, start);
      }
    }
  }

  /**
   * A right-hand side [k, n] in panels: panel j holds columns {@code [j PANEL, (j + 1) PANEL)} of
   * all rows, row by row.
   */
  public record Panels(float[] data, int k, int n) implements RightHandSide {
    /** Room that a right-hand side needs. */
    public static int size(int k, int n) {
      return Math.multiplyExact((n + PANEL - 1) / PANEL * PANEL, k);
    }

    /** {@code C[m, n] = A[m, k] B}, or added to C; rows of A start {@code aRow} floats apart. */
    public void multiply(
        int m, float[] a, int aFrom, int aRow, float[] c, int cFrom, int cRow, boolean accumulate) {
      for (int panel = 0; panel < count(); panel++) {
        int at = cFrom + panel * PANEL;
        multiplyPanel(panel, m, a, aFrom, aRow, c, at, cRow, accumulate);
      }
    }

    @Override
    public void multiplyPanel(
        int panel,
        int m,
        float[] a,
        int aFrom,
        int aRow,
        float[] c,
        int cFrom,
        int cRow,
        boolean accumulate) {
      long start = Profile.start();
      int width = Math.min(PANEL, n - panel * PANEL);
      for (int p = 0; p < k; p += DEPTH) {
        KERNELS.product(
            m,
            width,
            Math.min(DEPTH, k - p),
            a,
            aFrom + p,
            aRow,
            1,
            data,
            (panel * k + p) * PANEL,
            PANEL,
            c,
            cFrom,
            cRow,
            accumulate || p > 0);
      }
      Profile.end(Profile.Part.PRODUCT, start);
    }

    /**
     * {@code C[m, n] = A[depth, m]^T B'}, or added to C, with B' the rows {@code [first, first +
     * depth)} of this right-hand side; rows of A are contiguous.
     */
    public void multiplyTransposed(
        int first,
        int depth,
        int m,
        float[] a,
        int aFrom,
        int aRow,
        float[] c,
        int cFrom,
        int cRow,
        boolean accumulate) {
      long start = Profile.start();
      for (int j = 0; j < n; j += PANEL) {
        int width = Math.min(PANEL, n - j);
        for (int p = 0; p < depth; p += DEPTH) {
          KERNELS.product(
              m,
              width,
              Math.min(DEPTH, depth - p),
              a,
              aFrom + p * aRow,
              1,
              aRow,
              data,
              j * k + (first + p) * PANEL,
              PANEL,
              c,
              cFrom + j,
              cRow,
              accumulate || p > 0);
        }
      }
      Profile.end(Profile.Part.PRODUCT, start);
    }
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

  /** The same from an offset of the tile on. */
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

  /** In blocks of 16 columns, so that each cache line of either side is touched once. */
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

  /** Puts rows {@code [from, to)} of a tile into their places in the panels of [n, width]. */
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

  /** Rows {@code [from, to)} of one weight gradient: what one task computes. */
  private record Task(WeightGradient gradient, int from, int to) {}

  /** {@code dW_k = dy_k^T x_k} for several weights, in tasks of some rows each. */
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
    float[] left = scratch.tile(LEFT, DEPTH * rows);
    float[] result = scratch.tile(RESULT, rows * width);
    for (int p = 0; p < n; p += DEPTH) {
      int depth = Math.min(DEPTH, n - p);
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
