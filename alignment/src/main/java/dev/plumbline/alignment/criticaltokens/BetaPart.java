package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.objective.CriticalDpo;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.statistics.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The estimator's beta, swept: what it finds, and what critical-DPO learns from its weights. */
final class BetaPart implements Part<BetaPart.Result> {
  private static final String CRITICAL = "critical-DPO";

  private final CriticalStages stages;

  BetaPart(CriticalStages stages) {
    this.stages = stages;
  }

  /** The rollouts and the values of beta. */
  record Result(Rollouts rollouts, List<Swept> values) {}

  /**
   * One value of beta.
   *
   * @param logScore log s of the tokens of the wrong solutions
   * @param evaluations of critical-DPO, first seed
   */
  record Swept(double beta, List<double[]> logScore, List<Evaluation> evaluations) {}

  @Override
  public Outline outline() {
    return Outline.of(List.of(), List.of());
  }

  @Override
  public Result run() throws IOException {
    Rollouts rollouts = Rollouts.read(stages);
    Evaluator evaluator = ArmsPart.evaluator(stages);
    List<Swept> values = new ArrayList<>();
    for (double beta : stages.settings().estimator().sweep()) {
      values.add(
          beta == stages.settings().estimator().beta()
              ? ofTheArm(beta, rollouts, evaluator)
              : sweep(beta, rollouts, evaluator));
    }
    return new Result(rollouts, values);
  }

  /** The value of the comparison, which is not run again. */
  private Swept ofTheArm(double beta, Rollouts rollouts, Evaluator evaluator) throws IOException {
    Workspace workspace = stages.workspace().withSeeds(1);
    return new Swept(
        beta,
        stages.estimate("wrong solutions", rollouts.wrong()).logScore(),
        workspace.evaluate(
            CRITICAL, workspace.models(ArmsPart.CRITICAL), Workspace.EVALUATION, evaluator));
  }

  private Swept sweep(double beta, Rollouts rollouts, Evaluator evaluator) throws IOException {
    Workspace workspace = stages.workspace().withSeeds(1);
    String name = "beta-" + beta;
    int n = rollouts.wrong().size();
    double[][] logScore =
        workspace.kept(
            workspace.file("sweep").resolve("scores-" + name + ".json"),
            "Scoring the tokens of " + n + " wrong solutions, beta " + beta,
            n,
            bar ->
                stages.score(beta, rollouts.wrong(), bar).stream()
                    .map(ContrastiveEstimator.Estimate::logScore)
                    .toArray(double[][]::new),
            double[][].class);
    String arm = CRITICAL + ", beta " + beta;
    List<Path> models =
        workspace
            .of(ArmsPart.CRITICAL)
            .train(
                arm,
                stages.start(),
                stages.weighted(beta),
                PreferenceObjective.of(new CriticalDpo(stages.settings().beta(), false)),
                workspace.file("sweep").resolve(name));
    return new Swept(
        beta,
        List.of(logScore),
        workspace.evaluate(arm, models, Workspace.EVALUATION, evaluator.withSamples(0)));
  }

  @Override
  public void report(Result measured, Findings findings) {
    if (measured.values().isEmpty()) {
      return;
    }
    int[] places = measured.rollouts().replacement().places();
    List<Interval> auc = new ArrayList<>();
    List<Interval> first = new ArrayList<>();
    List<Interval> accuracy = new ArrayList<>();
    for (Swept swept : measured.values()) {
      Agreement own = measured.rollouts().agreement(Suspicion.pick(swept.logScore(), places, -1));
      auc.add(Shares.mean(own.auc()));
      first.add(Shares.share(own.within(1)));
      accuracy.add(StudyStatistics.accuracy(swept.evaluations()));
    }
    List<String> betas = measured.values().stream().map(s -> Double.toString(s.beta())).toList();
    findings.figure(
        new Curve(
            "agreement-by-beta",
            "Agreement with rollouts by the estimator's beta",
            "Beta is the weight of the negative model; at 0 the score is the positive model's probability. Area under the "
                + "curve, and share of solutions whose critical token has the lowest score.",
            "beta of the estimator",
            "share, %",
            betas,
            List.of(
                new Curve.Line("area under the curve", auc),
                new Curve.Line("critical token has the lowest score", first))));
    findings.figure(
        new Curve(
            "accuracy-by-beta",
            "Accuracy of critical-DPO by the estimator's beta",
            "Greedy accuracy on the held-out questions; first seed, bars are 95 % intervals over questions. "
                + "Everything else is as in the table.",
            "beta of the estimator",
            "accuracy, %",
            betas,
            List.of(new Curve.Line(CRITICAL, accuracy))));
  }
}
