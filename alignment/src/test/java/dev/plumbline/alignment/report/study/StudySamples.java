package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.report.chart.Case;
import dev.plumbline.alignment.report.chart.ColouredText;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.Grid;
import dev.plumbline.alignment.report.chart.Headline;
import dev.plumbline.alignment.report.chart.Losses;
import dev.plumbline.alignment.report.chart.Scatter;
import dev.plumbline.alignment.report.chart.Scores;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Interval;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Made-up studies for tests, and for looking at the page. */
final class StudySamples {
  static final Interval UNKNOWN = new Interval(Double.NaN, Double.NaN, Double.NaN);

  private StudySamples() {}

  /** A study with all its parts and figures as they may come out. */
  static Study study() {
    return new Study(
        "AFT reproduced: does alignment repair what fine-tuning misjudges?",
        "Tiny model, generated problems. The figures come from a Llama of 0.9 million parameters on generated word problems.",
        List.of(
            new Study.Fact("Command", "./plumbline reproduce aft --output runs/aft"),
            new Study.Fact("Seeds", "0, 1, 2"),
            new Study.Fact(
                "Settings: setup", "questions 1500; test questions 1000; max tokens 200")),
        claims(),
        tables(),
        comparisons(),
        new Figures(
            List.of(
                new Headline(
                    "AFT-BC solves 4.2 points more than VFT.",
                    List.of(
                        new Headline.Tile("40.1 %", "VFT", "plain fine-tuning"),
                        new Headline.Tile("44.3 %", "AFT-BC", "+4.2 points over VFT")))),
            List.of(
                scores("VFT", 0.05, 1),
                scores("AFT-none", 0.9, 2),
                scores("AFT-DC", 0.25, 3),
                scores("AFT-BC", 0.3, 4)),
            List.of(losses("VFT", 188, 0.35), losses("AFT-BC", 188, 0.9)),
            curves(),
            List.of(scatter()),
            List.of(grid("e")),
            cases(),
            List.of(map("c"))));
  }

  private static Losses losses(String name, int steps, double scale) {
    Random random = new Random(7);
    double[] losses = new double[steps];
    Arrays.setAll(
        losses, i -> scale * (0.6 + 0.4 * Math.exp(-i / 40.0)) + 0.03 * random.nextGaussian());
    return new Losses(name, losses);
  }

  private static Grid grid(String text) {
    return new Grid(text, text, List.of(text, text), List.of(List.of(text, text)));
  }

  private static ColouredText map(String text) {
    return new ColouredText(
        text,
        text,
        true,
        false,
        List.of(
            new ColouredText.Panel(
                "SCDPO",
                List.of(
                    new ColouredText.Token(text, 0.5, false),
                    new ColouredText.Token(text, -0.2, true),
                    new ColouredText.Token(text, Double.NaN, true))),
            new ColouredText.Panel("DPO", List.of(new ColouredText.Token(text, 0.1, false)))));
  }

  private static List<Study.Claim> claims() {
    return List.of(
        new Study.Claim(
            "VFT models misjudge: on questions that they have learned, they often score wrong reasoning above right reasoning",
            "section 3, Table 1",
            "assessment accuracy 68.4 (GSM8K, 7B), 61.6 (ECQA, 7B)",
            Study.Verdict.REPRODUCED,
            "VFT's assessment accuracy on learned questions is 71.3 % (69.8 to 72.9)."),
        new Study.Claim(
            "AFT-BC solves more than VFT.",
            "Table 2",
            "GSM8K: VFT 40.32, AFT-BC 43.05",
            true,
            Study.Verdict.UNDECIDED,
            "VFT 43.1 %, AFT-BC 45.0 %: +1.9 points (-0.6 to +4.4), Holm p 0.31."),
        new Study.Claim(
            "PRO without a constraint falls below VFT",
            "Table 4, binary feedback",
            "",
            Study.Verdict.CONTRADICTED,
            "PRO solves 44.9 %, +1.8 points (+0.2 to +3.5)."),
        new Study.Claim(
            "AFT without a constraint falls below VFT",
            "Table 4",
            "VFT 40.32, AFT without constraint 24.83",
            Study.Verdict.REPRODUCED,
            "AFT-none 21.7 %, -21.4 points (-24.3 to -18.5), Holm p 1.2e-38."),
        new Study.Claim(
            "The ranking loss transfers to MMLU", "Table 5", "", Study.Verdict.NOT_RUN, ""));
  }

  private static List<Study.Table> tables() {
    return List.of(
        new Study.Table(
            "Binary feedback: candidates are right or wrong by their answer",
            List.of(
                arm("start", 0.412, 0, 0.61, 1.412),
                arm("VFT", 0.431, 3, 0.713, 1.357),
                arm("AFT-none", 0.217, 3, 0.93, 7.31),
                arm("AFT-DC", 0.447, 3, 0.861, 1.402),
                arm("AFT-BC", 0.45, 3, 0.884, 1.398),
                arm("RRHF", 0.104, 1, 0.941, 53.2),
                arm("RRHF-BC", 0.452, 1, 0.871, 1.41),
                arm("PRO", 0.449, 2, 0.822, 1.44),
                arm("DPO", 0.438, 2, 0.9, 1.61))),
        new Study.Table(
            "Ranking feedback: the same candidates, ranked by answer and steps",
            List.of(
                arm("AFT-BC, ranks", 0.447, 3, 0.88, 1.398),
                arm("AFT-none, ranks", 0.12, 3, 0.95, 11.2))));
  }

