package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Votes;
import dev.plumbline.alignment.experiment.Arm;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Self-consistency (AFT paper, section 5): majority votes of the first model of some arms. */
final class VotesPart implements Part<Map<String, Votes>> {
  private static final String DIFFERENCE = "votes of aft-bc above vft";
  private static final double TEMPERATURE = 0.7;
  private static final int QUESTIONS = 1000; // at most: each one is answered many times

  private final AftInputs inputs;

  VotesPart(AftInputs inputs) {
    this.inputs = inputs;
  }

  @Override
  public Outline outline() {
    return Outline.of(
        List.of(DIFFERENCE),
        List.of(
            new Claim(
                "AFT-BC solves more than VFT under self-consistency too",
                "section 5",
                new Criterion.AboveZero(DIFFERENCE))));
  }

  /** Votes by label. */
  @Override
  public Map<String, Votes> run() throws IOException {
    Map<String, Path> models = new LinkedHashMap<>();
    Path start = inputs.start();
    inputs.files().draw(start, inputs.problems());
    models.put(AftMethods.START, start);
    Workspace first = inputs.workspace().withSeeds(1);
    AftMethods.Rows rows = AftMethods.Rows.of(inputs.files(), inputs.problems().answersOnly());
    for (Arm arm : AftMethods.binary(inputs.settings().methods(), rows)) {
      if (List.of(AftMethods.VFT, AftMethods.RFT, AftMethods.BC).contains(arm.id())) {
        models.put(arm.label(), first.train(arm, inputs.from()).get(0)); // unless an arm's part has
      }
    }
    Map<String, Votes> votes = new LinkedHashMap<>();
    for (Map.Entry<String, Path> model : models.entrySet()) {
      votes.put(model.getKey(), vote(model.getKey(), model.getValue()));
    }
    return votes;
  }

  private Votes vote(String label, Path model) throws IOException {
    int votes = inputs.settings().extras().votes();
    List<Problem> all = inputs.problems().test();
    List<Problem> test = all.subList(0, Math.min(QUESTIONS, all.size()));
    SamplingOptions options =
        SamplingOptions.at(TEMPERATURE, inputs.settings().setup().sizes().maxTokens());
    Workspace w = inputs.workspace();
    return w.kept(
        w.file("votes").resolve(label + ".json"),
        "Sampling " + votes + " answers of " + label + " to each question",
        (long) test.size() * votes,
        bar -> {
          try (Checkpoint checkpoint = Checkpoint.read(model)) {
            return Votes.count(
                test, ProblemSampler.solve(checkpoint, test, votes, options, 1, OpMode.FUSED, bar));
          }
        },
        Votes.class);
  }

  @Override
  public void report(Map<String, Votes> votes, Findings findings) {
    double[][] vft = votes.get("VFT").solved();
    double[][] aft = votes.get("AFT-BC").solved();
    int last = vft.length - 1;
    Clustered d = StudyStatistics.meanDifference(aft[last], vft[last]);
    findings.quantity(
        DIFFERENCE, d, "At " + (1 << last) + " votes " + DecisionRule.points(d) + ".");
    List<Curve.Line> lines = new ArrayList<>();
    votes.forEach((label, v) -> lines.add(line(label + ", maj@k", v.solved())));
    votes.forEach((label, v) -> lines.add(line(label + ", pass@k", v.passed())));
    findings.figure(
        new Curve(
            "self-consistency",
            "Self-consistency",
            "The first "
                + vft[last].length
                + " held-out questions, solved by the majority of k sampled answers (maj@k, mean over "
                + Votes.ORDERS
                + " orders of the samples) and by at least one of them (unbiased pass@k); temperature "
                + TEMPERATURE
                + ", first seed of each arm, 95 % intervals over questions.",
            "samples (k)",
            "questions solved, %",
            Votes.counts(1 << last).stream().map(k -> Integer.toString(k)).toList(),
            lines));
  }

  private static Curve.Line line(String name, double[][] byCount) {
    return StudyStatistics.line(name, Arrays.asList(byCount));
  }
}
