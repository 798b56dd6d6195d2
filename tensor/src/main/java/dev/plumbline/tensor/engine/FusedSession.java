package dev.plumbline.tensor.engine;

import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.listeners.At;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.config.ExecutionResult;
import org.nd4j.autodiff.samediff.config.SDValue;
import org.nd4j.autodiff.samediff.internal.FrameIter;
import org.nd4j.autodiff.samediff.internal.InferenceSession;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.OpContext;

/**
 * SameDiff's inference session, except that a {@link FusedOp} runs its Java body on the arrays that
 * it allocated, and that arrays come from an {@link ArrayPool}.
 */
final class FusedSession extends InferenceSession {
  private final ArrayPool pool = new ArrayPool();

  FusedSession(SameDiff sd) {
    this(sd, true);
  }

  /** {@code pooled} false leaves SameDiff's own array cache in place, for comparison. */
  FusedSession(SameDiff sd, boolean pooled) {
    super(sd);
    if (pooled) {
      setMmgr(pool);
    }
  }

  /** Where this session's arrays come from. */
  ArrayPool pool() {
    return pool;
  }

  /** Called once at the start of a run. */
  @Override
  protected Map<String, INDArray> preprocessPlaceholders(
      Map<String, INDArray> placeholders, At at) {
    freedArrays.clear(); // SameDiff only ever adds to it
    pool.forget();
    return super.preprocessPlaceholders(placeholders, at);
  }

  @Override
  public ExecutionResult doExec(
      DifferentialFunction op,
      OpContext context,
      FrameIter frame,
      Set<VarId> inputs,
      Set<VarId> allIterationInputs,
      Set<String> constantsAndPlaceholders,
      Map<String, SDValue> otherPlaceholders) {
    long start = Profile.start();
    ExecutionResult result;
    if (op instanceof FusedOp fused) {
      fused.run(context);
      result = ExecutionResult.createFrom(op, context);
    } else {
      result =
          super.doExec(
              op,
              context,
              frame,
              inputs,
              allIterationInputs,
              constantsAndPlaceholders,
              otherPlaceholders);
    }
    Profile.operation(op.opName(), start);
    return result;
  }
}
