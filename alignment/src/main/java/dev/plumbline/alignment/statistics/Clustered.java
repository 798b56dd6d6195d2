package dev.plumbline.alignment.statistics;

import java.util.Arrays;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.distribution.TDistribution;

/**
 * A mean over seeds and questions, both of which are samples of what could have been run: d[s][q]
 * is the figure of seed s on question q, for a comparison the second system's less the first's.
 *
 * <pre>
 *   VQ = sum over q of (mean of q - mean)^2 / (Q (Q - 1))          variance over questions
 *   VS = sum over s of (mean of s - mean)^2 / (S (S - 1))          variance over seeds
 *   VE = sum of (d - mean of s - mean of q + mean)^2 / (S Q (S - 1)(Q - 1))    interaction
 *   Var = VE + max(0, VQ - VE) + max(0, VS - VE)                   mostly VQ + VS - VE
 * </pre>
 *
 * Source: Cameron, Gelbach and Miller 2011 for VQ + VS - VE; Owen 2007 for the crossed random
 * effects behind it. A component of variance that is estimated below 0 counts as 0, so that Var is
 * never below VQ. Satterthwaite 1946 gives the degrees of freedom of t. With one seed this is the
 * paired t test over questions, and the result holds for that seed.
 *
 * <p>Without any variance t does not exist. A difference of 0 has p = 1; another one has the sign
 * test's p, 2^(1 - Q).
 *
 * @param seeds S
 * @param questions Q; of a {@link Ratio}, those with a count below the line
 * @param choices number of comparisons that this one was chosen from by its figures, 1 if named
 *     before; p is corrected for it (Bonferroni)
 * @param interval the mean with its 95 % t interval; the bounds are NaN with fewer than two
 *     questions
 * @param p two-sided, of the hypothesis that the mean is 0; NaN where nothing is known
 * @param deviation sample standard deviation over seeds of their means; NaN with one seed
 * @param variance of the mean
 */
