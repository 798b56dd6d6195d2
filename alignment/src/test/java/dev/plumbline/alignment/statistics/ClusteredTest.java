package dev.plumbline.alignment.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.tensor.random.RandomStream;
import java.util.Arrays;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.inference.TTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Means over questions and seeds, worked by hand, against a plain t test, and in simulation. */
class ClusteredTest {
  private static final double[][] HAND = {{1, 2, 3, 6}, {0, 2, 1, 1}};

  /**
   * Means of seeds 3 and 1, of questions 0.5, 2, 2, 3.5, of all 2. VQ = 4.5 / 12 = 0.375; VS = 2 /
   * 2 = 1; rests of the first seed -0.5, -1, 0, 1.5 and of the second their opposites, so that VE =
   * 7 / (8 * 1 * 3) = 0.29167.
   */
  @Test
  void theVarianceIsTheHandWorkedSum() {
    Clustered c = Clustered.of(HAND);
    double vq = 0.375;
    double vs = 1;
    double ve = 7.0 / 24;
    double total = vq + vs - ve;
    assertThat(c.estimate()).isEqualTo(2);
    assertThat(c.deviation()).isCloseTo(Math.sqrt(2), within(1e-12));
    assertThat(c.variance().questions()).isCloseTo(vq, within(1e-12));
    assertThat(c.variance().seeds()).isCloseTo(vs - ve, within(1e-12));
    assertThat(c.variance().degreesOfFreedom())
        .isCloseTo(total * total / (vq * vq / 3 + vs * vs + ve * ve / 3), within(1e-12));
  }

  /** SciPy 1.11's t distribution with these degrees of freedom. */
  @Test
  void pAndIntervalComeFromThatVariance() {
    Clustered c = Clustered.of(HAND);
    assertThat(c.variance().degreesOfFreedom()).isCloseTo(1.091496232508073, within(1e-12));
    assertThat(c.p()).isCloseTo(0.2890280362968446, within(1e-9));
    assertThat(c.interval().high() - 2).isCloseTo(10.872601587413365, within(1e-6));
    assertThat(2 - c.interval().low()).isCloseTo(10.872601587413365, within(1e-6));
  }

  @Test
  void aComponentBelowZeroCountsAsZero() {
    // Means of questions 0.5, 1, 5.5 around 7/3; VS = 1/9 is less than VE = 13/36.
    Clustered questions = Clustered.of(new double[][] {{0, 1, 7}, {1, 1, 4}});
    assertThat(questions.estimate()).isCloseTo(7.0 / 3, within(1e-12));
    double vq = (square(0.5 - 7.0 / 3) + square(1 - 7.0 / 3) + square(5.5 - 7.0 / 3)) / 6;
    assertThat(questions.variance().seeds()).isZero();
    assertThat(questions.variance().questions()).isCloseTo(vq, within(1e-12));
    assertThat(questions.variance().degreesOfFreedom()).isEqualTo(2);
    // Every question has the mean 1: only the seeds vary.
    Clustered seeds = Clustered.of(new double[][] {{2, 2, 2}, {0, 0, 0}});
    assertThat(seeds.variance().questions()).isZero();
    assertThat(seeds.variance().seeds()).isCloseTo(1, within(1e-12));
    assertThat(seeds.variance().degreesOfFreedom()).isEqualTo(1);
    // Neither varies, only the interaction does: VE = 4 / (4 * 1 * 1).
    Clustered neither = Clustered.of(new double[][] {{1, -1}, {-1, 1}});
    assertThat(neither.variance().questions()).isCloseTo(1, within(1e-12));
    assertThat(neither.variance().degreesOfFreedom()).isEqualTo(1);
  }

  private static double square(double x) {
    return x * x;
  }

  @Test
  void oneSeedIsThePairedTTest() {
    RandomStream stream = RandomStream.of(3, "paired");
    for (int n : new int[] {2, 3, 10, 200}) {
      double[] a = new double[n];
      double[] b = new double[n];
      Arrays.setAll(a, i -> stream.nextGaussian());
      Arrays.setAll(b, i -> a[i] + 0.2 + stream.nextGaussian());
      Clustered c = Clustered.difference(new double[][] {a}, new double[][] {b});
      assertThat(c.p()).isCloseTo(new TTest().pairedTTest(a, b), within(1e-9));
      assertThat(c.variance().degreesOfFreedom()).isEqualTo(n - 1);
      assertThat(c.deviation()).isNaN();
    }
    // 1 2 3 4: mean 2.5, standard error 0.6455, t of 3 degrees 3.1824
    Interval i = Clustered.of(new double[] {1, 2, 3, 4}).interval();
    assertThat(i.low()).isCloseTo(2.5 - 3.18245 * 0.645497, within(1e-4));
    assertThat(i.high()).isCloseTo(2.5 + 3.18245 * 0.645497, within(1e-4));
  }

