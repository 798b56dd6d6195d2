package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.generate.CandidateFile;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.objective.Hyperparameter;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.report.chart.Case;
import dev.plumbline.alignment.report.chart.Losses;
import dev.plumbline.alignment.report.chart.Scores;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.wordproblems.WordProblems;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The demo, an experiment of three arms on the embedded model: the model solves generated problems,
 * its correct and wrong solutions align it (AFT-BC), and the result is compared with the same
 * amount of plain fine-tuning (VFT) on held-out questions.
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
   * @param arms training of both arms; the first seed also seeds the samples
   * @param candidates solutions per question
   * @param boundaryMargin beta of AFT: how far below the lowest-scoring correct candidate the
   *     boundary lies
   */
  public record Settings(Setup setup, ArmTraining arms, int candidates, double boundaryMargin) {
    /** Checks the ranges. */
    public Settings {
      Ranges.positive("candidates", candidates);
      Hyperparameter.BOUNDARY_MARGIN.check(boundaryMargin);
    }

    /** Under ten minutes on two cores. */
    public static Settings full(Path output) {
      return new Settings(
          new Setup(output, null, null, null, 1000, 800, 160),
          new ArmTraining(List.of(0L), 2, 16, 1e-4),
          8,
          Aft.DEFAULT_BOUNDARY_MARGIN);
    }

    /** About a minute; the figures mean little. */
    public static Settings quick(Path output) {
      Settings full = full(output);
      return new Settings(
          new Setup(output, null, null, null, 64, 64, 160),
          full.arms(),
          full.candidates(),
          full.boundaryMargin());
    }

    long seed() {
      return arms.seeds().get(0);
    }
  }

  private final Settings settings;
  private final Workspace workspace;
  private final ProblemSplit problems;

  private Demo(Settings settings, RunConsole console) {
    this.settings = settings;
    this.workspace =
        new Workspace(settings.setup().output(), FineTuning.DEFAULT, settings.arms(), console);
    this.problems = problems(settings.setup());
  }

  /** The experiment; {@code command} is what its user typed. */
  public static Experiment experiment(Settings settings, String command, RunConsole console) {
    Demo demo = new Demo(settings, console);
    return new Experiment(
        new Experiment.Heading(
            "demo",
            "Plumbline demo: AFT against VFT",
            "Small model, synthetic problems. These figures come from a small model on generated (synthetic) problems. They show "
                + "what the method does here, not what it does to a large model on real questions."),
        settings,
        settings.setup().output(),
        settings
            .setup()
            .facts(
                command,
                settings,
                demo.problems,
                "Wang et al. 2023, arXiv 2309.02144: L_AFT = L_VFT + L_BC"),
        List.of(demo));
  }

  /**
   * Questions that the embedded model was fine-tuned on (the paper's pilot uses "previously learned
   * questions"), and questions of the test split, which no training saw.
   */
  private static ProblemSplit problems(Setup setup) {
    WordProblems words = WordProblems.of(EmbeddedModel.PROBLEM_SEED);
    return new ProblemSplit(
        words.train(setup.questions()),
        words.test(setup.testQuestions()),
        List.of(),
        0,
        "generated word problems, seed "
            + EmbeddedModel.PROBLEM_SEED
            + "; the model has seen the training questions");
  }

  /** The trained arms; their models lie in directories of these names. */
  private List<Arm> arms() {
    Path rows = workspace.file("candidates.jsonl");
    return List.of(
        new Arm(
            VFT, "VFT", new Vft(), rows, "the start, fine-tuned further on reference solutions"),
        new Arm(
            AFT,
            "AFT-BC",
            PreferenceObjective.withVft(Aft.of(Constraint.BOUNDARY, settings.boundaryMargin())),
            rows,
            "the start, aligned on its own right and wrong solutions"));
  }

  @Override
  public Outline outline() {
    return Outline.of(
        List.of(START, VFT, AFT),
        List.of(new Pair(START, VFT), new Pair(START, AFT), new Pair(VFT, AFT)),
        List.of(RAISED),
        List.of(
            new Claim(
                    "AFT-BC solves more than VFT",
                    "Table 2",
                    "GSM8K, Llama-7B: VFT 36.48, AFT 40.43",
                    new Criterion.SolvesMore(AFT, VFT))
                .first(),
            new Claim(
                "AFT-BC raises assessment accuracy over VFT",
                "section 5",
                new Criterion.AboveZero(RAISED))));
  }

  @Override
  public Map<String, Trained> run() throws IOException {
    Path start = settings.setup().base();
    Path heldOut = workspace.file("test-candidates.jsonl");
    sample(start, problems.train(), workspace.file("candidates.jsonl"), "training questions");
    sample(start, problems.test(), heldOut, "held-out questions");
    Evaluator evaluator =
        new Evaluator(problems.test(), null, heldOut, settings.setup().maxTokens(), OpMode.FUSED);
    Map<String, Trained> trained = new LinkedHashMap<>();
    trained.put(START, workspace.start(START, start, evaluator));
    for (Arm arm : arms()) {
      Path model = workspace.file(arm.id());
      workspace.train(arm.label(), start, arm.rows(), arm.objective(), model, settings.seed());
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

  private void sample(Path model, List<Problem> questions, Path file, String what)
      throws IOException {
    if (Files.isRegularFile(file)) {
      return; // complete: files appear by renaming
    }
    SamplingOptions options = SamplingOptions.at(1, settings.setup().maxTokens());
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
        "Greedy answers to the held-out questions, and scores of "
            + settings.candidates()
            + " candidates for each, drawn from the start at temperature 1",
        measured);
    for (Trained arm : measured.values()) {
      Assessment scores = arm.evaluations().get(0).heldOut();
      findings.figure(new Scores(arm.label(), scores.positive(), scores.negative(), new double[0]));
      for (Path model : arm.models()) {
        findings.figure(new Losses(arm.label(), TrainingCurves.losses(model)));
      }
    }
    cases(List.copyOf(measured.values())).forEach(findings::figure);
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
