package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.Statistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Made-up results for tests, and for looking at the page. */
final class Samples {
  private Samples() {}

  /**
   * Three arms, of which the last one is clearly better than the first and not clearly better than
   * the second.
   */
  static DemoResult result() {
    List<DemoResult.Arm> arms =
        List.of(
            arm("start", 412, 0.61, 1.412, 7, 0.02, 0, 1),
            arm("VFT", 431, 0.633, 1.357, 5, 0.05, 188, 2),
            arm("AFT-BC", 456, 0.784, 1.398, 9, 0.21, 188, 3));
    List<DemoResult.PairedTest> tests =
        List.of(
            new DemoResult.PairedTest(
                "start", "VFT", 71, 90, 0.1555, new Interval(0.019, -0.006, 0.0441)),
            new DemoResult.PairedTest(
                "start", "AFT-BC", 68, 112, 0.00129, new Interval(0.044, 0.0182, 0.0703)),
            new DemoResult.PairedTest(
                "VFT", "AFT-BC", 83, 108, 0.0822, new Interval(0.025, -0.0021, 0.0519)));
    List<Study.Fact> facts =
        List.of(
            new Study.Fact("Command", "./plumbline demo"),
            new Study.Fact("Model", "Llama, 902,272 parameters, BF16"),
            new Study.Fact(
                "Settings",
                "Settings[output=runs/demo, trainQuestions=1500, testQuestions=1000, candidates=8, epochs=2.0, batchSize=16, learningRate=3.0E-4, beta=0.15, seed=0]"));
    List<DemoResult.Example> examples =
        List.of(
            new DemoResult.Example(
                "Ann has 3 boxes with 4 pens each. She gives 5 pens away. How many pens are left?",
                "3 * 4 = <<3*4=12>>12 pens.\n12 - 5 = <<12-5=7>>7 pens are left.\n#### 7",
                List.of(
                    "3 + 4 = <<3+4=7>>7 pens.\n7 - 5 = <<7-5=2>>2\n#### 2",
                    "3 * 4 = <<3*4=12>>12\n#### 12",
                    "3 * 4 = <<3*4=12>>12 pens.\n12 - 5 = <<12-5=7>>7 pens are left.\n#### 7"),
                List.of(false, false, true)),
            new DemoResult.Example(
                "How much is 2 + 2?",
                "#### 4",
                List.of("#### 4", "#### 4", ""),
                List.of(true, true, false)));
    return new DemoResult("Plumbline demo: AFT against VFT", facts, arms, tests, examples);
  }

  private static DemoResult.Arm arm(
      String name,
      int correct,
      double assessment,
      double perplexity,
      int truncated,
      double gap,
      int steps,
      long seed) {
    Random random = new Random(seed);
    double[] losses = new double[steps];
    Arrays.setAll(
        losses,
        i ->
            (seed == 3 ? 0.9 : 0.35) * (0.6 + 0.4 * Math.exp(-i / 40.0))
                + 0.03 * random.nextGaussian());
    return new DemoResult.Arm(
        name,
        "description of " + name,
        correct,
        1000,
        Statistics.wilson(correct, 1000, 0.95),
        Statistics.wilson((int) Math.round(assessment * 9321), 9321, 0.95),
        assessment - 0.011,
        9321,
        perplexity,
        truncated,
        scores(random, 3420, -0.16),
        scores(random, 4580, -0.2 - gap),
        losses,
        steps * 1.37);
  }

  private static double[] scores(Random random, int n, double mean) {
    List<Double> scores = new ArrayList<>();
    while (scores.size() < n) {
      scores.add(mean * Math.exp(0.5 * random.nextGaussian()));
    }
    return scores.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** An arm about which nothing is known. */
  static DemoResult.Arm nothing(String name) {
    Interval none = new Interval(Double.NaN, Double.NaN, Double.NaN);
    return new DemoResult.Arm(
        name,
        "",
        0,
        0,
        none,
        none,
        Double.NaN,
        0,
        Double.NaN,
        0,
        new double[0],
        new double[0],
        new double[0],
        Double.NaN);
  }
}