  private static Study.Arm arm(
      String name, double accuracy, int seeds, double assessment, double perplexity) {
    List<Study.Seed> runs = new ArrayList<>();
    for (int s = 0; s < seeds; s++) {
      double shift = 0.008 * (s - (seeds - 1) / 2.0);
      runs.add(new Study.Seed(s, accuracy + shift, accuracy - 0.1 + shift, 251.3 + s, 0.41));
    }
    return new Study.Arm(
        name,
        "how " + name + " came about",
        runs,
        new Study.Accuracy(around(accuracy, 0.028), around(accuracy - 0.1, 0.021)),
        new Study.Assessed(around(assessment, 0.015), around(assessment - 0.04, 0.017)),
        perplexity,
        name.contains("none") ? 0.312 : 0.004);
  }

  static Interval around(double estimate, double half) {
    return new Interval(estimate, estimate - half, estimate + half);
  }

  /** Of 1000 questions and 3 seeds, the standard error a quarter of the interval's width. */
  private static Study.Comparison comparison(
      String first, String second, boolean primary, double p, double corrected, Interval d) {
    double error = (d.high() - d.low()) / 4;
    Clustered.Variance variance = new Clustered.Variance(error * error, 0, 500);
    Clustered difference = new Clustered(3, 1000, 1, d, p, 0.007, variance);
    Study.Outcome outcome = DecisionRule.outcome(corrected, difference);
    Study.Tested tested = new Study.Tested(difference, primary, corrected, 0.05, outcome);
    return new Study.Comparison(first, second, "greedy accuracy", tested);
  }

  private static List<Study.Comparison> comparisons() {
    return List.of(
        comparison("VFT", "AFT-BC", true, 0.1555, 0.1555, new Interval(0.019, -0.006, 0.0441)),
        comparison(
            "VFT", "AFT-none", false, 1.1e-34, 4.4e-34, new Interval(-0.214, -0.243, -0.185)),
        comparison("AFT-none", "AFT-BC", false, 3e-40, 1.5e-39, new Interval(0.233, 0.204, 0.262)),
        comparison("VFT", "RRHF-BC", false, 0.6, 1, around(0.001, 0.006)));
  }

