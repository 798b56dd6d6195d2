package dev.plumbline.tensor.graph;

import dev.plumbline.tensor.kernel.Memory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOpDescriptor;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * A SameDiff operation that is implemented in Java. SameDiff places it in the graph, allocates its
 * outputs and differentiates it with {@code doDiff}; {@link FusedSession} calls {@link #execute}.
 *
 * <p>A subclass needs a public constructor without arguments and must be one of the prototypes
 * given to {@link Engine#install}, because SameDiff clones every operation by name when it builds
 * the gradient graph. It keeps its parameters in the integer and floating-point arguments only,
 * because a clone is rebuilt from these.
 */
public abstract class FusedOp extends DynamicCustomOp {
  /** For SameDiff's cloning. */
  protected FusedOp() {}

  /** Adds the operation to a graph. */
  protected FusedOp(SameDiff sd, SDVariable... inputs) {
    super(null, sd, inputs);
  }

  /** Shapes of the outputs from the shapes of the inputs; all outputs are float32. */
  protected abstract long[][] outputShapes(long[][] inputs);

  /** Computes the outputs. Inputs are dense, in C order and read-only. */
  protected abstract void execute(INDArray[] inputs, INDArray[] outputs);

  /** Integer argument {@code index}. */
  protected final int intArgument(int index) {
    return iArguments.get(index).intValue();
  }

  /** Floating-point argument {@code index}. */
  protected final double floatArgument(int index) {
    return tArguments.get(index);
  }

  /**
   * The gradient of an input without one, such as token ids. SameDiff needs a variable but never
   * computes it.
   */
  protected final SDVariable noGradient(SDVariable input) {
    return sameDiff.zerosLike(input);
  }

  /**
   * The gradient of an input to which an output's gradient passes unchanged. It is a new variable,
   * because SameDiff renames it.
   */
  protected final SDVariable handOn(SDVariable gradient) {
    return sameDiff.identity(gradient);
  }

  final void run(OpContext context) {
    INDArray[] inputs =
        context.getInputArrays().stream().map(Memory::dense).toArray(INDArray[]::new);
    execute(inputs, context.getOutputArrays().toArray(INDArray[]::new));
  }

  @Override
  public String opName() {
    Class<?> owner = getClass().getEnclosingClass();
    String prefix = owner == null ? "" : owner.getSimpleName() + "_";
    return "plumbline_" + prefix + getClass().getSimpleName();
  }

  @Override
  public long opHash() {
    return 0;
  }

  @Override
  public CustomOpDescriptor getDescriptor() {
    return null;
  }

  @Override
  public int getNumOutputs() {
    return 1;
  }

  @Override
  public Map<String, Object> propertiesForFunction() {
    return Collections.emptyMap();
  }

  @Override
  public void setPropertiesForFunction(Map<String, Object> properties) {
    // all parameters are in the arguments
  }

  @Override
  public List<DataType> calculateOutputDataTypes(List<DataType> inputs) {
    return Collections.nCopies(getNumOutputs(), DataType.FLOAT);
  }

  @Override
  public List<LongShapeDescriptor> calculateOutputShape(OpContext context) {
    long[][] inputs = context.getInputArrays().stream().map(INDArray::shape).toArray(long[][]::new);
    List<LongShapeDescriptor> result = new ArrayList<>();
    for (long[] shape : outputShapes(inputs)) {
      result.add(LongShapeDescriptor.fromShape(shape, DataType.FLOAT));
    }
    return result;
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    throw new UnsupportedOperationException(
        opName() + " has no gradient: second derivatives are not supported.");
  }
}
