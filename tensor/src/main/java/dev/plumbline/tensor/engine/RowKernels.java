package dev.plumbline.tensor.engine;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vector kernels on rows of heap tiles.
 *
 * <p>Deterministic by construction: {@code reduceLanes(ADD)} and {@code lanewise(EXP)} of the
 * Vector API differ between the interpreter and compiled code, so the exponential here is our own
 * polynomial in fused multiply-adds and lanes are summed in a fixed order.
 */
public final class RowKernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();

  private RowKernels() {}

  /** Sum of {@code a[i] * b[i]}. */
  public static float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
    FloatVector sum0 = FloatVector.zero(SPECIES);
    FloatVector sum1 = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      sum0 =
          FloatVector.fromArray(SPECIES, a, aFrom + i)
              .fma(FloatVector.fromArray(SPECIES, b, bFrom + i), sum0);
      sum1 =
          FloatVector.fromArray(SPECIES, a, aFrom + i + LANES)
              .fma(FloatVector.fromArray(SPECIES, b, bFrom + i + LANES), sum1);
    }
    for (; i <= n - LANES; i += LANES) {
      sum0 =
          FloatVector.fromArray(SPECIES, a, aFrom + i)
              .fma(FloatVector.fromArray(SPECIES, b, bFrom + i), sum0);
    }
    float result = sumLanes(sum0.add(sum1));
    for (; i < n; i++) {
      result += a[aFrom + i] * b[bFrom + i];
    }
    return result;
  }

  /** Largest value, negative infinity for an empty row. */
  public static float max(float[] a, int from, int n) {
    float result = Float.NEGATIVE_INFINITY;
    int i = 0;
    if (n >= LANES) {
      FloatVector best = FloatVector.fromArray(SPECIES, a, from);
      for (i = LANES; i <= n - LANES; i += LANES) {
        best = best.max(FloatVector.fromArray(SPECIES, a, from + i));
      }
      result = best.reduceLanes(VectorOperators.MAX);
    }
    for (; i < n; i++) {
      result = Math.max(result, a[from + i]);
    }
    return result;
  }

  /** {@code a = exp(a * scale - shift)} in place; returns the sum. */
  public static float expSum(float[] a, int from, int n, float scale, float shift) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, a, from + i).mul(scale).sub(shift));
      e.intoArray(a, from + i);
      sum = sum.add(e);
    }
    float result = sumLanes(sum);
    if (i < n) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, n);
      FloatVector e = exp(FloatVector.fromArray(SPECIES, a, from + i, mask).mul(scale).sub(shift));
      e.intoArray(a, from + i, mask);
      result += sumLanes(FloatVector.zero(SPECIES).blend(e, mask));
    }
    return result;
  }

  /** {@code a *= factor} in place. */
  public static void scale(float[] a, int from, int n, float factor) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, from + i).mul(factor).intoArray(a, from + i);
    }
    for (; i < n; i++) {
      a[from + i] *= factor;
    }
  }

  /** {@code y += factor * x}. */
  public static void axpy(float factor, float[] x, int xFrom, float[] y, int yFrom, int n) {
    FloatVector f = FloatVector.broadcast(SPECIES, factor);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xFrom + i)
          .fma(f, FloatVector.fromArray(SPECIES, y, yFrom + i))
          .intoArray(y, yFrom + i);
    }
    for (; i < n; i++) {
      y[yFrom + i] = Math.fma(x[xFrom + i], factor, y[yFrom + i]);
    }
  }

  /** {@code out = x * factor * gain}, the last step of an RMS norm. */
  public static void scaleBy(
      float[] x, int xFrom, float factor, float[] gain, float[] out, int outFrom, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, x, xFrom + i)
          .mul(factor)
          .mul(FloatVector.fromArray(SPECIES, gain, i))
          .intoArray(out, outFrom + i);
    }
    for (; i < n; i++) {
      out[outFrom + i] = x[xFrom + i] * factor * gain[i];
    }
  }

  /** {@code out = silu(gate) * up}. */
  public static void swiGlu(float[] gate, float[] up, float[] out, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, n);
      FloatVector g = FloatVector.fromArray(SPECIES, gate, i, mask);
      g.mul(sigmoid(g)).mul(FloatVector.fromArray(SPECIES, up, i, mask)).intoArray(out, i, mask);
    }
  }

  /** Gradient of {@link #swiGlu}, in place: gate becomes dGate, up becomes dUp. */
  public static void swiGluGradient(float[] gate, float[] up, float[] dOut, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> mask = SPECIES.indexInRange(i, n);
      FloatVector g = FloatVector.fromArray(SPECIES, gate, i, mask);
      FloatVector u = FloatVector.fromArray(SPECIES, up, i, mask);
      FloatVector d = FloatVector.fromArray(SPECIES, dOut, i, mask);
      FloatVector s = sigmoid(g);
      d.mul(g.mul(s)).intoArray(up, i, mask);
      // silu'(g) = s (1 + g (1 - s))
      FloatVector slope = s.mul(g.mul(FloatVector.broadcast(SPECIES, 1f).sub(s)).add(1f));
      d.mul(u).mul(slope).intoArray(gate, i, mask);
    }
  }

  /** Gradient of a softmax row, in place on {@code dp}: {@code p * (dp - inner) * scale}. */
  public static void softmaxGradient(
      float[] p, float[] dp, int from, int n, float inner, float scale) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, dp, from + i)
          .sub(inner)
          .mul(FloatVector.fromArray(SPECIES, p, from + i))
          .mul(scale)
          .intoArray(dp, from + i);
    }
    for (; i < n; i++) {
      dp[from + i] = (dp[from + i] - inner) * p[from + i] * scale;
    }
  }

  private static FloatVector sigmoid(FloatVector x) {
    return FloatVector.broadcast(SPECIES, 1f).div(exp(x.neg()).add(1f));
  }

  /**
   * exp by range reduction to [-ln2/2, ln2/2] and a polynomial of degree 6; relative error below
   * 2e-7.
   */
  private static FloatVector exp(FloatVector value) {
    FloatVector x = value.max(-87.3f).min(88.3f);
    FloatVector magic =
        FloatVector.broadcast(SPECIES, 12582912f); // 1.5 * 2^23: adding it rounds to an integer
    FloatVector shifted = x.fma(FloatVector.broadcast(SPECIES, 1.442695f), magic);
    FloatVector n = shifted.sub(magic);
    FloatVector r = n.fma(FloatVector.broadcast(SPECIES, -0.69314575f), x);
    r = n.fma(FloatVector.broadcast(SPECIES, -1.4286068e-6f), r);
    FloatVector p = FloatVector.broadcast(SPECIES, 0.0013981999f);
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.008333452f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.041665796f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.16666666f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 0.5f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    return p.reinterpretAsInts()
        .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
        .reinterpretAsFloats();
  }

  private static float sumLanes(FloatVector v) {
    float[] lanes = new float[LANES];
    v.intoArray(lanes, 0);
    for (int width = LANES / 2; width > 0; width /= 2) {
      for (int i = 0; i < width; i++) {
        lanes[i] += lanes[i + width];
      }
    }
    return lanes[0];
  }
}
