package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.Evidence;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.statistics.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * An ablation of the AFT paper (section 5): AFT-BC over the number of candidates, beside RFT, or
 * over the margin of the boundary. Measured on validation questions, which no table uses. A run
 * that is also an arm of the comparison is not trained again.
 */
final class SweepPart implements Part<List<SweepPart.Measured>> {
  private static final String BC = "AFT-BC";
  private static final String SOURCE = "section 5, ablation";

  /** What is swept. */
  private enum Kind {
    CANDIDATES(
        "accuracy-by-candidates", "number of candidates", "candidates per question (k)", "k"),
    MARGIN("accuracy-by-beta", "the margin of the boundary", "beta", "beta");

    private final String id;
    private final String words;
    private final String axis;
    private final String symbol;

    Kind(String id, String words, String axis, String symbol) {
      this.id = id;
      this.words = words;
      this.axis = axis;
      this.symbol = symbol;
    }
  }

  /** A swept value: its label, and what each method is trained with. */
  private record Value(String label, Map<String, Run> methods) {}

  /** A run: the arm it varies, its directory below the output, its training file and its loss. */
  private record Run(String arm, String folder, Path rows, Objective objective) {}

  /** A swept value with each method's evaluations, one per seed. */
  record Measured(String label, Map<String, List<Evaluation>> methods) {}

  private final AftInputs inputs;
  private final Kind kind;
  private final List<Value> values = new ArrayList<>();

  private SweepPart(AftInputs inputs, Kind kind) {
    this.inputs = inputs;
    this.kind = kind;
  }

  /** AFT-BC and RFT over the number of candidates. */
  static SweepPart candidates(AftInputs inputs) {
    SweepPart part = new SweepPart(inputs, Kind.CANDIDATES);
    AftFiles files = inputs.files();
    Aft aft = Aft.of(Constraint.BOUNDARY, inputs.settings().methods().boundaryMargin());
    for (int k : inputs.settings().extras().candidates()) {
      boolean arm = k == inputs.settings().draws().candidates();
      Map<String, Run> methods = new LinkedHashMap<>();
      methods.put(
          BC,
          new Run(
              AftMethods.BC,
              arm ? "arms/" + AftMethods.BC : "sweeps/k-" + k,
              files.binary(k),
              PreferenceObjective.withVft(aft)));
      methods.put(
          "RFT",
          new Run(
              AftMethods.RFT,
              arm ? "arms/" + AftMethods.RFT : "sweeps/k-rft-" + k,
              files.rft(k),
              new Vft()));
      part.values.add(new Value(Integer.toString(k), methods));
    }
    return part;
  }

  /** AFT-BC over the margin; an infinite margin is no constraint. */
  static SweepPart margins(AftInputs inputs) {
    SweepPart part = new SweepPart(inputs, Kind.MARGIN);
    for (double margin : inputs.settings().extras().margins()) {
      boolean none = Double.isInfinite(margin);
      boolean arm = margin == inputs.settings().methods().boundaryMargin();
      Aft aft = none ? Aft.of(Constraint.NONE, 0) : Aft.of(Constraint.BOUNDARY, margin);
      String folder =
          none
              ? "arms/" + AftMethods.NONE
              : arm ? "arms/" + AftMethods.BC : "sweeps/beta-" + margin;
      part.values.add(
          new Value(
              none ? "no constraint" : Double.toString(margin),
              Map.of(
                  BC,
                  new Run(
                      none ? AftMethods.NONE : AftMethods.BC,
                      folder,
                      inputs.files().binary(),
                      PreferenceObjective.withVft(aft)))));
    }
    return part;
  }

  @Override
  public Outline outline() {
    boolean candidates = kind == Kind.CANDIDATES;
    return new Outline(
        List.of(),
        List.of(),
        List.of(),
        List.of(kind.id),
        List.of(
            candidates
                ? new Claim(
                    "AFT-BC's accuracy rises with the number of candidates",
                    SOURCE,
                    new Criterion.RisesWith(kind.id))
                : new Claim(
                    "The margin beta matters: the best differs from the worst",
                    SOURCE,
                    new Criterion.BestAboveWorst(kind.id))));
  }

  @Override
  public List<Measured> run() throws IOException {
    Workspace workspace = inputs.sweeps();
    inputs.files().draw(inputs.start(), inputs.problems());
    Evaluator evaluator = inputs.evaluator(inputs.problems().validation());
    List<Measured> measured = new ArrayList<>();
    for (Value value : values) {
      Map<String, List<Evaluation>> methods = new LinkedHashMap<>();
      for (Map.Entry<String, Run> method : value.methods().entrySet()) {
        Run run = method.getValue();
        String what = "sweep " + run.folder();
        List<Path> models =
            workspace
                .of(run.arm())
                .train(
                    what, inputs.from(), run.rows(), run.objective(), workspace.file(run.folder()));
        methods.put(
            method.getKey(), workspace.evaluate(what, models, "validation.json", evaluator));
      }
      measured.add(new Measured(value.label(), methods));
    }
    return measured;
  }

  @Override
  public void report(List<Measured> measured, Findings findings) {
    findings.sweep(
        kind.id,
        BC + ", " + kind.symbol + " = ",
        measured.stream().map(m -> new Evidence.Swept(m.label(), m.methods().get(BC))).toList());
    String seeds =
        inputs.sweeps().arms().seeds().size() == 1
            ? "one seed, bars are 95 % intervals over questions."
            : "mean over "
                + inputs.sweeps().arms().seeds().size()
                + " seeds, bars are 95 % intervals over questions and seeds.";
    findings.figure(
        curve(
            measured,
            "accuracy",
            "Greedy accuracy on the validation questions of the sweeps, which no table uses; "
                + seeds,
            StudyStatistics::accuracy));
    if (kind == Kind.MARGIN) {
      findings.figure(
          curve(
              measured,
              "assessment accuracy",
              "Assessment accuracy on training questions; " + seeds,
              own -> StudyStatistics.assessment(own, Evaluation::learned)));
    }
  }

  private Curve curve(
      List<Measured> measured,
      String quantity,
      String caption,
      Function<List<Evaluation>, Interval> figure) {
    List<Curve.Line> lines = new ArrayList<>();
    for (String method : measured.get(0).methods().keySet()) {
      lines.add(
          new Curve.Line(
              method + ", " + quantity,
              measured.stream().map(m -> figure.apply(m.methods().get(method))).toList()));
    }
    String title = quantity.substring(0, 1).toUpperCase(Locale.ROOT) + quantity.substring(1);
    return new Curve(
        kind.id.replace("accuracy", quantity.replace(" accuracy", "")),
        title + " by " + kind.words,
        caption,
        kind.axis,
        quantity + ", %",
        measured.stream().map(Measured::label).toList(),
        lines);
  }
}