  /**
   * Crossed random effects: a seed's effect, a question's effect and noise. 600 experiments at 95 %
   * give 570 with a standard deviation of 5.3; the degrees of freedom are approximate.
   */
  @ParameterizedTest
  @CsvSource({
    // sd of seeds, of questions, of noise; least and most of 600
    "0.00, 1.0, 1.0, 560, 592",
    "0.05, 1.0, 1.0, 555, 592",
    "0.50, 1.0, 1.0, 545, 592",
    "0.50, 0.0, 1.0, 545, 592"
  })
  void theIntervalHasItsNominalCoverage(
      double ofSeed, double ofQuestion, double noise, int least, int most) {
    int covered = 0;
    int overQuestions = 0;
    for (int trial = 0; trial < 600; trial++) {
      RandomStream stream = RandomStream.of(trial, "crossed effects");
      double[] question = new double[80];
      Arrays.setAll(question, q -> ofQuestion * stream.nextGaussian());
      double[][] d = new double[4][80];
      for (double[] seed : d) {
        double own = 0.3 + ofSeed * stream.nextGaussian();
        Arrays.setAll(seed, q -> own + question[q] + noise * stream.nextGaussian());
      }
      covered += Clustered.of(d).interval().contains(0.3) ? 1 : 0;
      double[] mean = new double[80];
      Arrays.setAll(mean, q -> Arrays.stream(d).mapToDouble(seed -> seed[q]).average().orElse(0));
      overQuestions += Clustered.of(mean).interval().contains(0.3) ? 1 : 0;
    }
    assertThat(covered).isBetween(least, most);
    if (ofSeed > 0.1) { // what taking seeds as given costs
      assertThat(overQuestions).isLessThan(450);
    }
  }

  @Test
  void withoutVarianceTheSignTestDecides() {
    Clustered none = Clustered.of(new double[3][40]);
    assertThat(none.interval()).isEqualTo(new Interval(0, 0, 0));
    assertThat(none.p()).isEqualTo(1);
    assertThat(none.equivalence(0.01)).isCloseTo(Math.pow(0.99, 40), within(1e-12));
    assertThat(Clustered.of(new double[299]).equivalence(0.01)).isLessThan(0.05);
    assertThat(Clustered.of(new double[298]).equivalence(0.01)).isGreaterThan(0.05);
    double[] ones = {1, 1, 1, 1, 1, 1};
    Clustered all = Clustered.of(ones);
    assertThat(all.p()).isEqualTo(2 / 64.0);
    assertThat(all.equivalence(0.01)).isEqualTo(1);
    double[][] alike = new double[2][7]; // rounding is no variance
    for (double[] seed : alike) {
      Arrays.fill(seed, 0.1 + 0.2);
    }
    assertThat(Clustered.of(alike).variance().total()).isZero();
  }

  @Test
  void whatDoesNotExistIsNaN() {
    for (double[][] d :
        new double[][][] {{}, {{}}, {{0.5}}, {{0.5}, {0.7}}, {{1, Double.NaN}}, {{1, 1.0 / 0}}}) {
      Clustered c = Clustered.of(d);
      assertThat(c.p()).isNaN();
      assertThat(c.interval().low()).isNaN();
      assertThat(c.equivalence(0.01)).isNaN();
      assertThat(c.timesToDiffer(0.05)).isInfinite();
      assertThat(c.timesToBound(0.01)).isInfinite();
    }
    assertThat(Clustered.of(new double[] {0.5}).estimate()).isEqualTo(0.5);
    assertThat(Clustered.of(new double[0]).estimate()).isNaN();
  }

  @Test
  void aSingleRunIsPairedWithEverySeed() {
    double[][] start = {{0, 1, 0, 1}};
    double[][] seeds = {{1, 1, 0, 1}, {1, 1, 1, 1}};
    Clustered c = Clustered.difference(start, seeds);
    assertThat(c.seeds()).isEqualTo(2);
    assertThat(c.estimate()).isEqualTo(0.375);
    assertThat(Clustered.difference(seeds, start).estimate()).isEqualTo(-0.375);
    assertThatThrownBy(() -> Clustered.difference(seeds, new double[3][4]))
        .hasMessageContaining("2 seeds with 3");
    assertThatThrownBy(() -> Clustered.difference(start, new double[1][5]))
        .hasMessageContaining("4 questions with 5");
    assertThatThrownBy(() -> Clustered.of(new double[][] {{1}, {1, 2}}))
        .hasMessageContaining("1 and 2 questions");
  }

