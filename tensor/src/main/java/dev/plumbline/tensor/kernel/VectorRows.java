package dev.plumbline.tensor.kernel;

import java.util.stream.IntStream;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Row kernels on the Vector API. They do not use {@code reduceLanes(ADD)} and {@code
 * lanewise(EXP)}, because these give different results in the interpreter and in compiled code.
 * They share their species with {@link VectorProducts}.
 */
final class VectorRows implements RowKernels {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final int LANES = SPECIES.length();
  private static final int LANES_2 = 2 * LANES;

  /** FIRST[n] has the first n lanes set; {@code indexInRange} builds a new mask on each call. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static final VectorMask<Float>[] FIRST =
      IntStream.range(0, LANES)
          .mapToObj(n -> SPECIES.indexInRange(0, n))
          .toArray(VectorMask[]::new);

  /** FOLDS[0] moves lane i + LANES / 2 to lane i, FOLDS[1] lane i + LANES / 4, and so on. */
  @SuppressWarnings({"unchecked", "rawtypes"})
  private static final VectorShuffle<Float>[] FOLDS =
      IntStream.iterate(LANES / 2, width -> width > 0, width -> width / 2)
          .mapToObj(width -> VectorShuffle.fromOp(SPECIES, i -> (i + width) % LANES))
          .toArray(VectorShuffle[]::new);

  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
    FloatVector sum0 = FloatVector.zero(SPECIES);
    FloatVector sum1 = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES_2; i += LANES_2) {
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
      result = Math.fma(a[aFrom + i], b[bFrom + i], result);
    }
    return result;
  }

  @Override
  public float max(float[] a, int from, int n) {
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

  @Override
  public float expSum(float[] a, int from, int n, float scale, float shift) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, a, from + i).mul(scale).sub(shift));
      e.intoArray(a, from + i);
      sum = sum.add(e);
    }
    float result = sumLanes(sum);
    if (i < n) {
      VectorMask<Float> mask = FIRST[n - i];
      FloatVector e = exp(FloatVector.fromArray(SPECIES, a, from + i, mask).mul(scale).sub(shift));
      e.intoArray(a, from + i, mask);
      result += sumLanes(FloatVector.zero(SPECIES).blend(e, mask));
    }
    return result;
  }

  @Override
  public void scale(float[] a, int from, int n, float factor) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, a, from + i).mul(factor).intoArray(a, from + i);
    }
    for (; i < n; i++) {
      a[from + i] *= factor;
    }
  }

  @Override
  public void axpy(float factor, float[] x, int xFrom, float[] y, int yFrom, int n) {
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

  @Override
  public void scaleBy(
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

  @Override
  public void rmsNormGradient(
      float[] x, int xFrom, float[] dy, int dyFrom, float[] gain, float[] gainSum, float r, int n) {
    int i = 0;
    FloatVector sum = FloatVector.zero(SPECIES);
    for (; i <= n - LANES; i += LANES) {
      FloatVector xi = FloatVector.fromArray(SPECIES, x, xFrom + i);
      FloatVector g = FloatVector.fromArray(SPECIES, dy, dyFrom + i);
      g.mul(xi)
          .fma(FloatVector.broadcast(SPECIES, r), FloatVector.fromArray(SPECIES, gainSum, i))
          .intoArray(gainSum, i);
      g = g.mul(FloatVector.fromArray(SPECIES, gain, i));
      g.intoArray(dy, dyFrom + i);
      sum = g.fma(xi, sum);
    }
    float inner = sumLanes(sum);
    for (; i < n; i++) {
      float xi = x[xFrom + i];
      float g = dy[dyFrom + i];
      gainSum[i] = Math.fma(g * xi, r, gainSum[i]);
      dy[dyFrom + i] = g * gain[i];
      inner = Math.fma(dy[dyFrom + i], xi, inner);
    }
    inner = inner * r * r * r / n;
    for (i = 0; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(SPECIES, dy, dyFrom + i)
          .mul(r)
          .sub(FloatVector.fromArray(SPECIES, x, xFrom + i).mul(inner))
          .intoArray(dy, dyFrom + i);
    }
    for (; i < n; i++) {
      dy[dyFrom + i] = dy[dyFrom + i] * r - x[xFrom + i] * inner;
    }
  }

  @Override
  public void swiGlu(
      float[] gate, int gateFrom, float[] up, int upFrom, float[] out, int outFrom, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector g = FloatVector.fromArray(SPECIES, gate, gateFrom + i);
      g.mul(sigmoid(g))
          .mul(FloatVector.fromArray(SPECIES, up, upFrom + i))
          .intoArray(out, outFrom + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FIRST[n - i];
      FloatVector g = FloatVector.fromArray(SPECIES, gate, gateFrom + i, mask);
      g.mul(sigmoid(g))
          .mul(FloatVector.fromArray(SPECIES, up, upFrom + i, mask))
          .intoArray(out, outFrom + i, mask);
    }
  }

  @Override
  public void swiGluGradient(
      float[] gate, int gateFrom, float[] up, int upFrom, float[] dOut, int dOutFrom, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector g = FloatVector.fromArray(SPECIES, gate, gateFrom + i);
      FloatVector u = FloatVector.fromArray(SPECIES, up, upFrom + i);
      FloatVector d = FloatVector.fromArray(SPECIES, dOut, dOutFrom + i);
      FloatVector s = sigmoid(g);
      d.mul(g.mul(s)).intoArray(up, upFrom + i);
      d.mul(u).mul(siluSlope(g, s)).intoArray(gate, gateFrom + i);
    }
    if (i < n) {
      VectorMask<Float> mask = FIRST[n - i];
      FloatVector g = FloatVector.fromArray(SPECIES, gate, gateFrom + i, mask);
      FloatVector u = FloatVector.fromArray(SPECIES, up, upFrom + i, mask);
      FloatVector d = FloatVector.fromArray(SPECIES, dOut, dOutFrom + i, mask);
      FloatVector s = sigmoid(g);
      d.mul(g.mul(s)).intoArray(up, upFrom + i, mask);
      d.mul(u).mul(siluSlope(g, s)).intoArray(gate, gateFrom + i, mask);
    }
  }

  /** silu'(g) = s (1 + g (1 - s)). */
  private static FloatVector siluSlope(FloatVector g, FloatVector s) {
    return s.mul(g.mul(FloatVector.broadcast(SPECIES, 1f).sub(s)).add(1f));
  }

  @Override
  public float softmax(float[] a, int from, int n, int end, float scale) {
    int whole = n / LANES * LANES;
    VectorMask<Float> tail = FIRST[n - whole];
    FloatVector lowest = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    FloatVector best = lowest;
    for (int i = 0; i < whole; i += LANES) {
      best = best.max(FloatVector.fromArray(SPECIES, a, from + i));
    }
    if (whole < n) {
      best = best.max(lowest.blend(FloatVector.fromArray(SPECIES, a, from + whole), tail));
    }
    float max = best.reduceLanes(VectorOperators.MAX) * scale;
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector sums = zero;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, a, from + i).mul(scale).sub(max));
      e.intoArray(a, from + i);
      sums = sums.add(e);
    }
    if (whole < n) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, a, from + whole).mul(scale).sub(max));
      e = zero.blend(e, tail);
      e.intoArray(a, from + whole);
      sums = sums.add(e);
    }
    float sum = sumLanes(sums);
    FloatVector factor = FloatVector.broadcast(SPECIES, 1 / sum);
    int i = 0;
    for (; i < n; i += LANES) {
      FloatVector.fromArray(SPECIES, a, from + i).mul(factor).intoArray(a, from + i);
    }
    for (; i < end; i += LANES) {
      zero.intoArray(a, from + i);
    }
    return max + (float) Math.log(sum);
  }

  @Override
  public void softmaxGradient(
      float[] p, float[] d, int from, int n, int end, float scale, float lse, float inner) {
    FloatVector zero = FloatVector.zero(SPECIES);
    int whole = n / LANES * LANES;
    for (int i = 0; i < whole; i += LANES) {
      FloatVector e = exp(FloatVector.fromArray(SPECIES, p, from + i).mul(scale).sub(lse));
      e.intoArray(p, from + i);
      FloatVector.fromArray(SPECIES, d, from + i)
          .sub(inner)
          .mul(e)
          .mul(scale)
          .intoArray(d, from + i);
    }
    int i = whole;
    if (i < n) {
      VectorMask<Float> tail = FIRST[n - i];
      FloatVector e = exp(FloatVector.fromArray(SPECIES, p, from + i).mul(scale).sub(lse));
      FloatVector g = FloatVector.fromArray(SPECIES, d, from + i).sub(inner).mul(e).mul(scale);
      zero.blend(e, tail).intoArray(p, from + i);
      zero.blend(g, tail).intoArray(d, from + i);
      i += LANES;
    }
    for (; i < end; i += LANES) {
      zero.intoArray(p, from + i);
      zero.intoArray(d, from + i);
    }
  }

  @Override
  public void rotate(
      float[] row,
      int from,
      int heads,
      int headDim,
      float[] cos,
      float[] sin,
      int angles,
      float sign) {
    int half = headDim / 2;
    // The last vector may overlap the one before it: both are computed before either is stored.
    int last = half - LANES;
    boolean overlaps = half >= LANES && half % LANES != 0;
    for (int head = from; head < from + heads * headDim; head += headDim) {
      FloatVector lastA = FloatVector.zero(SPECIES);
      FloatVector lastB = lastA;
      if (overlaps) {
        FloatVector a = FloatVector.fromArray(SPECIES, row, head + last);
        FloatVector b = FloatVector.fromArray(SPECIES, row, head + last + half);
        FloatVector c = FloatVector.fromArray(SPECIES, cos, angles + last);
        FloatVector s = FloatVector.fromArray(SPECIES, sin, angles + last).mul(sign);
        lastA = a.mul(c).sub(b.mul(s));
        lastB = b.mul(c).add(a.mul(s));
      }
      int j = 0;
      for (; j <= last; j += LANES) {
        FloatVector a = FloatVector.fromArray(SPECIES, row, head + j);
        FloatVector b = FloatVector.fromArray(SPECIES, row, head + j + half);
        FloatVector c = FloatVector.fromArray(SPECIES, cos, angles + j);
        FloatVector s = FloatVector.fromArray(SPECIES, sin, angles + j).mul(sign);
        a.mul(c).sub(b.mul(s)).intoArray(row, head + j);
        b.mul(c).add(a.mul(s)).intoArray(row, head + j + half);
      }
      if (overlaps) {
        lastA.intoArray(row, head + last);
        lastB.intoArray(row, head + last + half);
        j = half;
      }
      for (; j < half; j++) {
        float a = row[head + j];
        float b = row[head + j + half];
        float c = cos[angles + j];
        float s = sin[angles + j] * sign;
        row[head + j] = a * c - b * s;
        row[head + j + half] = b * c + a * s;
      }
    }
  }

  @Override
  public void adamW(float[] w, float[] g, float[] m, float[] v, int n, AdamWConstants k) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector grad = FloatVector.fromArray(SPECIES, g, i).mul(k.clip());
      FloatVector first =
          FloatVector.fromArray(SPECIES, m, i).mul(k.beta1()).add(grad.mul(1 - k.beta1()));
      FloatVector second =
          FloatVector.fromArray(SPECIES, v, i)
              .mul(k.beta2())
              .add(grad.mul(1 - k.beta2()).mul(grad));
      first.intoArray(m, i);
      second.intoArray(v, i);
      FloatVector root = second.mul(k.secondScale()).lanewise(VectorOperators.SQRT);
      FloatVector.fromArray(SPECIES, w, i)
          .mul(k.keep())
          .sub(first.mul(k.stepSize()).div(root.add(k.epsilon())))
          .intoArray(w, i);
    }
    ScalarRows.adamW(w, g, m, v, i, n, k);
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

  /** Sum of the lanes: folds the upper half onto the lower half, always in the same order. */
  private static float sumLanes(FloatVector v) {
    FloatVector sum = v;
    for (VectorShuffle<Float> fold : FOLDS) {
      sum = sum.add(sum.rearrange(fold));
    }
    return sum.lane(0);
  }
}