public record Clustered(
    int seeds,
    int questions,
    int choices,
    Interval interval,
    double p,
    double deviation,
    Variance variance) {

  /** One percentage point, the bound of {@link #equivalence}. */
  public static final double POINT = 0.01;

  private static final double CONFIDENCE = 0.95;
  private static final double POWER = 0.8;
  private static final double ROUNDING = 1e-20; // a variance below it is none: shares have 1e-16

  /**
   * The variance of the mean.
   *
   * @param questions what falls with the number of questions
   * @param seeds what falls with the number of seeds only
   * @param degreesOfFreedom of t
   */
  public record Variance(double questions, double seeds, double degreesOfFreedom) {
    double total() {
      return questions + seeds;
    }
  }

  /** Nothing is known: no question, or a figure that does not exist. */
  private static Clustered unknown(int seeds, int questions, double mean) {
    double nan = Double.NaN;
    return new Clustered(
        seeds, questions, 1, new Interval(mean, nan, nan), nan, nan, new Variance(nan, nan, nan));
  }

  /**
   * The mean of {@code d[seed][question]}; unknown if a value is not finite or there is none.
   *
   * @throws IllegalArgumentException if the seeds have different numbers of questions
   */
  public static Clustered of(double[][] d) {
    int s = d.length;
    int q = s == 0 ? 0 : d[0].length;
    for (double[] seed : d) {
      if (seed.length != q) {
        throw new IllegalArgumentException(
            "Seeds answer " + q + " and " + seed.length + " questions; all need the same ones.");
      }
    }
    double[] bySeed = Arrays.stream(d).mapToDouble(Clustered::mean).toArray();
    double[] byQuestion = new double[q];
    Arrays.setAll(byQuestion, i -> Arrays.stream(d).mapToDouble(seed -> seed[i]).sum() / s);
    double mean = mean(bySeed);
    if (q < 2 || !Double.isFinite(mean)) {
      return unknown(s, q, mean);
    }
    double overSeeds = s < 2 ? 0 : squares(bySeed, mean) / (s - 1);
    Variance variance =
        variance(
            s,
            q,
            squares(byQuestion, mean) / (q - 1.0) / q,
            overSeeds / s,
            s < 2 ? 0 : interaction(d, bySeed, byQuestion, mean));
    return of(s, q, mean, s < 2 ? Double.NaN : Math.sqrt(overSeeds), variance);
  }

  private static Clustered of(int s, int q, double mean, double deviation, Variance variance) {
    if (variance.total() <= ROUNDING) {
      boolean none = Math.abs(mean) <= Math.sqrt(ROUNDING);
      double p = none ? 1 : Math.pow(2, 1.0 - q);
      Variance zero = new Variance(0, 0, variance.degreesOfFreedom());
      return new Clustered(s, q, 1, new Interval(mean, mean, mean), p, deviation, zero);
    }
    TDistribution t = new TDistribution(null, variance.degreesOfFreedom());
    double error = Math.sqrt(variance.total());
    double half = error * t.inverseCumulativeProbability((1 + CONFIDENCE) / 2);
    return new Clustered(
        s,
        q,
        1,
        new Interval(mean, mean - half, mean + half),
        2 * t.cumulativeProbability(-Math.abs(mean) / error),
        deviation,
        variance);
  }

  private static Variance variance(int s, int q, double vq, double vs, double ve) {
    double questions = ve + Math.max(0, vq - ve);
    double seeds = Math.max(0, vs - ve);
    return new Variance(questions, seeds, degreesOfFreedom(s - 1.0, q - 1.0, vq, vs, ve));
  }

  /** Satterthwaite's, from the mean squares that the variance is a sum of. */
  private static double degreesOfFreedom(
      double forSeeds, double forQuestions, double vq, double vs, double ve) {
    if (forSeeds == 0 || vs <= ve) {
      return vq > ve || forSeeds == 0 ? forQuestions : forSeeds * forQuestions;
    }
    if (vq <= ve) {
      return forSeeds;
    }
    double total = vq + vs - ve;
    double parts =
        vq * vq / forQuestions + vs * vs / forSeeds + ve * ve / (forSeeds * forQuestions);
    return Math.max(Math.min(forSeeds, forQuestions), total * total / parts);
  }

  /**
   * The mean of one figure per question, of a single run or of no model at all.
   *
   * @param values by question
   */
  public static Clustered of(double[] values) {
    return of(new double[][] {values});
  }

  /** The mean of {@code second - first} by seed and question; see {@link #difference}. */
  public static Clustered difference(double[][] first, double[][] second) {
    int seeds = Math.max(first.length, second.length);
    double[][] d = new double[seeds][];
    for (int s = 0; s < seeds; s++) {
      d[s] = minus(seed(second, s, seeds), seed(first, s, seeds));
    }
    return of(d);
  }

  /** A single run, such as the start of all arms, is paired with every seed of the other side. */
  private static double[] seed(double[][] runs, int s, int seeds) {
    if (runs.length != seeds && runs.length != 1) {
      throw new IllegalArgumentException(
          "A comparison pairs "
              + runs.length
              + " seeds with "
              + seeds
              + "; both sides need the same number, or one of them a single run.");
    }
    return runs[runs.length == 1 ? 0 : s];
  }

  private static double[] minus(double[] a, double[] b) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "A comparison pairs " + b.length + " questions with " + a.length + "; both must match.");
    }
    double[] d = new double[a.length];
    Arrays.setAll(d, q -> a[q] - b[q]);
    return d;
  }

  /** The mean. */
  public double estimate() {
    return interval.estimate();
  }

  /** The same after a choice among several comparisons by their figures (Bonferroni). */
  public Clustered chosenFrom(int comparisons) {
    return new Clustered(
        seeds,
        questions,
        comparisons,
        interval,
        Math.min(1, p * comparisons / choices),
        deviation,
        variance);
  }

  /**
   * Two one-sided tests (TOST, Schuirmann 1987) of "the mean lies within the bound": the larger of
   * the p-values of "it is at most -bound" and "it is at least bound". Without any difference at
   * all: (1 - bound)^Q, because a mean of the bound needs at least that share of questions to
   * differ, as each differs by at most 1.
   *
   * @param bound above 0, such as {@link #POINT}
   */
  public double equivalence(double bound) {
    double away = bound - Math.abs(estimate());
    if (Double.isNaN(p)) {
      return Double.NaN;
    }
    if (variance.total() == 0) {
      return away > 0 ? Math.pow(1 - bound, questions) : 1;
    }
    return new TDistribution(null, variance.degreesOfFreedom())
        .cumulativeProbability(-away / Math.sqrt(variance.total()));
  }

  /**
   * By which factor the number of questions would have to grow so that a difference as large as
   * this one is significant in 80 % of experiments (normal quantiles). Infinite if there is no
   * difference, or if the variance of the seeds alone hides it.
   *
   * @param level that p must fall below, after correction for other tests
   */
  public double timesToDiffer(double level) {
    double own = level / choices;
    if (Double.isNaN(p) || p == 1 && variance.total() == 0) {
      return Double.POSITIVE_INFINITY;
    }
    if (variance.total() == 0) { // the sign test's
      return (1 - Math.log(own) / Math.log(2)) / questions;
    }
    return times(Math.abs(estimate()) / (quantile(1 - own / 2) + quantile(POWER)));
  }

  /**
   * By which factor the number of questions would have to grow so that {@link #equivalence} is
   * below 5 % in at least 80 % of experiments whose true mean is this one: each of both tests may
   * miss in 10 %. Infinite if the mean lies outside the bound, or if the variance of the seeds
   * alone is too large.
   */
  public double timesToBound(double bound) {
    double away = bound - Math.abs(estimate());
    if (Double.isNaN(p) || away <= 0) {
      return Double.POSITIVE_INFINITY;
    }
    if (variance.total() == 0) {
      return Math.log(1 - CONFIDENCE) / Math.log1p(-bound) / questions;
    }
    return times(away / (quantile(CONFIDENCE) + quantile((1 + POWER) / 2)));
  }

  /** The factor at which the standard error is {@code error}; the seeds' part stays. */
  private double times(double error) {
    double room = error * error - variance.seeds();
    return room <= 0 ? Double.POSITIVE_INFINITY : variance.questions() / room;
  }

  private static double quantile(double probability) {
    return new NormalDistribution(null, 0, 1).inverseCumulativeProbability(probability);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length; // NaN without any
  }

  private static double squares(double[] values, double mean) {
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
  }

  /** VE. */
  private static double interaction(
      double[][] d, double[] bySeed, double[] byQuestion, double mean) {
    double sum = 0;
    for (int s = 0; s < d.length; s++) {
      for (int q = 0; q < byQuestion.length; q++) {
        double rest = d[s][q] - bySeed[s] - byQuestion[q] + mean;
        sum += rest * rest;
      }
    }
    double n = (double) d.length * byQuestion.length;
    return sum / (n * (d.length - 1.0) * (byQuestion.length - 1.0));
  }
}
