package dev.plumbline.tensor.engine;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.array.SingleThreadArrayHolder;
import org.nd4j.imports.converters.ImportClassMapping;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** Prepares ND4J once a process: natives, and the session that runs fused operations. */
public final class Engine {
  private static final boolean FOR_CARD =
      Engine.class.getClassLoader().getResource("org/nd4j/linalg/jcublas/JCublasBackend.class")
          != null;

  private Engine() {}

  /** Selects the natives and registers the fused operations; safe to call again. */
  public static void install(DynamicCustomOp... prototypes) {
    Natives.select();
    PrintStream err = System.err;
    if (forCard()) { // ND4J prints a stack trace where there is no driver
      System.setErr(
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
    }
    try {
      SameDiff.bindInferenceFactory(FusedSession::new);
      for (DynamicCustomOp prototype : prototypes) {
        // createGradFunction clones operations by name through this table; one that is missing
        // loses its class.
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

  /** Whether this build, by {@code -Pcuda}, carries ND4J's backend for graphics cards. */
  public static boolean forCard() {
    return FOR_CARD;
  }

  /** Whether arrays live on a graphics card: that backend has started. */
  public static boolean onCard() {
    return Card.BACKEND;
  }

  /** Asked only when ND4J has started. */
  private static final class Card {
    static final boolean BACKEND = Nd4j.getBackend().getClass().getSimpleName().contains("Cublas");
  }

  /**
   * An empty graph, for one thread, that holds every weight once: SameDiff's own holders keep a
   * second copy of each array for threads on other devices.
   */
  public static SameDiff newGraph() {
    SameDiff graph = SameDiff.create();
    graph.setArrayHolders(new SingleThreadArrayHolder(), new SingleThreadArrayHolder(), true);
    return graph;
  }
}
