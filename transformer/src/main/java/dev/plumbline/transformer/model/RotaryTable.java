package dev.plumbline.transformer.model;

import java.util.Arrays;

/**
 * Rotary angles (Su et al. 2021, Eq. 15): component j of a head is rotated at position p by {@code
 * p * f_j}, with the frequencies of {@link RopeScaling}; computed once per position, in double
 * precision.
 */
public final class RotaryTable {
  private final LlamaConfig config;
  private final double[] frequencies; // [headDim / 2] at the first positions
  private float[] cos = new float[0]; // [positions, headDim / 2]
  private float[] sin = new float[0];
  private int positions;

  /** Angles for a configuration. */
  public RotaryTable(LlamaConfig config) {
    this.config = config;
    frequencies = config.ropeScaling().frequencies(config.ropeTheta(), config.headDim(), 0);
  }

  /** Maximum number of tokens that a token attends to, including itself; 0 = all before it. */
  public int window() {
    return config.window();
  }

  /** Half the width of a head. */
  public int half() {
    return frequencies.length;
  }

  /** Cosines [positions, headDim / 2], row by row. */
  public float[] cos(int... positions) {
    reserve(Arrays.stream(positions).max().orElse(0));
    return rows(cos, positions);
  }

  /** Sines [positions, headDim / 2], row by row. */
  public float[] sin(int... positions) {
    reserve(Arrays.stream(positions).max().orElse(0));
    return rows(sin, positions);
  }

  /** Extends the tables up to {@code position}. */
  public void reserve(int position) {
    if (position < positions) {
      return;
    }
    int half = half();
    int from = positions;
    positions = Math.max(position + 1, 2 * positions);
    cos = Arrays.copyOf(cos, positions * half);
    sin = Arrays.copyOf(sin, positions * half);
    RopeScaling scaling = config.ropeScaling();
    for (int p = from; p < positions; p++) {
      double[] f =
          p < scaling.constantBelow()
              ? frequencies
              : scaling.frequencies(config.ropeTheta(), config.headDim(), p);
      for (int j = 0; j < half; j++) {
        double angle = p * f[j];
        cos[p * half + j] = (float) (scaling.amplitude() * Math.cos(angle));
        sin[p * half + j] = (float) (scaling.amplitude() * Math.sin(angle));
      }
    }
  }

  /** Cosines of all positions up to the reserved one, row by row. */
  public float[] cosTable() {
    return cos;
  }

  /** Sines of all positions up to the reserved one, row by row. */
  public float[] sinTable() {
    return sin;
  }

  private float[] rows(float[] table, int[] positions) {
    int half = half();
    float[] result = new float[positions.length * half];
    for (int i = 0; i < positions.length; i++) {
      System.arraycopy(table, positions[i] * half, result, i * half, half);
    }
    return result;
  }
}
