package dev.plumbline.tensor.engine;

import java.util.Map;
import java.util.Set;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.config.ExecutionResult;
import org.nd4j.autodiff.samediff.config.SDValue;
import org.nd4j.autodiff.samediff.internal.FrameIter;
import org.nd4j.autodiff.samediff.internal.InferenceSession;
import org.nd4j.linalg.api.ops.OpContext;

/**
 * SameDiff's inference session, except that a {@link FusedOp} runs its Java body on the arrays that
 * it allocated.
 */
final class FusedSession extends InferenceSession {
  FusedSession(SameDiff sd) {
    super(sd);
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
