package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.generate.CandidateFile;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.objective.Hyperparameter;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.report.chart.Case;
import dev.plumbline.alignment.report.chart.Headline;
import dev.plumbline.alignment.report.chart.Losses;
import dev.plumbline.alignment.report.chart.Scores;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The demo, an experiment of two arms on the embedded model: the model solves questions of which
 * only the answer is known, and its right and wrong solutions teach it (AFT-BC). As many steps of
 * plain fine-tuning on the references that it has (VFT) are the comparison, on held-out questions.
 */
public final class Demo implements Part<Map<String, Trained>> {
  private static final String START = "start";
  private static final String VFT = "vft";
  private static final String AFT = "aft-bc";
  private static final String RAISED = "assessment of aft-bc above vft";
  private static final int CASES = 8;
  private static final int DIFFERING = 6; // of them, questions that some arms solve and some do not

  /**
   * Settings of a run.
   *
   * @param setup sizes and the output directory
   * @param arms training of all arms; the first seed also seeds the samples
   * @param lessons references that AFT-BC rehearses, of those that VFT goes on with
   * @param candidates solutions per question
   * @param assessedQuestions held-out questions whose candidates are assessed
   * @param boundaryMargin beta of AFT: how far below the lowest-scoring correct candidate the
   *     boundary lies
   */
  public record Settings(
      Setup setup,
      ArmTraining arms,
      int lessons,
      int candidates,
      int assessedQuestions,
      double boundaryMargin) {
    /** Checks the ranges. */
    public Settings {
      Ranges.positive("candidates", candidates);
      Hyperparameter.BOUNDARY_MARGIN.check(boundaryMargin);
    }

    /** Under four minutes on two cores. */
    public static Settings full(Path output) {
      return new Settings(
          Setup.embedded(output, new Setup.Sizes(2800, 1200, 1, 160)),
          new ArmTraining(List.of(0L), 2, 16, 1e-3).withLearningRates(Map.of(VFT, 1e-4)),
          600,
          4,
          300,
          Aft.DEFAULT_BOUNDARY_MARGIN);
    }

    /** About a minute; the figures mean little. */
    public static Settings quick(Path output) {
      Settings full = full(output);
      return new Settings(
          full.setup().withSizes(new Setup.Sizes(64, 64, 1, 160)),
          full.arms(),
          64,
          full.candidates(),
          64,
          full.boundaryMargin());
    }

    long seed() {
      return arms.seeds().get(0);
    }

    /** The options of the command with their values. */
    public Map<String, Object> options() {
      Map<String, Object> options = new LinkedHashMap<>(setup.options());
      options.keySet().removeAll(List.of("samples", "max-tokens"));
      options.put("lessons", lessons);
      options.put("candidates", candidates);
      options.putAll(arms.options());
      options.remove("seeds");
      options.put("seed", seed());
      options.put("boundary-margin", boundaryMargin);
      return options;
    }
  }

  private final Settings settings;
  private final Workspace workspace;
  private final ProblemSplit problems;

  private Demo(Settings settings, RunConsole console) {
    this.settings = settings;
    this.workspace =
        new Workspace(settings.setup().output(), FineTuning.DONE, settings.arms(), console);
    this.problems = settings.setup().problems(0);
    settings.arms().check(List.of(VFT, AFT));
    if (settings.lessons() > problems.lessons().size()) {
      throw new UserError(
          "lessons must be at most "
              + problems.lessons().size()
              + ", as many as the model was fine-tuned on, but is "
              + settings.lessons()
              + ".");
    }
  }

  /** The experiment; {@code invocation} is what its user typed. */
  public static Experiment experiment(
      Settings settings, Invocation invocation, RunConsole console) {
    Demo demo = new Demo(settings, console);
    return new Experiment(
        new Experiment.Heading(
            "Plumbline demo: a model learns from its own right and wrong solutions",
            "Small model, synthetic problems. These figures come from a small model on generated (synthetic) problems. They show "
                + "what the methods do here, not what they do to a large model on real questions."),
        invocation,
        settings,
        settings.setup().output(),
        settings
            .setup()
            .facts(
                invocation,
                settings,
                FineTuning.DONE,
                demo.problems,
                "Wang et al. 2023, arXiv 2309.02144: L_AFT = L_VFT + L_BC"),
        List.of(demo));
  }

