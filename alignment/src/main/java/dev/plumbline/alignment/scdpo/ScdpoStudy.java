package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.TrainingCurves;
import dev.plumbline.alignment.report.DemoResult;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.report.Study.Verdict;
import dev.plumbline.alignment.statistics.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes the study out of what an SCDPO run measured, and decides the paper's claims. */
final class ScdpoStudy {
  private final ScdpoSettings settings;
  private final Map<String, ScdpoPart.Result> parts;
  private final List<Study.Comparison> comparisons;
  private final List<Study.Claim> claims = new ArrayList<>();

  ScdpoStudy(ScdpoSettings settings, Map<String, ScdpoPart.Result> parts) {
    this.settings = settings;
    this.parts = parts;
    List<Study.Comparison> all = new ArrayList<>();
    parts.forEach(
        (part, result) -> {
          for (String[] pair : pairs()) {
            all.add(
                StudyStatistics.compare(
                    name(pair[0], part),
                    result.evaluations().get(pair[0]),
                    name(pair[1], part),
                    result.evaluations().get(pair[1])));
          }
        });
    comparisons = StudyStatistics.holm(all);
  }

  private static List<String[]> pairs() {
    return List.of(
        new String[] {ScdpoPart.START, ScdpoPart.DPO},
        new String[] {ScdpoPart.START, ScdpoPart.SCDPO},
        new String[] {ScdpoPart.DPO, ScdpoPart.SCDPO},
        new String[] {ScdpoPart.DATA_EQUAL, ScdpoPart.SCDPO});
  }

  private static String name(String arm, String part) {
    return arm + " (" + part + ")";
  }

  Study build(List<DemoResult.Fact> facts) throws IOException {
    List<DemoResult.Fact> all = new ArrayList<>(facts);
    parts.forEach((part, result) -> all.add(new DemoResult.Fact("Pairs, " + part, counts(result))));
    parts.forEach(this::claims);
    if (!parts.containsKey(ScdpoRun.CODE)) {
      claims.add(
          new Study.Claim(
              "SCDPO solves more than DPO on code-integrated solutions",
              "Table 1",
              "",
              Verdict.NOT_RUN,
              "There was no Python to run the code; give --python."));
    }
    return new Study(
        "SCDPO reproduced: do errors made from a chosen step on teach more?",
        settings.model() == null
            ? "Tiny model, generated problems. The figures come from a Llama of 0.9 million parameters on generated word "
                + "problems. They show what the methods do at this scale; the paper's figures come from 7 to 20 billion "
                + "parameters on GSM8K and MATH."
            : "The figures hold for the model, the problems and the settings named at the end of the page.",
        all,
        claims,
        tables(),
        comparisons,
        curves(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        maps());
  }

  private static String counts(ScdpoPart.Result result) {
    PairFiles.Counts c = result.counts();
    return String.format(
        Locale.ROOT,
        "%d questions, %d solutions drawn, %d naive pairs, %d right ones passed over for signs of an error; %d cuts, %d"
            + " continuations (%.2f a pair), %d of them garbled (%.1f %%), %d step-controlled pairs; %d data-equal pairs",
        c.questions(),
        c.drawn(),
        c.naive(),
        c.flagged(),
        c.cuts(),
        c.tries(),
        (double) c.tries() / Math.max(1, c.stepControlled()),
        c.garbled(),
        100.0 * c.garbled() / Math.max(1, c.tries()),
        c.stepControlled(),
        c.dataEqual());
  }

  private void claims(String part, ScdpoPart.Result result) {
    String paper =
        part.equals(ScdpoRun.CODE)
            ? "GSM8K, Mistral-7B-Ours: SFT 76.8, DPO 78.8, data-equal 79.0, SCDPO 80.1"
            : "GSM8K, MetaMath-Mistral-7B: SFT 77.7, DPO 81.0, data-equal 81.4, SCDPO 81.7";
    for (String[] pair : pairs()) {
      Study.Comparison c =
          comparisons.stream()
              .filter(
                  x ->
                      x.first().equals(name(pair[0], part))
                          && x.second().equals(name(pair[1], part)))
              .findFirst()
              .orElseThrow();
      claims.add(
          new Study.Claim(
              pair[1] + " solves more than " + pair[0] + ", " + part,
              "Table 1",
              paper,
              DecisionRule.verdict(c, 1),
              DecisionRule.sentence(c)));
    }
    pilotClaim(part, result);
    creditClaim(part, result);
  }

  /** Temperatures above 1 make errors. */
  private void pilotClaim(String part, ScdpoPart.Result result) {
    List<Double> temperatures = settings.pilotTemperatures();
    int one = temperatures.indexOf(1.0);
    int hot = temperatures.indexOf(settings.temperature().cap());
    if (one < 0 || hot < 0) {
      return;
    }
    double[] a = result.pilot().get(one);
    double[] b = result.pilot().get(hot);
    double[] difference = new double[a.length];
    Arrays.setAll(difference, i -> a[i] - b[i]);
    Interval d = StudyStatistics.mean(difference, "pilot " + part);
    claims.add(
        new Study.Claim(
            "A temperature of "
                + settings.temperature().cap()
                + " solves fewer questions than one of 1, "
                + part,
            "Fig. 5",
            "GSM8K: 72.9 at 1.0, 42.8 at 1.4",
            DecisionRule.sign(d),
            "The loss is " + DecisionRule.points(d) + "."));
  }

  /** SCDPO's token rewards find the erroneous step better than DPO's. */
  private void creditClaim(String part, ScdpoPart.Result result) {
    if (result.credit().isEmpty()) {
      return;
    }
    double[] dpo = result.credit().get(ScdpoPart.DPO).auc();
    double[] scdpo = result.credit().get(ScdpoPart.SCDPO).auc();
    double[] difference = new double[dpo.length];
    Arrays.setAll(difference, i -> scdpo[i] - dpo[i]);
    Interval d = StudyStatistics.mean(difference, "credit");
    claims.add(
        new Study.Claim(
            "SCDPO's token rewards find the erroneous step better than DPO's, " + part,
            "section 4, Fig. 2",
            "shown by examples only",
            DecisionRule.sign(d),
            String.format(
                Locale.ROOT,
                "Mean area under the curve over %d wrong solutions, first seed: DPO %.3f, SCDPO %.3f; the difference is %+.3f (%+.3f to %+.3f).",
                dpo.length,
                Arrays.stream(dpo).average().orElse(Double.NaN),
                Arrays.stream(scdpo).average().orElse(Double.NaN),
                d.estimate(),
                d.low(),
                d.high())));
  }

  private List<Study.Table> tables() {
    List<Study.Table> tables = new ArrayList<>();
    parts.forEach(
        (part, result) -> {
          List<Study.Arm> rows = new ArrayList<>();
          result.evaluations().forEach((arm, seeds) -> rows.add(arm(arm, seeds, result)));
          tables.add(
              new Study.Table(
                  part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1), rows));
        });
    return tables;
  }