  /** Mean 0 and standard error 0.003 over 1000 questions: t = 0.01 / 0.003. */
  @Test
  void theEquivalenceTestIsTheLargerOfTwo() {
    double[] d = alternating(1000, 0.003 * Math.sqrt(999));
    double one = new TDistribution(null, 999).cumulativeProbability(-0.01 / 0.003);
    assertThat(Clustered.of(d).equivalence(0.01)).isCloseTo(one, within(1e-9));
    double[] shifted = Arrays.stream(d).map(x -> x + 0.006).toArray();
    double two = new TDistribution(null, 999).cumulativeProbability(-0.004 / 0.003);
    assertThat(Clustered.of(shifted).equivalence(0.01)).isCloseTo(two, within(1e-9));
    double[] mirrored = Arrays.stream(shifted).map(x -> -x).toArray();
    assertThat(Clustered.of(mirrored).equivalence(0.01)).isCloseTo(two, within(1e-9));
    double[] beyond = Arrays.stream(d).map(x -> x + 0.02).toArray();
    assertThat(Clustered.of(beyond).equivalence(0.01)).isGreaterThan(0.99);
  }

  /** Half +x and half -x: standard error x / sqrt(n - 1). */
  private static double[] alternating(int n, double x) {
    double[] d = new double[n];
    Arrays.setAll(d, i -> i % 2 == 0 ? x : -x);
    return d;
  }

  @Test
  void planningScalesTheQuestionsPartOfTheVariance() {
    // Estimate 0.01, standard error 0.01: (1.95996 + 0.84162)^2 = 7.8489 times the questions.
    Clustered one =
        new Clustered(
            1,
            400,
            1,
            new Interval(0.01, -0.0097, 0.0297),
            0.318,
            Double.NaN,
            new Clustered.Variance(1e-4, 0, 399));
    assertThat(one.timesToDiffer(0.05)).isCloseTo(7.8489, within(1e-3));
    assertThat(one.timesToDiffer(0.001)).isCloseTo(square(3.29053 + 0.84162), within(1e-3));
    assertThat(one.chosenFrom(50).timesToDiffer(0.05)).isCloseTo(17.0747, within(1e-3));
    assertThat(one.timesToBound(0.01)).isInfinite(); // it lies on the bound
    // Bound 0.02 leaves 0.01: (1.64485 + 1.28155)^2 = 8.5638
    assertThat(one.timesToBound(0.02)).isCloseTo(8.5638, within(1e-3));
    // Seeds alone have a standard error of 0.003, and 0.01 / 2.80158 = 0.003569 is needed.
    Clustered seeds =
        new Clustered(
            3, 400, 1, one.interval(), 0.4, 0.005, new Clustered.Variance(1e-4, 9e-6, 50));
    assertThat(seeds.timesToDiffer(0.05))
        .isCloseTo(1e-4 / (square(0.01 / 2.801585) - 9e-6), within(1e-2));
    Clustered hidden =
        new Clustered(3, 400, 1, one.interval(), 0.4, 0.01, new Clustered.Variance(1e-4, 2e-5, 20));
    assertThat(hidden.timesToDiffer(0.05)).isInfinite();
    assertThat(hidden.timesToBound(0.02)).isInfinite();
    assertThat(Clustered.of(new double[100]).timesToDiffer(0.05)).isInfinite();
    assertThat(Clustered.of(new double[100]).timesToBound(0.01)).isBetween(2.98, 2.99);
    assertThat(Clustered.of(new double[] {1, 1, 1}).timesToDiffer(0.05)).isBetween(1.77, 1.78);
  }

  @Test
  void planningKeepsItsPower() {
    // A true difference of 0.1 with sd 1 needs 785 questions; 785 is 7.85 times 100.
    double[] d = new double[100];
    Arrays.setAll(d, i -> 0.1 + (i % 2 == 0 ? 1 : -1) * Math.sqrt(0.99));
    int n = (int) Math.round(100 * Clustered.of(d).timesToDiffer(0.05));
    assertThat(n).isBetween(770, 800);
    int significant = 0;
    for (int trial = 0; trial < 1000; trial++) {
      RandomStream stream = RandomStream.of(trial, "power");
      double[] drawn = new double[n];
      Arrays.setAll(drawn, i -> 0.1 + stream.nextGaussian());
      significant += Clustered.of(drawn).p() < 0.05 ? 1 : 0;
    }
    assertThat(significant).isBetween(760, 840); // 800 with a standard deviation of 12.6
  }

  @Test
  void aChoiceAmongComparisonsMultipliesP() {
    Clustered c = Clustered.of(new double[] {1, 0, 0, 0, 1, 1, 1, 0, 1, 1});
    assertThat(c.chosenFrom(3).p()).isCloseTo(3 * c.p(), within(1e-12));
    assertThat(c.chosenFrom(3).chosenFrom(1).p()).isCloseTo(c.p(), within(1e-12));
    assertThat(Clustered.of(new double[10]).chosenFrom(6).p()).isEqualTo(1);
  }
}
