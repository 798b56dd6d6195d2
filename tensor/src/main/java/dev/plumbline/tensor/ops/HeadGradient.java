package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A backward operation whose inputs 0 and 1 are the hidden states and the output head, and which
 * computes the gradients of these two. Where the head is frozen, a constant of the graph, it has
 * only the first output. Integer argument: 1 when the head is frozen.
 */
abstract class HeadGradient extends FusedOp {
  /** For SameDiff's cloning. */
  HeadGradient() {}

  HeadGradient(SameDiff sd, SDVariable... inputs) {
    super(sd, inputs);
    addIArgument(inputs[1].isConstant() ? 1 : 0);
  }

  private boolean frozen() {
    return intArgument(0) == 1;
  }

  @Override
  public int getNumOutputs() {
    return frozen() ? 1 : 2;
  }

  @Override
  protected long[][] outputShapes(long[][] in) {
    return frozen() ? new long[][] {in[0]} : new long[][] {in[0], in[1]};
  }

  /** Where the head's gradient goes, or null where the head is frozen. */
  static INDArray headOf(INDArray[] out) {
    return out.length > 1 ? out[1] : null;
  }

  /**
   * The gradients of the forward operation's inputs: those of hidden states and head, and none of
   * the others.
   */
  List<SDVariable> ofInputs(SDVariable[] inputs) {
    List<SDVariable> gradients = new ArrayList<>(Arrays.asList(outputVariables()));
    for (int i = gradients.size(); i < inputs.length; i++) {
      gradients.add(noGradient(inputs[i]));
    }
    return gradients;
  }
}