  /** The trained arms; their models lie in directories of these names. */
  private List<Arm> arms() {
    return List.of(
        new Arm(
            VFT,
            "VFT",
            new Vft(),
            workspace.file("references.jsonl"),
            "as many steps of plain fine-tuning on the references that the start has learned"),
        new Arm(
            AFT,
            "AFT-BC",
            PreferenceObjective.withVft(Aft.of(Constraint.BOUNDARY, settings.boundaryMargin())),
            workspace.file("candidates.jsonl"),
            "aligned on its own right and wrong solutions"));
  }

  @Override
  public Outline outline() {
    List<Pair> pairs = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (Measure measure : Measure.values()) {
      pairs.add(new Pair(START, VFT, measure));
      pairs.add(new Pair(VFT, AFT, measure));
      claims.add(
          new Claim(
                  "AFT-BC solves more than VFT, by " + measure.label(),
                  "Table 2",
                  "GSM8K, Llama-7B: VFT 36.48, AFT 40.43",
                  new Criterion.SolvesMore(AFT, VFT, measure))
              .first());
    }
    claims.add(
        new Claim(
            "AFT-BC raises assessment accuracy over VFT",
            "section 5",
            new Criterion.AboveZero(RAISED)));
    return Outline.of(List.of(START, VFT, AFT), pairs, List.of(RAISED), claims);
  }

  @Override
  public Map<String, Trained> run() throws IOException {
    Path start = settings.setup().base(FineTuning.DONE);
    Path heldOut = workspace.file("test-candidates.jsonl");
    files(start, heldOut);
    Evaluator evaluator =
        new Evaluator(
                problems.test(), null, heldOut, settings.setup().sizes().maxTokens(), OpMode.FUSED)
            .withSamples(settings.setup().sizes().samples());
    Map<String, Trained> trained = new LinkedHashMap<>();
    trained.put(START, workspace.start(START, start, evaluator));
    for (Arm arm : arms()) {
      Path model = workspace.file(arm.id());
      workspace
          .of(arm.id())
          .train(arm.label(), start, arm.rows(), arm.objective(), model, settings.seed());
      List<Evaluation> evaluations =
          workspace.evaluate(arm.label(), List.of(model), Workspace.EVALUATION, evaluator);
      trained.put(
          arm.id(),
          new Trained(
              arm.label(),
              arm.description(),
              settings.arms().seeds(),
              List.of(model),
              evaluations));
    }
    return trained;
  }

  /** The training files, and candidates of held-out questions. */
  private void files(Path start, Path heldOut) throws IOException {
    Path rows = workspace.file("candidates.jsonl");
    List<Problem> lessons = problems.lessons().subList(0, settings.lessons());
    if (!Files.isRegularFile(rows)) {
      Path drawn = workspace.file("drawn.jsonl");
      Path rehearsed = workspace.file("lessons.jsonl");
      sample(start, problems.train(), drawn, "new questions");
      ReferenceRows.alone(rehearsed, lessons);
      ReferenceRows.answersOnly(rows, rehearsed, drawn);
    }
    if (!Files.isRegularFile(workspace.file("references.jsonl"))) {
      int count = TrainingRows.read(rows).size();
      ReferenceRows.repeated(workspace.file("references.jsonl"), problems.lessons(), count);
    }
    List<Problem> test = problems.test();
    int assessed = Math.min(settings.assessedQuestions(), test.size());
    sample(start, test.subList(0, assessed), heldOut, "held-out questions");
  }

