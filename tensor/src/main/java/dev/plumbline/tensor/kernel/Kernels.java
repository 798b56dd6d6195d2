package dev.plumbline.tensor.kernel;

/**
 * The kernels of this process: the inner loops of every fused operation, on rows of heap tiles.
 * Each has an implementation with the Vector API and one in plain Java. The choice is made once,
 * when the process starts.
 *
 * <p>The kernels are deterministic by construction. A result depends only on its own row and
 * column, never on the number of rows in the batch, on the division into chunks, or on threads.
 */
public final class Kernels {
  /**
   * Rows of tiles are padded to a multiple of this number of columns, because products read and
   * write whole vectors.
   */
  public static final int ALIGN = 16;

  /** System property: {@code false} selects plain Java. */
  public static final String VECTOR_PROPERTY = "plumbline.vector";

  private static final boolean VECTOR = vector();

  /** Matrix products. */
  public static final ProductKernels PRODUCTS =
      VECTOR ? new VectorProducts() : new ScalarProducts();

  /** Row kernels. */
  public static final RowKernels ROWS = VECTOR ? new VectorRows() : new ScalarRows();

  private Kernels() {}

  /** Floats of a tile row with room for {@code columns}. */
  public static int padded(int columns) {
    return (columns + ALIGN - 1) / ALIGN * ALIGN;
  }

  private static boolean vector() {
    boolean module = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    boolean wanted = Boolean.parseBoolean(System.getProperty(VECTOR_PROPERTY, "true"));
    // Vectors of fewer than 256 bits would leave the register tile of the product half empty.
    return module && wanted && VectorProducts.lanes() >= 8;
  }
}
