package dev.plumbline.tensor.graph;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A SameDiff graph with its gradient function, run directly. {@code SameDiff.calculateGradients}
 * keeps every array of a run (7.7 GB on a tiny model) and {@code fit} knows neither global-norm
 * clipping nor accumulation.
 *
 * <p>A graph keeps one session per thread, so always run it on the same thread.
 */
public final class GradientGraph implements AutoCloseable {
  private final SameDiff graph;
  private final SameDiff gradients;
  private final Map<String, String> gradientNames = new LinkedHashMap<>();

  /**
   * Differentiates {@code loss} with respect to every trainable variable.
   *
   * @param loss name of a scalar variable of the graph
   * @param parameters names of the variables whose gradients are wanted, in the order of the
   *     results
   */
  public GradientGraph(SameDiff graph, String loss, List<String> parameters) {
    this(graph, loss, parameters, Arrays.POOLED);
  }

  /** Source of the arrays of a run. */
  public enum Arrays {
    /** Our pool; every run returns its arrays to it. */
    POOLED,
    /** SameDiff's own cache, the default of SameDiff; for comparison. */
    STOCK
  }

  /** The same with a source of arrays. */
  public GradientGraph(SameDiff graph, String loss, List<String> parameters, Arrays arrays) {
    this(graph, loss, parameters, arrays == Arrays.STOCK ? null : new ArrayPool());
  }

  /** The same with arrays from {@code pool}; null = SameDiff's own cache. */
  GradientGraph(SameDiff graph, String loss, List<String> parameters, ArrayPool pool) {
    this.graph = graph;
    graph.setLossVariables(loss);
    String[] inputs = // SameDiff computes a placeholder's gradient only on request
        parameters.stream()
            .filter(name -> graph.getVariable(name).isPlaceHolder())
            .toArray(String[]::new);
    quietly(() -> graph.createGradFunction(inputs));
    gradients = graph.getFunction("grad");
    FusedSession.use(gradients, pool);
    for (String parameter : parameters) {
      SDVariable gradient = graph.getVariable(parameter).getGradient();
      if (gradient == null) {
        throw new IllegalArgumentException(
            "The loss " + loss + " does not depend on the parameter " + parameter + ".");
      }
      gradientNames.put(parameter, gradient.name());
    }
  }

  /** Values and gradients of one run. Close it to return all arrays of the run to the pool. */
  public record Result(
      Map<String, INDArray> values, Map<String, INDArray> gradients, GradientGraph graph)
      implements AutoCloseable {
    @Override
    public void close() {
      if (!reclaim(graph.gradients)) {
        values.values().forEach(GradientGraph::release);
        gradients.values().forEach(GradientGraph::release);
      }
    }
  }

  /** Runs forward and backward; {@code outputs} names further variables to return. */
  public Result run(Map<String, INDArray> placeholders, List<String> outputs) {
    List<String> wanted = new ArrayList<>(outputs);
    wanted.addAll(gradientNames.values());
    Map<String, INDArray> arrays = gradients.output(placeholders, wanted.toArray(String[]::new));
    Map<String, INDArray> values = new LinkedHashMap<>();
    outputs.forEach(name -> values.put(name, arrays.get(name)));
    Map<String, INDArray> byParameter = new LinkedHashMap<>();
    gradientNames.forEach(
        (parameter, gradient) -> byParameter.put(parameter, arrays.get(gradient)));
    return new Result(values, byParameter, this);
  }

  /** Whether the graph has a placeholder of this name. */
  public boolean hasInput(String name) {
    return graph.hasVariable(name);
  }

  /** Frees the sessions' arrays. */
  @Override
  public void close() {
    free(gradients);
    free(graph);
  }

  /**
   * Takes back all arrays of the graph's runs on this thread, including the results. Returns false
   * when they do not come from a pool. The session belongs to the thread that ran the graph.
   */
  static boolean reclaim(SameDiff graph) {
    if (graph.getSessions().get(Thread.currentThread().getId()) instanceof FusedSession session
        && session.pool() != null) {
      session.pool().reclaim();
      return true;
    }
    return false;
  }

  private static void release(INDArray array) {
    if (!array.wasClosed() && array.closeable()) {
      array.close();
    }
  }

  static void free(SameDiff graph) {
    graph
        .getSessions()
        .values()
        .forEach(
            session -> {
              if (session instanceof FusedSession fused && fused.pool() != null) {
                fused.pool().close();
              }
            });
    graph.getSessions().clear();
  }

  /**
   * createGradFunction prints a line per operation on standard output, which only our user's output
   * may use.
   */
  private static void quietly(Runnable action) {
    PrintStream out = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setOut(out);
    }
  }
}
