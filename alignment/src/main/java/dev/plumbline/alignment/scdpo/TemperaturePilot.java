package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The temperature pilot (SCDPO paper, Fig. 5): accuracy of the fine-tuned model by sampling
 * temperature. Temperatures above 1 make errors.
 */
final class TemperaturePilot implements Part<Map<String, List<double[]>>> {
  private final ScdpoSettings settings;
  private final List<Format> formats;

  TemperaturePilot(ScdpoSettings settings, List<Format> formats) {
    this.settings = settings;
    this.formats = formats;
  }

  private List<Double> temperatures() {
    return settings.extras().pilotTemperatures();
  }

  private double cap() {
    return settings.pairs().temperature().cap();
  }

  private static String loss(Format format) {
    return "loss of the hottest temperature, " + format.label();
  }

  /** Whether the pilot holds both temperatures of the claim. */
  private boolean comparable() {
    return temperatures().contains(1.0) && temperatures().contains(cap());
  }

  @Override
  public Outline outline() {
    List<String> quantities = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (Format format : comparable() ? formats : List.<Format>of()) {
      quantities.add(loss(format));
      claims.add(
          new Claim(
              "A temperature of "
                  + cap()
                  + " solves fewer questions than one of 1, "
                  + format.label(),
              "Fig. 5",
              "GSM8K: 72.9 at 1.0, 42.8 at 1.4",
              new Criterion.AboveZero(loss(format))));
    }
    return Outline.of(quantities, claims);
  }

  /** Whether each question is solved: by format, then by temperature. */
  @Override
  public Map<String, List<double[]>> run() throws IOException {
    Map<String, List<double[]>> solved = new LinkedHashMap<>();
    for (Format format : formats) {
      List<double[]> own = new ArrayList<>();
      for (double temperature : temperatures()) {
        own.add(solve(format, temperature));
      }
      solved.put(format.label(), own);
    }
    return solved;
  }

  private static double[] solve(Format format, double temperature) throws IOException {
    List<Problem> problems = format.problems().validation();
    Workspace w = format.workspace();
    return w.kept(
        w.file("pilot").resolve("temperature-" + temperature + ".json"),
        "Solving " + problems.size() + " questions at temperature " + temperature,
        problems.size(),
        bar -> {
          try (Checkpoint checkpoint = Checkpoint.read(format.start());
              Generator generator = format.solvers().apply(checkpoint)) {
            return ProblemSampler.solve(
                    generator,
                    checkpoint.tokenizer(),
                    problems,
                    1,
                    TemperatureSchedule.constant(temperature),
                    0,
                    bar)
                .stream()
                .mapToDouble(s -> s.get(0).grade().correct() ? 1 : 0)
                .toArray();
          }
        },
        double[].class);
  }

  @Override
  public void report(Map<String, List<double[]>> measured, Findings findings) {
    List<Curve.Line> lines = new ArrayList<>();
    for (Format format : formats) {
      List<double[]> solved = measured.get(format.label());
      lines.add(StudyStatistics.line(format.label(), solved));
      if (comparable()) {
        Clustered d =
            StudyStatistics.meanDifference(
                solved.get(temperatures().indexOf(1.0)), solved.get(temperatures().indexOf(cap())));
        findings.quantity(loss(format), d, "The loss is " + DecisionRule.points(d) + ".");
      }
    }
    findings.figure(
        new Curve(
            "temperature-pilot",
            "The temperature pilot: accuracy of the fine-tuned model",
            "One sampled answer to each of "
                + settings.extras().pilotQuestions()
                + " validation questions; bars are 95 % intervals over questions. Step-controlled generation"
                + " begins where accuracy begins to fall.",
            "temperature",
            "questions solved, %",
            temperatures().stream().map(t -> Double.toString(t)).toList(),
            lines));
  }
}