  private void sample(Path model, List<Problem> questions, Path file, String what)
      throws IOException {
    if (Files.isRegularFile(file)) {
      return; // complete: files appear by renaming
    }
    SamplingOptions options = SamplingOptions.at(1, settings.setup().sizes().maxTokens());
    List<List<ProblemSampler.Solution>> solutions =
        workspace.sample(what, model, questions, settings.candidates(), options, settings.seed());
    workspace.console().stage("  " + CandidateFile.write(file, questions, solutions, true).text());
  }

  @Override
  public void report(Map<String, Trained> measured, Findings findings) throws IOException {
    Clustered raised =
        StudyStatistics.assessmentDifference(
            measured.get(VFT).evaluations(), measured.get(AFT).evaluations(), Evaluation::heldOut);
    findings.quantity(RAISED, raised, "On held-out questions " + DecisionRule.points(raised) + ".");
    findings.arms(
        "Answers to the held-out questions, and scores of "
            + settings.candidates()
            + " candidates for "
            + Math.min(settings.assessedQuestions(), problems.test().size())
            + " of them, drawn from the start at temperature 1",
        measured);
    for (Trained arm : measured.values()) {
      Assessment scores = arm.evaluations().get(0).heldOut();
      findings.figure(new Scores(arm.label(), scores.positive(), scores.negative(), new double[0]));
      for (Path model : arm.models()) {
        findings.figure(new Losses(arm.label(), TrainingCurves.losses(model)));
      }
    }
    cases(List.copyOf(measured.values())).forEach(findings::figure);
    findings.headline(evidence -> headline(measured, evidence));
  }

  /** Three tiles and a sentence, as the tests decided. */
  private Headline headline(Map<String, Trained> measured, Evidence evidence) {
    Study.Tested vft = evidence.comparisons().get(new Pair(START, VFT)).tested();
    Study.Tested aft = evidence.comparisons().get(new Pair(VFT, AFT)).tested();
    String result =
        switch (aft.outcome()) {
          case MORE -> "solves more";
          case LESS -> "solves fewer";
          case SMALLER -> "differs by less than a point";
          default -> "cannot be told apart";
        };
    return new Headline(
        String.format(
            Locale.ROOT,
            "Of %,d held-out questions, the model that learned from its own right and wrong solutions (AFT-BC) %s %s one that went "
                + "on with plain fine-tuning (VFT): %s against %s, %s, p %s.",
            problems.test().size(),
            result,
            result.startsWith("solves") ? "than" : "from",
            accuracy(measured.get(AFT)),
            accuracy(measured.get(VFT)),
            DecisionRule.points(aft.difference()),
            Numbers.p(aft.p())),
        List.of(
            new Headline.Tile(
                accuracy(measured.get(START)), "start", "fine-tuned on 2,000 references"),
            new Headline.Tile(
                accuracy(measured.get(VFT)),
                "VFT, plain fine-tuning goes on",
                DecisionRule.points(vft.difference()) + " over the start"),
            new Headline.Tile(
                accuracy(measured.get(AFT)),
                "AFT-BC, aligned with its own solutions",
                DecisionRule.points(aft.difference()) + " over VFT")));
  }

  private static String accuracy(Trained arm) {
    return Numbers.percent(StudyStatistics.accuracy(arm.evaluations()).estimate()) + " %";
  }

  /** First the questions on which the arms differ. */
  private List<Case> cases(List<Trained> arms) {
    List<Case> cases = new ArrayList<>();
    for (boolean differing : new boolean[] {true, false}) {
      for (int q = 0; q < problems.test().size(); q++) {
        List<Case.Answer> answers = new ArrayList<>();
        for (Trained arm : arms) {
          Evaluation.Answer own = arm.evaluations().get(0).answers().get(q);
          answers.add(new Case.Answer(arm.label(), own.text(), own.correct()));
        }
        boolean differ = answers.stream().map(Case.Answer::correct).distinct().count() > 1;
        if (differ == differing && cases.size() < (differing ? DIFFERING : CASES)) {
          Problem p = problems.test().get(q);
          cases.add(new Case(p.question(), p.solution(), answers, List.of(), List.of()));
        }
      }
    }
    return cases;
  }
}