  private Study.Arm arm(String name, List<Evaluation> seeds, ScdpoPart.Result result) {
    PairFiles.Counts c = result.counts();
    String description =
        switch (name) {
          case ScdpoPart.START -> "the fine-tuned model that all arms start from";
          case ScdpoPart.DPO -> c.naive() + " naive pairs";
          case ScdpoPart.DATA_EQUAL -> c.dataEqual() + " naive pairs";
          default -> c.naive() + " naive and " + c.stepControlled() + " step-controlled pairs";
        };
    return StudyStatistics.arm(
        name, seeds, description, settings.seeds(), result.models().get(name));
  }

  private List<Study.Curve> curves() throws IOException {
    List<Study.Line> lines = new ArrayList<>();
    parts.forEach(
        (part, result) ->
            lines.add(
                new Study.Line(
                    part,
                    result.pilot().stream()
                        .map(solved -> StudyStatistics.mean(solved, "pilot"))
                        .toList())));
    List<Study.Curve> curves = new ArrayList<>();
    curves.add(
        new Study.Curve(
            "temperature-pilot",
            "The temperature pilot: accuracy of the fine-tuned model",
            "One sampled answer to each of "
                + settings.pilotQuestions()
                + " validation questions; bars are 95 % bootstrap intervals over questions. Step-controlled generation"
                + " begins where accuracy begins to fall.",
            "temperature",
            "questions solved, %",
            settings.pilotTemperatures().stream().map(t -> Double.toString(t)).toList(),
            lines));
    for (Map.Entry<String, ScdpoPart.Result> part : parts.entrySet()) {
      curves.add(training(part.getKey(), part.getValue()));
    }
    return curves;
  }

  /** Implicit rewards of the chosen and of the rejected solutions while DPO goes on. */
  private static Study.Curve training(String part, ScdpoPart.Result result) throws IOException {
    Map<String, List<Path>> models = new LinkedHashMap<>(result.models());
    models.remove(ScdpoPart.START);
    Map<String, String> metrics = new LinkedHashMap<>();
    metrics.put("rewards/chosen", "chosen");
    metrics.put("rewards/rejected", "rejected");
    return new TrainingCurves(metrics)
        .curve(
            "training",
            "Rewards during training, " + part,
            "Implicit reward beta (log pi - log pi_ref) of the chosen and of the rejected solutions of the pairs that the steps "
                + "trained on, before each step; mean over seeds.",
            "reward of a solution",
            models);
  }

  private List<Study.Map> maps() {
    List<Study.Map> maps = new ArrayList<>();
    parts.forEach(
        (part, result) -> {
          Map<String, ScdpoPart.Credit> credit = new LinkedHashMap<>(result.credit());
          credit.remove(ScdpoPart.DATA_EQUAL);
          int shown = credit.values().stream().mapToInt(c -> c.tokens().size()).min().orElse(0);
          for (int i = 0; i < shown; i++) {
            maps.add(map(credit, i));
          }
        });
    return maps;
  }

  private static Study.Map map(Map<String, ScdpoPart.Credit> credit, int solution) {
    List<Study.Panel> panels = new ArrayList<>();
    credit.forEach(
        (arm, c) -> {
          List<Study.Token> tokens = new ArrayList<>();
          for (int t = 0; t < c.tokens().get(solution).size(); t++) {
            tokens.add(
                new Study.Token(
                    c.tokens().get(solution).get(t),
                    c.rewards().get(solution)[t],
                    c.marked().get(solution)[t]));
          }
          panels.add(new Study.Panel(arm + ", beta (log pi - log pi_ref) of each token", tokens));
        });
    String question = credit.values().iterator().next().questions().get(solution);
    return new Study.Map(
        "A wrong solution. Question: " + question, "the erroneous step", false, true, panels);
  }
}
