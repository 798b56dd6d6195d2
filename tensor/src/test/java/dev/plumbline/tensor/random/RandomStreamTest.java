package dev.plumbline.tensor.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.tensor.random.RandomStream.State;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.commons.math3.distribution.ChiSquaredDistribution;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;

/** Seeds are fixed, so a statistical test here either always passes or always fails. */
class RandomStreamTest {
  private static final int DRAWS = 100_000;

  @Test
  void theStreamOfAKeyIsPublishedSplitMix64() {
    RandomStream zero = RandomStream.restore(new State(0, 0));
    assertThat(zero.nextLong()).isEqualTo(0xE220A8397B1DCDAFL);
    assertThat(zero.nextLong()).isEqualTo(0x6E789E6AA1B965F4L);
    assertThat(zero.nextLong()).isEqualTo(0x06C45D188009454FL);
    RandomStream other = RandomStream.restore(new State(1234567, 0));
    assertThat(other.nextLong()).isEqualTo(6457827717110365317L);
    assertThat(other.nextLong()).isEqualTo(3203168211198807973L);
    assertThat(Long.toUnsignedString(other.nextLong())).isEqualTo("9817491932198370423");
  }

  /** Golden values from a Python implementation written from the Javadoc. */
  @Test
  void namesAndChildrenGiveTheirGoldenValues() {
    RandomStream stream = RandomStream.of(42, "rollout/é");
    assertThat(stream.state()).isEqualTo(new State(0xbd7d2235d93b1adfL, 0));
    assertThat(stream.nextLong()).isEqualTo(0x443bce91640ab569L);
    assertThat(stream.nextLong()).isEqualTo(0x63e2755f2c773c3bL);
    assertThat(stream.nextLong()).isEqualTo(0x040162e1e1443beeL);
    assertThat(stream.child("x").nextLong()).isEqualTo(0x92544539531d8339L);
    assertThat(stream.child(7).nextLong()).isEqualTo(0x679565b9120dbf0dL);
  }

  @Test
  void everyMethodContinuesAfterASavedState() throws Exception {
    RandomStream stream = RandomStream.of(1, "resume");
    ObjectMapper mapper = new ObjectMapper();
    for (int i = 0; i < 50; i++) {
      State saved = mapper.readValue(mapper.writeValueAsString(stream.state()), State.class);
      assertThat(saved).isEqualTo(stream.state());
      RandomStream resumed = RandomStream.restore(saved);
      assertThat(draw(resumed)).isEqualTo(draw(stream));
      assertThat(resumed.state()).isEqualTo(stream.state());
    }
  }

  private static String draw(RandomStream stream) {
    int[] values = {1, 2, 3, 4, 5};
    stream.shuffle(values);
    return stream.nextGaussian()
        + " "
        + stream.nextInt(1_000_000)
        + Arrays.toString(values)
        + Arrays.toString(stream.permutation(4))
        + stream.nextDouble()
        + stream.child(3).nextLong();
  }

  @Test
  void childrenDifferAndDrawNothing() {
    RandomStream parent = RandomStream.of(5, "parent");
    Set<Long> keys = new HashSet<>();
    for (int i = -500; i < 500; i++) {
      keys.add(parent.child(i).state().key());
      keys.add(parent.child(Integer.toString(i)).state().key());
      keys.add(RandomStream.of(i, "parent").state().key());
      keys.add(RandomStream.of(5, "parent" + i).state().key());
      keys.add(parent.child(i).child(1).state().key());
    }
    keys.add(parent.child("").state().key());
    keys.add(parent.state().key()); // also RandomStream.of(5, "parent")
    assertThat(keys).hasSize(5001);
    assertThat(parent.state().counter()).isZero();
    long before = parent.child("x").nextLong();
    parent.nextLong();
    assertThat(parent.child("x").nextLong()).isEqualTo(before);
  }

  @Test
  void boundsAreHalfOpenAndResolutionsAreThoseStated() {
    RandomStream stream = RandomStream.of(2, "bounds");
    for (int i = 0; i < DRAWS; i++) {
      double wide = stream.nextDouble();
      assertThat(wide >= 0 && wide < 1 && wide * 0x1p53 == Math.rint(wide * 0x1p53)).isTrue();
      assertThat(stream.nextInt(1)).isZero();
      assertThat(stream.nextInt(Integer.MAX_VALUE)).isBetween(0, Integer.MAX_VALUE - 1);
    }
    assertThatThrownBy(() -> stream.nextInt(0)).hasMessageContaining("is 0");
    assertThatThrownBy(() -> stream.nextInt(-3)).hasMessageContaining("is -3");
  }