  private static List<Curve> curves() {
    List<Interval> vft = new ArrayList<>();
    List<Interval> bc = new ArrayList<>();
    List<Interval> none = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      vft.add(i == 0 ? around(0.431, 0.028) : null);
      bc.add(around(0.43 + 0.02 * (1 - Math.exp(-i)), 0.028));
      none.add(i == 3 ? null : around(0.40 - 0.03 * i, 0.025));
    }
    return List.of(
        new Curve(
            "accuracy-by-candidates",
            "Accuracy by number of candidates",
            "Greedy accuracy on validation questions, mean over 3 seeds.",
            "candidates a question (k)",
            "accuracy, %",
            List.of("2", "4", "6", "8", "12", "16"),
            List.of(
                new Curve.Line("VFT, accuracy", vft),
                new Curve.Line("AFT-BC, accuracy", bc),
                new Curve.Line("AFT-none, accuracy", none))),
        new Curve(
            "self-consistency",
            "Self-consistency",
            "Majority of k samples (maj@k) and at least one of them (pass@k).",
            "samples (k)",
            "questions solved, %",
            List.of("1", "2", "4", "8", "16"),
            List.of(
                votes("VFT, maj@k", 0.40, 0.03),
                votes("AFT-BC, maj@k", 0.43, 0.025),
                votes("VFT, pass@k", 0.41, 0.1),
                votes("AFT-BC, pass@k", 0.435, 0.085))),
        new Curve(
            "perplexity",
            "Perplexity by the margin of the boundary",
            "Held-out reference tokens.",
            "beta",
            "perplexity",
            List.of("0.05", "0.15", "0.5"),
            List.of(
                new Curve.Line(
                    "AFT-BC",
                    List.of(
                        new Interval(1.391, 1.388, 1.395),
                        new Interval(1.398, Double.NaN, Double.NaN),
                        UNKNOWN)))));
  }

  private static Curve.Line votes(String name, double at1, double gain) {
    List<Interval> values = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      values.add(around(at1 + gain * i, 0.027));
    }
    return new Curve.Line(name, values);
  }

  private static Scatter scatter() {
    List<Scatter.Point> points = new ArrayList<>();
    Random random = new Random(5);
    for (String method : List.of("VFT", "AFT-DC", "AFT-BC", "AFT-none", "PRO")) {
      for (int s = 0; s < 3; s++) {
        double x = 0.65 + 0.3 * random.nextDouble();
        double y = 0.2 + 0.3 * x + 0.02 * random.nextGaussian();
        points.add(new Scatter.Point(method + ", seed " + s, x, y));
      }
    }
    return new Scatter(
        "Task accuracy against assessment accuracy",
        "One point a trained model of this study.",
        "assessment accuracy on training questions",
        "accuracy on held-out questions",
        new Interval(0.871, 0.643, 0.957),
        points);
  }

  private static Scores scores(String name, double gap, long seed) {
    Random random = new Random(seed);
    return new Scores(
        name,
        scores(random, 3420, -0.16),
        scores(random, 4580, -0.2 - gap),
        scores(random, 1000, -0.1));
  }

  private static double[] scores(Random random, int n, double mean) {
    double[] scores = new double[n];
    Arrays.setAll(scores, i -> mean * Math.exp(0.5 * random.nextGaussian()));
    return scores;
  }

  private static List<Case> cases() {
    return List.of(
        new Case(
            "Ann has 3 boxes with 4 pens each. She gives 5 pens away. How many pens are left?",
            "3 * 4 = <<3*4=12>>12 pens.\n12 - 5 = <<12-5=7>>7 pens are left.\n#### 7",
            List.of(
                new Case.Answer("VFT", "3 + 4 = <<3+4=7>>7 pens.\n7 - 5 = 2\n#### 2", false),
                new Case.Answer("AFT-BC", "3 * 4 = 12 pens.\n12 - 5 = 7\n#### 7", true)),
            List.of("VFT", "AFT-BC"),
            List.of(
                new Case.Scored("3 * 4 = 12 pens.\n12 - 5 = 7\n#### 7", true, List.of(-0.2, -0.1)),
                new Case.Scored("3 + 4 = 7 pens.\n#### 7", true, List.of(-0.3, -0.15)),
                new Case.Scored("3 * 4 = 12 pens.\n#### 12", false, List.of(-0.1, -0.25)),
                new Case.Scored("3 - 4 = -1 pens.\n#### -1", false, List.of(-0.41, -0.7)))),
        new Case(
            "How much is 2 + 2?",
            "#### 4",
            List.of(new Case.Answer("VFT", "", false)),
            List.of("VFT"),
            List.of(new Case.Scored("#### 4", true, List.of(Double.NaN)))));
  }

  /** A study in which nothing was done. */
  static Study empty() {
    return new Study("t", "", List.of(), List.of(), List.of(), List.of(), Figures.of(List.of()));
  }

  /** Parts that are there but hold nothing, or no finite figure; every text is {@code text}. */
  static Study degenerate(String text) {
    double[] odd = {Double.NaN, Double.NEGATIVE_INFINITY, -1};
    Study.Arm unknown =
        new Study.Arm(
            text,
            text,
            List.of(new Study.Seed(-1, Double.NaN, Double.NaN, Double.NaN, Double.NaN)),
            new Study.Accuracy(UNKNOWN, UNKNOWN),
            new Study.Assessed(UNKNOWN, new Interval(0.5, Double.NaN, 1)),
            Double.POSITIVE_INFINITY,
            Double.NaN);
    return new Study(
        text,
        text,
        List.of(new Study.Fact(text, text)),
        List.of(new Study.Claim(text, text, text, Study.Verdict.UNDECIDED, text)),
        List.of(new Study.Table(text, List.of(unknown)), new Study.Table(text, List.of())),
        List.of(comparison(text, text, false, Double.NaN, Double.NaN, UNKNOWN)),
        new Figures(
            List.of(new Headline(text, List.of(new Headline.Tile(text, text, text)))),
            List.of(
                new Scores(text, odd, odd, new double[0]),
                new Scores(text, new double[0], new double[0], odd)),
            List.of(new Losses(text, odd), new Losses(text, new double[0])),
            List.of(
                curve(text, List.of(), List.of()),
                curve(text, List.of(text), List.of()),
                curve(
                    text,
                    List.of(text),
                    List.of(new Curve.Line(text, Arrays.asList((Interval) null)))),
                curve(
                    text,
                    List.of(text, text),
                    List.of(
                        new Curve.Line(text, List.of(UNKNOWN, new Interval(1, Double.NaN, 2))),
                        new Curve.Line(text, Arrays.asList(null, around(3, 0)))))),
            List.of(
                new Scatter(
                    text,
                    text,
                    text,
                    text,
                    UNKNOWN,
                    List.of(new Scatter.Point(text, Double.NaN, 1)))),
            List.of(grid(text), new Grid(text, text, List.of(text), List.of())),
            List.of(
                new Case(text, text, List.of(), List.of(), List.of()),
                new Case(
                    text,
                    text,
                    List.of(new Case.Answer(text, text, true)),
                    List.of(text),
                    List.of(
                        new Case.Scored(text, false, List.of(Double.NEGATIVE_INFINITY)),
                        new Case.Scored("", false, List.of(Double.NaN))))),
            List.of(map(text), new ColouredText(text, text, false, true, List.of()))));
  }

  private static Curve curve(String text, List<String> x, List<Curve.Line> lines) {
    return new Curve(text, text, text, text, text, x, lines);
  }
}
