package dev.plumbline.data.select;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class EditDistanceTest {
  @Test
  void byHand() {
    assertThat(EditDistance.between("kitten", "sitting")).isEqualTo(3);
    assertThat(EditDistance.between("", "abc")).isEqualTo(3);
    assertThat(EditDistance.between("abc", "")).isEqualTo(3);
    assertThat(EditDistance.between("", "")).isZero();
    assertThat(EditDistance.between("a".repeat(64), "a".repeat(65))).isEqualTo(1);
    assertThat(EditDistance.between("x" + "a".repeat(200), "a".repeat(200) + "x")).isEqualTo(2);
  }

  @Test
  void equalsThePlainTable() {
    long seed = Long.getLong("plumbline.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      String a = text(random);
      String b = random.nextBoolean() ? text(random) : edited(a, random);
      assertThat(EditDistance.between(a, b))
          .as("seed %d: %s, %s", seed, a, b)
          .isEqualTo(table(a, b));
    }
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int n = random.nextInt(200); n > 0; n--) {
      text.append((char) ('a' + random.nextInt(4)));
    }
    return text.toString();
  }

  private static String edited(String text, Random random) {
    StringBuilder edited = new StringBuilder(text);
    for (int n = random.nextInt(8); n > 0 && edited.length() > 0; n--) {
      int at = random.nextInt(edited.length());
      if (random.nextBoolean()) {
        edited.deleteCharAt(at);
      } else {
        edited.insert(at, (char) ('a' + random.nextInt(5)));
      }
    }
    return edited.toString();
  }

  private static int table(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
        } else {
          int substituted = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
          d[i][j] = Math.min(substituted, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
