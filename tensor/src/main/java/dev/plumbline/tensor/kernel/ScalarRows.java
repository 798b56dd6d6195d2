package dev.plumbline.tensor.kernel;

import java.util.Arrays;

/**
 * Row kernels in plain Java, for a process without the Vector API. The loops are written so that
 * the compiler can vectorise them; the formulas and constants are those of {@link VectorRows}.
 */
final class ScalarRows implements RowKernels {
  @Override
  public float dot(float[] a, int aFrom, float[] b, int bFrom, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i <= n - 4; i += 4) {
      s0 = Math.fma(a[aFrom + i], b[bFrom + i], s0);
      s1 = Math.fma(a[aFrom + i + 1], b[bFrom + i + 1], s1);
      s2 = Math.fma(a[aFrom + i + 2], b[bFrom + i + 2], s2);
      s3 = Math.fma(a[aFrom + i + 3], b[bFrom + i + 3], s3);
    }
    for (; i < n; i++) {
      s0 = Math.fma(a[aFrom + i], b[bFrom + i], s0);
    }
    return (s0 + s1) + (s2 + s3);
  }

  @Override
  public float max(float[] a, int from, int n) {
    float result = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + n; i++) {
      result = Math.max(result, a[i]);
    }
    return result;
  }

  @Override
  public float expSum(float[] a, int from, int n, float scale, float shift) {
    float sum = 0;
    for (int i = from; i < from + n; i++) {
      a[i] = exp(a[i] * scale - shift);
      sum += a[i];
    }
    return sum;
  }

  @Override
  public void scale(float[] a, int from, int n, float factor) {
    for (int i = from; i < from + n; i++) {
      a[i] *= factor;
    }
  }

  @Override
  public void axpy(float factor, float[] x, int xFrom, float[] y, int yFrom, int n) {
    for (int i = 0; i < n; i++) {
      y[yFrom + i] = Math.fma(x[xFrom + i], factor, y[yFrom + i]);
    }
  }

  @Override
  public void scaleBy(
      float[] x, int xFrom, float factor, float[] gain, float[] out, int outFrom, int n) {
    for (int i = 0; i < n; i++) {
      out[outFrom + i] = x[xFrom + i] * factor * gain[i];
    }
  }

  @Override
  public void rmsNormGradient(
      float[] x, int xFrom, float[] dy, int dyFrom, float[] gain, float[] gainSum, float r, int n) {
    float inner = 0;
    for (int i = 0; i < n; i++) {
      float xi = x[xFrom + i];
      float g = dy[dyFrom + i];
      gainSum[i] = Math.fma(g * xi, r, gainSum[i]);
      dy[dyFrom + i] = g * gain[i];
      inner = Math.fma(dy[dyFrom + i], xi, inner);
    }
    inner = inner * r * r * r / n;
    for (int i = 0; i < n; i++) {
      dy[dyFrom + i] = dy[dyFrom + i] * r - x[xFrom + i] * inner;
    }
  }

  @Override
  public void swiGlu(
      float[] gate, int gateFrom, float[] up, int upFrom, float[] out, int outFrom, int n) {
    for (int i = 0; i < n; i++) {
      float g = gate[gateFrom + i];
      out[outFrom + i] = g * sigmoid(g) * up[upFrom + i];
    }
  }

  @Override
  public void swiGluGradient(
      float[] gate, int gateFrom, float[] up, int upFrom, float[] dOut, int dOutFrom, int n) {
    for (int i = 0; i < n; i++) {
      float g = gate[gateFrom + i];
      float u = up[upFrom + i];
      float d = dOut[dOutFrom + i];
      float s = sigmoid(g);
      up[upFrom + i] = d * (g * s);
      gate[gateFrom + i] = d * u * (s * (g * (1 - s) + 1)); // silu'(g) = s (1 + g (1 - s))
    }
  }

  @Override
  public float softmax(float[] a, int from, int n, int end, float scale) {
    float max = max(a, from, n) * scale;
    float sum = expSum(a, from, n, scale, max);
    scale(a, from, n, 1 / sum);
    Arrays.fill(a, from + n, from + Math.max(n, end), 0f);
    return max + (float) Math.log(sum);
  }

  @Override
  public void softmaxGradient(
      float[] p, float[] d, int from, int n, int end, float scale, float lse, float inner) {
    expSum(p, from, n, scale, lse);
    for (int i = from; i < from + n; i++) {
      d[i] = (d[i] - inner) * p[i] * scale;
    }
    Arrays.fill(p, from + n, from + Math.max(n, end), 0f);
    Arrays.fill(d, from + n, from + Math.max(n, end), 0f);
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
    for (int head = from; head < from + heads * headDim; head += headDim) {
      for (int j = 0; j < half; j++) {
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
    adamW(w, g, m, v, 0, n, k);
  }

  static void adamW(float[] w, float[] g, float[] m, float[] v, int from, int n, AdamWConstants k) {
    for (int i = from; i < n; i++) {
      float grad = g[i] * k.clip();
      m[i] = m[i] * k.beta1() + grad * (1 - k.beta1());
      v[i] = v[i] * k.beta2() + grad * (1 - k.beta2()) * grad;
      float root = (float) Math.sqrt(v[i] * k.secondScale());
      w[i] = w[i] * k.keep() - m[i] * k.stepSize() / (root + k.epsilon());
    }
  }

  private static float sigmoid(float x) {
    return 1 / (exp(-x) + 1);
  }

  /** See {@link VectorRows}: the same polynomial. */
  private static float exp(float value) {
    float x = Math.min(Math.max(value, -87.3f), 88.3f);
    float shifted = Math.fma(x, 1.442695f, 12582912f);
    float n = shifted - 12582912f;
    float r = Math.fma(n, -0.69314575f, x);
    r = Math.fma(n, -1.4286068e-6f, r);
    float p = 0.0013981999f;
    p = Math.fma(p, r, 0.008333452f);
    p = Math.fma(p, r, 0.041665796f);
    p = Math.fma(p, r, 0.16666666f);
    p = Math.fma(p, r, 0.5f);
    p = Math.fma(p, r, 1f);
    p = Math.fma(p, r, 1f);
    return Float.intBitsToFloat(
        Float.floatToRawIntBits(p) + (Float.floatToRawIntBits(shifted) << 23));
  }
}
