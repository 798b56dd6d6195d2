package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.statistics.Clustered;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rollouts from every position of wrong solutions, and replacement of the critical tokens that they
 * find (Lin et al. 2024, Figure 2).
 */
final class RolloutPart implements Part<Rollouts> {
  private static final String GAIN = "pass@k without the critical token above with it";
  private static final String CONTROL = "pass@1 without the critical token above a random one";

  private final CriticalStages stages;

  RolloutPart(CriticalStages stages) {
    this.stages = stages;
  }

  @Override
  public Outline outline() {
    return Outline.of(
        List.of(GAIN, CONTROL),
        List.of(
            new Claim(
                "With the critical token a solution hardly ever recovers; without it it often does",
                "Figure 2",
                "pass@64 far apart",
                new Criterion.AboveZero(GAIN)),
            new Claim(
                "Another token in the place of the critical one helps more than in the place of a random one (our control)",
                "not in the paper",
                new Criterion.AboveZero(CONTROL))));
  }

  @Override
  public Rollouts run() throws IOException {
    return Rollouts.read(stages);
  }

  @Override
  public void report(Rollouts m, Findings findings) {
    long positions = m.found().scores().stream().mapToLong(s -> s.right().length).sum();
    findings.fact(
        "Rollout search",
        String.format(
            Locale.ROOT,
            "%d wrong solutions, %d positions, %d rollouts in %.0f s; %d have a critical token",
            m.wrong().size(),
            positions,
            positions * stages.settings().search().rollouts(),
            m.found().seconds(),
            m.critical().length));
    Replacement r = m.replacement();
    int k = r.rollouts();
    double[] with = r.passAtK(r.with(), k);
    double[] without = r.passAtK(Replacement.right(r.without()), k);
    findings.quantity(
        GAIN,
        Shares.difference(without, with),
        String.format(
            Locale.ROOT,
            "pass@%d over %d solutions: with it %s, without it %s.",
            k,
            r.places().length,
            DecisionRule.percent(Shares.mean(with)),
            DecisionRule.percent(Shares.mean(without))));
    Clustered control =
        Shares.difference(
            r.passAtK(Replacement.right(r.without()), 1),
            r.passAtK(Replacement.right(r.controlled()), 1));
    findings.quantity(CONTROL, control, "pass@1 differs by " + DecisionRule.points(control) + ".");
    findings.figure(passAtK(r));
    findings.figure(TokenKinds.grid(m, stages.settings().setup().generated()));
  }

  /** The paper's Figure 2, with our control. */
  private static Curve passAtK(Replacement r) {
    List<Integer> ks = new ArrayList<>();
    for (int k = 1; k <= r.rollouts(); k *= 2) {
      ks.add(k);
    }
    return new Curve(
        "pass-at-k",
        "Rollouts with and without the critical token",
        "Unbiased pass@k, mean over the "
            + r.places().length
            + " wrong solutions with a critical token. Without: another token, drawn from what remains of the model's "
            + "distribution, in its place; as control in the place of a random other token.",
        "k",
        "solutions with a right answer, %",
        ks.stream().map(k -> Integer.toString(k)).toList(),
        List.of(
            line("with the critical token", r, r.with(), ks),
            line("without it", r, Replacement.right(r.without()), ks),
            line("without a random other one", r, Replacement.right(r.controlled()), ks)));
  }

  private static Curve.Line line(String name, Replacement r, int[] right, List<Integer> ks) {
    return new Curve.Line(name, ks.stream().map(k -> Shares.mean(r.passAtK(right, k))).toList());
  }
}
