package dev.plumbline.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfFloatTest {
  @ParameterizedTest
  @CsvSource({ // IEEE 754 binary16, worked by hand: (-1)^s 2^(e-15) (1 + m / 1024)
    "0x0000, 0x0p0",
    "0x8000, -0x0p0",
    "0x0001, 0x1p-24",
    "0x03ff, 0x3ffp-24",
    "0x0400, 0x1p-14",
    "0x3555, 0x555p-12",
    "0x3c00, 0x1p0",
    "0xc000, -0x1p1",
    "0x7bff, 65504",
    "0x7c00, Infinity",
    "0xfc00, -Infinity"
  })
  void halvesAreTheirValues(String half, float value) {
    short bits = (short) (int) Integer.decode(half);
    assertThat(Float.floatToRawIntBits(HalfFloat.fromHalf(bits)))
        .isEqualTo(Float.floatToRawIntBits(value));
    assertThat(HalfFloat.toHalf(value)).isEqualTo(bits);
  }

  @ParameterizedTest
  @CsvSource({
    "0x1.002p0, 0x3c00", // half a step above 1: to even, down
    "0x1.006p0, 0x3c02", // one and a half steps: to even, up
    "0x1.002002p0, 0x3c01", // just above the tie
    "0x1p-25, 0x0000", // half the smallest subnormal: to even, zero
    "0x1.8p-25, 0x0001",
    "0x3ff.8p-24, 0x0400", // between the largest subnormal and the smallest normal
    "65519.996, 0x7bff",
    "65520, 0x7c00",
    "-3.4e38, 0xfc00",
    "1.4e-45, 0x0000"
  })
  void float32RoundsToNearestEvenHalf(float value, String half) {
    assertThat(HalfFloat.toHalf(value)).isEqualTo((short) (int) Integer.decode(half));
  }

  @ParameterizedTest
  @CsvSource({
    "0x1p0, 0x3f80",
    "0x1.01p0, 0x3f80", // tie, to even, down
    "0x1.03p0, 0x3f82", // tie, to even, up
    "0x1.010002p0, 0x3f81",
    "-Infinity, 0xff80",
    "0x1.fep127, 0x7f7f",
    "0x1.ffp127, 0x7f80", // tie between the largest bfloat16 and 2^128
    "0x1p-133, 0x0001", // the smallest subnormal
    "0x1p-134, 0x0000"
  })
  void float32RoundsToNearestEvenBfloat(float value, String bfloat) {
    assertThat(HalfFloat.toBfloat(value)).isEqualTo((short) (int) Integer.decode(bfloat));
  }

  @Test
  void every16BitPatternSurvivesTheRoundTrip() {
    for (int i = 0; i < 1 << 16; i++) {
      short bits = (short) i;
      boolean halfNan = (i & 0x7fff) > 0x7c00;
      boolean bfloatNan = (i & 0x7fff) > 0x7f80;
      assertThat(HalfFloat.toHalf(HalfFloat.fromHalf(bits)))
          .isEqualTo(halfNan ? (short) (i | 0x200) : bits);
      assertThat(HalfFloat.toBfloat(HalfFloat.fromBfloat(bits)))
          .isEqualTo(bfloatNan ? (short) (i | 0x40) : bits);
      assertThat(Float.isNaN(HalfFloat.fromHalf(bits))).isEqualTo(halfNan);
    }
  }

  @Test
  void noOtherHalfIsNearer() {
    long seed = 20261124;
    Random random = new Random(seed);
    for (int i = 0; i < 200_000; i++) {
      float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(-27, 15)));
      short half = HalfFloat.toHalf(value);
      double error = Math.abs((double) HalfFloat.fromHalf(half) - value);
      for (int step = -1; step <= 1; step += 2) {
        int neighbour = (half & 0x7fff) + step;
        if (neighbour >= 0 && neighbour < 0x7c00) {
          float other = HalfFloat.fromHalf((short) ((half & 0x8000) | neighbour));
          double otherError = Math.abs((double) other - value);
          assertThat(error < otherError || (error == otherError && (half & 1) == 0))
              .as("seed %d, value %a, half %04x", seed, value, half & 0xffff)
              .isTrue();
        }
      }
    }
  }
}