  @Test
  void numbersAreUniform() {
    RandomStream stream = RandomStream.of(3, "uniform");
    uniform(100, () -> stream.nextInt(100));
    uniform(7, () -> stream.nextInt(7));
    uniform(128, () -> (int) (stream.nextDouble() * 128));
    uniform(256, () -> (int) (stream.nextLong() & 0xff)); // the lowest bits too
    long[] index = {0};
    RandomStream parent = RandomStream.of(3, "parent");
    uniform(256, () -> (int) (parent.child(index[0]++).nextLong() & 0xff)); // across children
    uniform(256, () -> (int) (RandomStream.of(index[0]++, "x").nextLong() >>> 56)); // and seeds
    uniform(256, () -> (int) (RandomStream.of(0, "x" + index[0]++).nextLong() >>> 56));
  }

  /** Pearson's chi-squared of the counts lies between its 0.1 % and 99.9 % quantiles. */
  private static void uniform(int cells, Supplier<Integer> draw) {
    int[] counts = new int[cells];
    for (int i = 0; i < DRAWS; i++) {
      counts[draw.get()]++;
    }
    within999(counts);
  }

  private static void within999(int[] counts) {
    double expected = (double) DRAWS / counts.length;
    double statistic = 0;
    for (int count : counts) {
      statistic += (count - expected) * (count - expected) / expected;
    }
    ChiSquaredDistribution chi = new ChiSquaredDistribution(null, counts.length - 1);
    assertThat(chi.cumulativeProbability(statistic)).isBetween(0.001, 0.999);
  }

  @Test
  void neighboursAndStreamsAreUncorrelated() {
    double[] first = doubles(RandomStream.of(0, "a"), DRAWS + 1);
    double limit = 3.3 / Math.sqrt(DRAWS); // 99.9 % of a normal
    PearsonsCorrelation pearson = new PearsonsCorrelation();
    double[] head = Arrays.copyOf(first, DRAWS);
    double lag1 = pearson.correlation(head, Arrays.copyOfRange(first, 1, DRAWS + 1));
    assertThat(lag1).isCloseTo(0, within(limit));
    for (RandomStream other :
        new RandomStream[] {
          RandomStream.of(0, "b"),
          RandomStream.of(1, "a"),
          RandomStream.of(0, "a").child("a"),
          RandomStream.of(0, "a").child(0)
        }) {
      assertThat(pearson.correlation(head, doubles(other, DRAWS))).isCloseTo(0, within(limit));
    }
    RandomStream parent = RandomStream.of(0, "a");
    double[] ofChildren = new double[DRAWS + 1];
    for (int i = 0; i <= DRAWS; i++) {
      ofChildren[i] = parent.child(i).nextDouble();
    }
    double[] next = Arrays.copyOfRange(ofChildren, 1, DRAWS + 1);
    assertThat(pearson.correlation(Arrays.copyOf(ofChildren, DRAWS), next))
        .isCloseTo(0, within(limit));
  }

  private static double[] doubles(RandomStream stream, int count) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> stream.nextDouble());
    return values;
  }

  @Test
  void gaussiansHaveTheMomentsAndTheShapeOfTheNormal() {
    RandomStream stream = RandomStream.of(4, "gaussian");
    double[] values = new double[DRAWS];
    double[] moments = new double[5];
    for (int i = 0; i < DRAWS; i++) {
      values[i] = stream.nextGaussian();
      for (int k = 1; k <= 4; k++) {
        moments[k] += Math.pow(values[i], k) / DRAWS;
      }
    }
    // Standard errors of the k-th moment: sqrt((E x^2k - (E x^k)^2) / n); 3.3 of them are 99.9 %.
    double unit = 3.3 / Math.sqrt(DRAWS);
    assertThat(moments[1]).isCloseTo(0, within(unit));
    assertThat(moments[2]).isCloseTo(1, within(unit * Math.sqrt(2)));
    assertThat(moments[3]).isCloseTo(0, within(unit * Math.sqrt(15)));
    assertThat(moments[4]).isCloseTo(3, within(unit * Math.sqrt(96)));
    NormalDistribution normal = new NormalDistribution(null, 0, 1);
    assertThat(new KolmogorovSmirnovTest().kolmogorovSmirnovTest(normal, values))
        .isGreaterThan(0.001);
  }

  @Test
  void permutationsAndShufflesReachEveryOrderEqually() {
    RandomStream stream = RandomStream.of(6, "orders");
    orders(() -> stream.permutation(4));
    orders(
        () -> {
          int[] values = {0, 1, 2, 3};
          stream.shuffle(values);
          return values;
        });
    assertThat(stream.permutation(0)).isEmpty();
    stream.shuffle(new int[0]);
    int[] large = stream.permutation(1000);
    Arrays.sort(large);
    for (int i = 0; i < 1000; i++) {
      assertThat(large[i]).isEqualTo(i);
    }
  }

  private static void orders(Supplier<int[]> draw) {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < DRAWS; i++) {
      int[] order = draw.get();
      assertThat(Arrays.stream(order).sorted().toArray()).containsExactly(0, 1, 2, 3);
      counts.merge(Arrays.toString(order), 1, Integer::sum);
    }
    assertThat(counts).hasSize(24);
    within999(counts.values().stream().mapToInt(Integer::intValue).toArray());
  }
}
