package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.aft.AftSettings.Piece;
import dev.plumbline.alignment.experiment.Experiment;
import dev.plumbline.alignment.experiment.Invocation;
import dev.plumbline.alignment.experiment.LeftOut;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.RunConsole;
import java.util.List;

/**
 * The AFT paper's experiment (Wang et al. 2023, section 5): vanilla fine-tuning, k solutions of
 * each training question, groups of right and wrong ones, and the comparison of all methods, with
 * the pilot of section 3, the ablations, self-consistency and several tasks.
 */
public final class AftExperiment {
  private AftExperiment() {}

  /** The experiment; {@code invocation} is what its user typed. */
  public static Experiment of(AftSettings settings, Invocation invocation, RunConsole console) {
    AftInputs inputs = new AftInputs(settings, console);
    boolean arms = settings.runs(Piece.BINARY) || settings.runs(Piece.RANKS);
    List<Part<?>> parts =
        List.of(
            LeftOut.unless(arms, new ArmsPart(inputs)),
            LeftOut.unless(settings.runs(Piece.PILOT) && inputs.hasBase(), new PilotPart(inputs)),
            LeftOut.unless(settings.runs(Piece.CANDIDATES), SweepPart.candidates(inputs)),
            LeftOut.unless(settings.runs(Piece.MARGINS), SweepPart.margins(inputs)),
            LeftOut.unless(settings.runs(Piece.VOTES), new VotesPart(inputs)),
            settings.runs(Piece.TASKS)
                ? new TasksPart(inputs)
                : new LeftOut(List.of(TasksPart.leftOut())));
    return new Experiment(
        new Experiment.Heading(
            "AFT reproduced: does alignment repair what fine-tuning misjudges?",
            settings.setup().note("7 and 13 billion parameters on GSM8K")),
        invocation,
        settings,
        settings.setup().output(),
        settings
            .setup()
            .facts(
                invocation,
                settings,
                settings.fineTuning(),
                inputs.problems(),
                "Wang et al. 2023, arXiv 2309.02144"),
        parts);
  }
}
