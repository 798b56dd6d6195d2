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
import java.util.Map;
import java.util.stream.Collectors;
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
    if (settings.code().python() == null || !settings.trainsCode()) {
      return of(settings, invocation, console, null).run();
    }
    try (Python python = Python.start(settings.code().python(), Python.DEADLINE)) {
      return of(settings, invocation, console, python).run();
    }
  }

  /** Why there are no arms on solutions with code. */
  private static String withoutCode(ScdpoSettings settings) {
    if (!settings.trainsCode()) {
      return "This run names no arm on solutions with code.";
    }
    return settings.setup().generated()
        ? "There was no Python to run the code; give python."
        : "Problems of your own have no solutions with code.";
  }

  /**
   * The parts on each format of solutions.
   *
   * @throws UserError if no arm is on any of them
   */
  static List<Part<?>> parts(ScdpoSettings settings, List<Format> formats) {
    if (formats.stream().noneMatch(Format::trainsAny)) {
      throw new UserError(
          "arms names arms on solutions with code alone, "
              + String.join(", ", settings.arms().only())
              + "; "
              + (settings.setup().generated()
                  ? "give python, which runs the code."
                  : "problems of your own have none."));
    }
    List<Part<?>> parts = new ArrayList<>();
    formats.forEach(
        format -> parts.add(LeftOut.unless(format.trainsAny(), new PairsPart(settings, format))));
    Map<Boolean, List<Format>> trained =
        formats.stream().collect(Collectors.partitioningBy(Format::trainsAny));
    parts.add(new TemperaturePilot(settings, trained.get(true)));
    parts.add(LeftOut.of(new TemperaturePilot(settings, trained.get(false))));
    if (settings.setup().generated()) {
      boolean both = Stream.of(PairsPart.DPO, PairsPart.SCDPO).allMatch(formats.get(0)::trains);
      parts.add(LeftOut.unless(both, new CreditPart(settings, formats.get(0))));
    }
    if (formats.size() == 1) {
      parts.add(
          new LeftOut(
              List.of(
                  new Claim(
                      "SCDPO solves more than DPO on code-integrated solutions",
                      "Table 1",
                      new Criterion.LeftOut(withoutCode(settings))))));
    }
    return parts;
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
    List<Part<?>> parts = parts(settings, formats);
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
