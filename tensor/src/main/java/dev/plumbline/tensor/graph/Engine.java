package dev.plumbline.tensor.graph;

import dev.plumbline.tensor.kernel.Natives;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.array.SingleThreadArrayHolder;
import org.nd4j.imports.converters.ImportClassMapping;
import org.nd4j.linalg.api.ops.DynamicCustomOp;

/**
 * Prepares ND4J once per process: selects the natives and installs the session that runs fused
 * operations.
 */
public final class Engine {
  private Engine() {}

  /** Selects the natives and registers the fused operations; safe to call again. */
  public static void install(DynamicCustomOp... prototypes) {
    Natives.select();
    PrintStream err = System.err;
    if (Natives.forGpu()) { // ND4J prints a stack trace where there is no driver
      System.setErr(
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    }
    try {
      SameDiff.bindInferenceFactory(FusedSession::new);
      for (DynamicCustomOp prototype : prototypes) {
        // createGradFunction clones operations by name through this table; an operation that is
        // missing loses its class.
        ImportClassMapping.getOpNameMapping().put(prototype.opName(), prototype);
      }
    } catch (RuntimeException | LinkageError e) {
      throw new IllegalStateException(
          "ND4J's backend does not start on this machine ("
              + root(e).getMessage()
              + "); 'plumbline doctor' says what is missing.",
          e);
    } finally {
      System.setErr(err);
    }
  }

  private static Throwable root(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /**
   * An empty graph for one thread that stores every weight once. SameDiff's default holders keep a
   * second copy of each array for threads on other devices.
   */
  public static SameDiff newGraph() {
    SameDiff graph = SameDiff.create();
    graph.setArrayHolders(new SingleThreadArrayHolder(), new SingleThreadArrayHolder(), true);
    return graph;
  }
}
