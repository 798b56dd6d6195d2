package dev.plumbline.tensor.optim;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.RowKernels;
import dev.plumbline.tensor.kernel.Workers;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * AdamW (Loshchilov and Hutter 2019, Algorithm 2), including the clipping factor, in one pass over
 * parameters, moments and gradients:
 *
 * <pre>
 *   g  = clip * gradient
 *   m  = beta1 m + (1 - beta1) g
 *   v  = beta2 v + (1 - beta2) g^2
 *   w -= rate * weightDecay * w                                  (decoupled)
 *   w -= rate * (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)
 * </pre>
 */
public final class AdamW implements AutoCloseable {
  private static final int TILE = 1024; // four tiles stay in the first-level cache

  private final Settings settings;
  private final Map<String, INDArray> parameters;
  private final Map<String, INDArray> firstMoments = new LinkedHashMap<>();
  private final Map<String, INDArray> secondMoments = new LinkedHashMap<>();
  private long steps;

  /**
   * Constants of the update; the defaults are those of PyTorch's AdamW, except the weight decay.
   *
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   * @param weightDecay decoupled decay of every parameter
   */
  public record Settings(double beta1, double beta2, double epsilon, double weightDecay) {
    /** beta1 0.9, beta2 0.999, epsilon 1e-8 (Kingma and Ba 2015, Algorithm 1). */
    public static Settings withDecay(double weightDecay) {
      return new Settings(0.9, 0.999, 1e-8, weightDecay);
    }
  }

  /** An optimiser that updates the given live arrays. */
  public AdamW(Settings settings, Map<String, INDArray> parameters) {
    this.settings = settings;
    this.parameters = new LinkedHashMap<>(parameters);
    parameters.forEach(
        (name, parameter) -> {
          firstMoments.put(name, Nd4j.zeros(DataType.FLOAT, parameter.shape()));
          secondMoments.put(name, Nd4j.zeros(DataType.FLOAT, parameter.shape()));
        });
  }

  /** Number of updates so far. */
  public long steps() {
    return steps;
  }

  /** First moments by parameter name; the arrays are the live ones. */
  public Map<String, INDArray> firstMoments() {
    return firstMoments;
  }

  /** Second moments by parameter name; the arrays are the live ones. */
  public Map<String, INDArray> secondMoments() {
    return secondMoments;
  }

  /** Continues a run: the caller has filled the moments. */
  public void restore(long stepsTaken) {
    steps = stepsTaken;
  }

  /** One update. {@code clip} multiplies every gradient. */
  public void step(Map<String, INDArray> gradients, double rate, double clip) {
    steps++;
    RowKernels.AdamWConstants constants =
        new RowKernels.AdamWConstants(
            (float) clip,
            (float) settings.beta1(),
            (float) settings.beta2(),
            (float) (1 - rate * settings.weightDecay()),
            (float) (rate / (1 - Math.pow(settings.beta1(), (double) steps))),
            (float) (1 / (1 - Math.pow(settings.beta2(), (double) steps))),
            (float) settings.epsilon());
    parameters.forEach(
        (name, parameter) ->
            update(
                parameter,
                gradients.get(name),
                firstMoments.get(name),
                secondMoments.get(name),
                constants));
  }

  private void update(
      INDArray parameter,
      INDArray gradient,
      INDArray first,
      INDArray second,
      RowKernels.AdamWConstants constants) {
    FloatBuffer w = Memory.view(parameter);
    FloatBuffer g = Memory.view(Memory.dense(gradient));
    FloatBuffer m = Memory.view(first);
    FloatBuffer v = Memory.view(second);
    Workers.forChunks(
        (int) parameter.length(),
        TILE,
        (from, to, worker) -> {
          int n = to - from;
          float[] wt = Workers.scratch(worker).tile(0, TILE);
          float[] gt = Workers.scratch(worker).tile(1, TILE);
          float[] mt = Workers.scratch(worker).tile(2, TILE);
          float[] vt = Workers.scratch(worker).tile(3, TILE);
          w.get(from, wt, 0, n);
          g.get(from, gt, 0, n);
          m.get(from, mt, 0, n);
          v.get(from, vt, 0, n);
          Kernels.ROWS.adamW(wt, gt, mt, vt, n, constants);
          w.put(from, wt, 0, n);
          m.put(from, mt, 0, n);
          v.put(from, vt, 0, n);
        });
  }

  @Override
  public void close() {
    firstMoments.values().forEach(INDArray::close);
    secondMoments.values().forEach(INDArray::close);
  }
}
