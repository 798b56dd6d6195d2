package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.Experiment;
import dev.plumbline.alignment.experiment.Invocation;
import dev.plumbline.alignment.experiment.LeftOut;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.python.Python;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The SCDPO paper's experiment (Lu et al. 2024, section 5): supervised fine-tuning, pairs of the
 * model's own solutions, and DPO, DPO on as many pairs, and SCDPO from the same start with the same
 * seeds, on chains of thought and on code-integrated solutions.
 */
public final class ScdpoExperiment {
  private ScdpoExperiment() {}

  /** Runs it; {@code invocation} is what its user typed. */
  public static Study run(ScdpoSettings settings, Invocation invocation, RunConsole console)
      throws IOException {
    if (settings.code().python() == null) {
      return of(settings, invocation, console, null).run();
    }
    try (Python python = Python.start(settings.code().python(), Python.DEADLINE)) {
      return of(settings, invocation, console, python).run();
    }
  }

  /** The experiment; {@code python} may be null, which leaves the code-integrated format out. */
  static Experiment of(
      ScdpoSettings settings, Invocation invocation, RunConsole console, Python python) {
    Workspace run =
        new Workspace(settings.setup().output(), settings.fineTuning(), settings.arms(), console);
    ProblemSplit problems = settings.setup().problems(settings.extras().pilotQuestions());
    List<Format> formats = new ArrayList<>();
    formats.add(Format.chain(settings, run, problems));
    if (python != null) {
      formats.add(Format.code(settings, run, problems, python));
    }
    if (formats.stream().noneMatch(Format::trainsAny)) {
      throw new UserError(
          "arms names arms on solutions with code alone, "
              + String.join(", ", settings.arms().only())
              + "; give python, which runs the code.");
    }
    List<Part<?>> parts = new ArrayList<>();
    formats.forEach(
        format -> parts.add(LeftOut.unless(format.trainsAny(), new PairsPart(settings, format))));
    parts.add(new TemperaturePilot(settings, formats.stream().filter(Format::trainsAny).toList()));
    if (settings.setup().generated()) {
      boolean both = Stream.of(PairsPart.DPO, PairsPart.SCDPO).allMatch(formats.get(0)::trains);
      parts.add(LeftOut.unless(both, new CreditPart(settings, formats.get(0))));
    }
    if (python == null) {
      parts.add(
          new LeftOut(
              List.of(
                  new Claim(
                      "SCDPO solves more than DPO on code-integrated solutions",
                      "Table 1",
                      new Criterion.LeftOut(
                          "There was no Python to run the code; give --python.")))));
    }
    List<Study.Fact> facts =
        settings
            .setup()
            .facts(
                invocation,
                settings,
                settings.fineTuning(),
                problems,
                "Lu et al. 2024, arXiv 2407.00782");
    facts.add(
        new Study.Fact(
            "Python",
            python == null ? "none: the code-integrated format was not run" : python.describe()));
    return new Experiment(
        new Experiment.Heading(
            "SCDPO reproduced: do errors made from a chosen step on teach more?",
            settings.setup().note("7 to 20 billion parameters on GSM8K and MATH")),
        invocation,
        settings,
        settings.setup().output(),
        facts,
        parts);
  }
}
