package dev.plumbline.tensor.ops;

import dev.plumbline.tensor.graph.FusedOp;
import dev.plumbline.tensor.kernel.Matrix;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOpDescriptor;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Selected rows of a table: {@code out[i] = table[ids[i]]}; for example the embedding look-up. An
 * id may repeat; its gradients are summed.
 *
 * <p>Shapes: table [rows, width] float32, ids [n] int32, out [n, width].
 */
public final class Embedding {
  private Embedding() {}

  /**
   * The formula in stock operations. It uses SameDiff's native gather, but not its gradient, which
   * is wrong in M2.1.
   */
  static SDVariable compose(SameDiff sd, SDVariable table, SDVariable ids) {
    return new Gather(sd, table, ids).outputVariable();
  }

  /** The native gather kernel under another name, with a correct gradient. */
  public static final class Gather extends DynamicCustomOp {
    /** For SameDiff's cloning. */
    public Gather() {}

    Gather(SameDiff sd, SDVariable table, SDVariable ids) {
      super(null, sd, new SDVariable[] {table, ids});
      addIArgument(0);
    }

    @Override
    public String opName() {
      return "plumbline_rows_gather";
    }

    @Override
    public CustomOpDescriptor getDescriptor() {
      return Nd4j.getExecutioner().getCustomOperations().get("gather");
    }

    @Override
    public long opHash() {
      return getDescriptor().getHash();
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
      return List.of(inputs.get(0));
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      SDVariable zeros = sameDiff.zerosLike(arg(0));
      return List.of(
          sameDiff.scatterAdd(zeros, arg(1), gradients.get(0)), sameDiff.zerosLike(arg(1)));
    }
  }

  /** Fused body. */
  public static final class Fused extends FusedOp {
    /** For SameDiff's cloning. */
    public Fused() {}

    Fused(SameDiff sd, SDVariable table, SDVariable ids) {
      super(sd, table, ids);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {{in[1][0], in[0][1]}};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int[] ids = in[1].toIntVector();
      int width = (int) in[0].size(1);
      FloatPointer rows = Memory.pointer(out[0]);
      Workers.forChunks(
          ids.length,
          256,
          (from, to, worker) -> {
            float[] row = new float[width];
            for (int i = from; i < to; i++) {
              Matrix.of(in[0], ids[i], 1).dense(0, 1, row, 0);
              Memory.view(rows, (long) i * width, width).put(row);
            }
          });
    }

    @Override
    public List<SDVariable> doDiff(List<SDVariable> gradients) {
      boolean frozen = arg(0).isConstant();
      return List.of(
          frozen
              ? noGradient(arg(0))
              : new Backward(sameDiff, arg(0), arg(1), gradients.get(0)).outputVariable(),
          noGradient(arg(1)));
    }
  }

  /** Gradient of the table: scatter-add, in the order of the ids. */
  public static final class Backward extends FusedOp {
    /** For SameDiff's cloning. */
    public Backward() {}

    Backward(SameDiff sd, SDVariable table, SDVariable ids, SDVariable gradient) {
      super(sd, table, ids, gradient);
    }

    @Override
    protected long[][] outputShapes(long[][] in) {
      return new long[][] {in[0]};
    }

    @Override
    protected void execute(INDArray[] in, INDArray[] out) {
      int[] ids = in[1].toIntVector();
      int width = (int) in[0].size(1);
      FloatPointer gradient = Memory.pointer(in[2]);
      FloatPointer table = Memory.pointer(out[0]);
      Memory.zero(table, in[0].length());
      float[] row = new float[width];
      float[] sum = new float[width];
      FloatBuffer incoming = Memory.view(gradient, 0, in[2].length());
      for (int i = 0; i < ids.length; i++) {
        FloatBuffer target = Memory.view(table, (long) ids[i] * width, width);
        incoming.get(i * width, row);
        target.get(0, sum);
        for (int j = 0; j < width; j++) {
          sum[j] += row[j];
        }
        target.put(0, sum);
      }
    }
  }
}
