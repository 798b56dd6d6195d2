package dev.plumbline.tensor.engine;

import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.imports.converters.ImportClassMapping;
import org.nd4j.linalg.api.ops.DynamicCustomOp;

/** Prepares ND4J once a process: natives, and the session that runs fused operations. */
public final class Engine {
  private Engine() {}

  /** Selects the natives and registers the fused operations; safe to call again. */
  public static void install(DynamicCustomOp... prototypes) {
    Natives.select();
    SameDiff.bindInferenceFactory(FusedSession::new);
    for (DynamicCustomOp prototype : prototypes) {
      // createGradFunction clones operations by name through this table; one that is missing loses
      // its class.
      ImportClassMapping.getOpNameMapping().put(prototype.opName(), prototype);
    }
  }
}
