package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.experiment.Experiment;
import dev.plumbline.alignment.experiment.Invocation;
import dev.plumbline.alignment.experiment.LeftOut;
import dev.plumbline.alignment.experiment.RunConsole;
import java.util.List;

/**
 * The critical-tokens paper's experiment (Lin et al. 2024): rollouts along wrong solutions,
 * replacement of the critical tokens that they find, contrastive estimation against them, and
 * token-weighted DPO against its baselines.
 */
public final class CriticalExperiment {
  private CriticalExperiment() {}

  /** The experiment; {@code invocation} is what its user typed. */
  public static Experiment of(
      CriticalSettings settings, Invocation invocation, RunConsole console) {
    CriticalStages stages = new CriticalStages(settings, console);
    return new Experiment(
        new Experiment.Heading(
            "Critical tokens reproduced: does one token decide a solution?",
            settings.setup().note("7 to 70 billion parameters on GSM8K and MATH")),
        invocation,
        settings,
        settings.setup().output(),
        settings
            .setup()
            .facts(
                invocation,
                settings,
                settings.fineTuning(),
                stages.problems(),
                "Lin et al. 2024, arXiv 2411.19943"),
        List.of(
            new RolloutPart(stages),
            new PlantedPart(stages),
            new EstimatorPart(stages),
            new ArmsPart(stages),
            LeftOut.unless(settings.arms().trains(ArmsPart.CRITICAL), new BetaPart(stages))));
  }
}
