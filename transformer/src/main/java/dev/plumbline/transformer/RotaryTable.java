package dev.plumbline.transformer;

/**
 * Rotary angles (Su et al. 2021, Eq. 15): component j of a head turns at position p by {@code p *
 * theta^(-2j / headDim)}; computed in double precision.
 */
public final class RotaryTable {
  private final double[] frequencies; // [headDim / 2]

  /** Angles for a configuration. */
  public RotaryTable(LlamaConfig config) {
    frequencies = new double[config.headDim() / 2];
    for (int j = 0; j < frequencies.length; j++) {
      frequencies[j] = Math.pow(config.ropeTheta(), -2.0 * j / config.headDim());
    }
  }

  /** Half a head's width. */
  public int half() {
    return frequencies.length;
  }

  /** Cosines [positions, headDim / 2], row by row. */
  public float[] cos(int... positions) {
    return table(positions, false);
  }

  /** Sines [positions, headDim / 2], row by row. */
  public float[] sin(int... positions) {
    return table(positions, true);
  }

  private float[] table(int[] positions, boolean sine) {
    float[] result = new float[positions.length * frequencies.length];
    for (int i = 0; i < positions.length; i++) {
      for (int j = 0; j < frequencies.length; j++) {
        double angle = positions[i] * frequencies[j];
        result[i * frequencies.length + j] = (float) (sine ? Math.sin(angle) : Math.cos(angle));
      }
    }
    return result;
  }
}
