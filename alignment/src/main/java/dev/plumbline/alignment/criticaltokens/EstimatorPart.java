package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.report.chart.ColouredText;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.Grid;
import dev.plumbline.alignment.statistics.Clustered;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Contrastive estimation against rollouts (Lin et al. 2024, section 3): how often it finds the
 * critical token, beside probability, entropy, position and chance.
 */
final class EstimatorPart implements Part<EstimatorPart.Result> {
  private static final int SHOWN = 6;

  private final CriticalStages stages;

  EstimatorPart(CriticalStages stages) {
    this.stages = stages;
  }

  /**
   * What was measured.
   *
   * @param rollouts of the wrong solutions
   * @param estimates of their tokens
   * @param counts of the contrastive data
   */
  record Result(
      Rollouts rollouts, CriticalStages.Estimates estimates, CriticalStages.Counts counts) {}

  private static String above(String baseline) {
    return "agreement of the contrastive score above " + baseline;
  }

  @Override
  public Outline outline() {
    return Outline.of(
        Suspicion.BASELINES.stream().map(EstimatorPart::above).toList(),
        Suspicion.BASELINES.stream()
            .map(
                name ->
                    new Claim(
                        "Contrastive estimation agrees better with rollouts than " + name,
                        "section 3",
                        new Criterion.AboveZero(above(name))))
            .toList());
  }

  @Override
  public Result run() throws IOException {
    CriticalStages.Counts counts = stages.contrast();
    Rollouts rollouts = Rollouts.read(stages);
    return new Result(rollouts, stages.estimate("wrong solutions", rollouts.wrong()), counts);
  }

  @Override
  public void report(Result measured, Findings findings) {
    CriticalStages.Counts c = measured.counts();
    findings.fact(
        "Contrastive data",
        c.positive() + " positive, " + c.negative() + " negative, " + c.pairs() + " pairs");
    Rollouts rollouts = measured.rollouts();
    Map<String, Agreement> agreement = new LinkedHashMap<>();
    Suspicion.of(measured.estimates(), rollouts.replacement().places())
        .forEach((name, s) -> agreement.put(name, rollouts.agreement(s)));
    for (String baseline : Suspicion.BASELINES) {
      Clustered d =
          Shares.difference(
              agreement.get(Suspicion.CONTRASTIVE).auc(), agreement.get(baseline).auc());
      findings.quantity(
          above(baseline),
          d,
          String.format(
              Locale.ROOT,
              "The area under the curve differs by %+.3f (%+.3f to %+.3f).",
              d.estimate(),
              d.interval().low(),
              d.interval().high()));
    }
    findings.figure(hits(agreement));
    findings.figure(grid(agreement));
    int[] critical = rollouts.critical();
    IntStream.range(0, critical.length)
        .boxed()
        .sorted( // what can be saved first
            Comparator.comparing(i -> rollouts.replacement().without().get(i).totalRight() == 0))
        .limit(SHOWN)
        .forEach(i -> findings.figure(text(rollouts, measured.estimates(), i, critical[i])));
  }

  private static Curve hits(Map<String, Agreement> agreement) {
    List<Integer> ks = List.of(1, 2, 3, 5, 10);
    List<Curve.Line> lines = new ArrayList<>();
    agreement.forEach(
        (name, a) ->
            lines.add(
                new Curve.Line(name, ks.stream().map(k -> Shares.share(a.within(k))).toList())));
    return new Curve(
        "precision",
        "How often an estimate finds the critical token",
        "Share of the wrong solutions whose critical token, as found by rollouts, is among the k most suspicious ones.",
        "k",
        "critical tokens found, %",
        ks.stream().map(k -> Integer.toString(k)).toList(),
        lines);
  }

  private static Grid grid(Map<String, Agreement> agreement) {
    List<List<String>> rows = new ArrayList<>();
    agreement.forEach(
        (name, a) -> {
          double[] known = Arrays.stream(a.correlation()).filter(Double::isFinite).toArray();
          rows.add(
              List.of(
                  name,
                  DecisionRule.percent(Shares.share(a.within(1))),
                  Shares.decimal(Shares.mean(a.auc())),
                  Shares.decimal(Shares.mean(known))));
        });
    return new Grid(
        "Estimates against rollouts",
        "First: the critical token is the most suspicious one. Area under the curve: share of the other tokens that are less "
            + "suspicious than the critical one; 0.5 is guessing. Spearman: between suspicion and the drop of the rollouts' score at a "
            + "token, within a solution. Means over solutions with 95 % t intervals, shares with Wilson's.",
        List.of("Estimate", "First", "Area under the curve", "Spearman with the drop"),
        rows);
  }

  /** A solution with a critical token, token by token. */
  private static ColouredText text(
      Rollouts m, CriticalStages.Estimates e, int found, int critical) {
    int place = m.replacement().places()[found];
    List<String> tokens = m.texts().get(place);
    RolloutScores scores = m.scores(place);
    double[] s = exp(e.logScore().get(place));
    double[] rollouts = new double[tokens.size()];
    double[] weights = new double[tokens.size()];
    Arrays.setAll(rollouts, t -> t < scores.right().length ? scores.score(t) : Double.NaN);
    boolean ended = scores.right().length < tokens.size();
    Arrays.setAll(weights, t -> ended && t == weights.length - 1 ? 1 : 1 - s[t]);
    double sum = Arrays.stream(weights).sum();
    double[] shares = Arrays.stream(weights).map(w -> w / sum).toArray();
    Map<String, double[]> panels = new LinkedHashMap<>();
    panels.put("Share of right rollouts after the token", rollouts);
    panels.put("Contrastive score s", s);
    panels.put("Probability under the policy", exp(e.logProb().get(place)));
    panels.put("Entropy of the policy, nats", e.entropy().get(place));
    panels.put("Weight 1 - s in critical-DPO", weights);
    panels.put("Share of the rejected solution's gradient in critical-DPO", shares);
    List<ColouredText.Panel> drawn = new ArrayList<>();
    panels.forEach((name, values) -> drawn.add(panel(name, tokens, values, critical)));
    return new ColouredText(
        "A wrong solution. Question: "
            + m.wrong().get(place).problem().question()
            + " "
            + alternatives(m, m.replacement().without().get(found)),
        "the critical token",
        true,
        false,
        drawn);
  }

  private static double[] exp(double[] logarithms) {
    return Arrays.stream(logarithms).map(Math::exp).toArray();
  }

  private static ColouredText.Panel panel(
      String name, List<String> tokens, double[] values, int at) {
    return new ColouredText.Panel(
        name,
        IntStream.range(0, tokens.size())
            .mapToObj(t -> new ColouredText.Token(tokens.get(t), values[t], t == at))
            .toList());
  }

  /** The tokens that would have saved the answer. */
  private static String alternatives(Rollouts m, Alternatives a) {
    List<Integer> saving =
        IntStream.range(0, a.tokens().length)
            .filter(i -> a.right()[i] > 0)
            .boxed()
            .sorted((x, y) -> a.right()[y] - a.right()[x])
            .limit(4)
            .toList();
    if (saving.isEmpty()) {
      return "No other token in the place of the critical one led to a right answer.";
    }
    List<String> texts = new ArrayList<>();
    for (int i : saving) {
      texts.add(
          String.format(
              Locale.ROOT,
              "\u201c%s\u201d (%d of %d right)",
              m.words().get(a.tokens()[i]),
              a.right()[i],
              a.drawn()[i]));
    }
    return "Another token in the place of the critical one would have saved the answer: "
        + String.join(", ", texts)
        + ".";
  }
}
