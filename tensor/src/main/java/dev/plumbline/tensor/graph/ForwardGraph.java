package dev.plumbline.tensor.graph;

import java.util.Map;
import java.util.function.Function;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A SameDiff graph that runs forward only. Always run it on the same thread, and close it. */
public final class ForwardGraph implements AutoCloseable {
  private final SameDiff graph;

  /** Runs {@code graph}. */
  public ForwardGraph(SameDiff graph) {
    this(graph, new ArrayPool());
  }

  /** The same with arrays from {@code pool}. */
  ForwardGraph(SameDiff graph, ArrayPool pool) {
    this.graph = graph;
    FusedSession.use(graph, pool);
  }

  /**
   * Runs the graph up to the named outputs and passes them to {@code reader}. Afterwards all arrays
   * of the run return to the pool.
   */
  public <T> T run(
      Map<String, INDArray> placeholders,
      Function<Map<String, INDArray>, T> reader,
      String... outputs) {
    try {
      return reader.apply(graph.output(placeholders, outputs));
    } finally {
      GradientGraph.reclaim(graph);
    }
  }

  @Override
  public void close() {
    GradientGraph.free(graph);
  }
}
