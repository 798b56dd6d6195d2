package dev.plumbline.tensor.graph;

import dev.plumbline.tensor.kernel.Profile;
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
 * SameDiff's inference session with two changes: a {@link FusedOp} runs its Java code, and arrays
 * come from an {@link ArrayPool}.
 */
final class FusedSession extends InferenceSession {
  private final ArrayPool pool;

  FusedSession(SameDiff sd) {
    this(sd, new ArrayPool());
  }

  /** With {@code pool} null the session keeps SameDiff's own array cache, for comparison. */
  FusedSession(SameDiff sd, ArrayPool pool) {
    super(sd);
    this.pool = pool;
    if (pool != null) {
      setMmgr(pool);
    }
  }

  /** Makes this thread's runs of a graph take their arrays from a pool. */
  static void use(SameDiff sd, ArrayPool pool) {
    sd.getSessions().put(Thread.currentThread().getId(), new FusedSession(sd, pool));
  }

  /** The pool of this session's arrays, or null. */
  ArrayPool pool() {
    return pool;
  }

  /** Called once at the start of a run. */
  @Override
  protected Map<String, INDArray> preprocessPlaceholders(
      Map<String, INDArray> placeholders, At at) {
    freedArrays.clear(); // SameDiff only ever adds to it
    if (pool != null) {
      pool.forget();
    }
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
