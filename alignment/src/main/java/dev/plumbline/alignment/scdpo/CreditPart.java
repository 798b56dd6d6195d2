package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.generate.SteppedSolution;
import dev.plumbline.alignment.report.chart.ColouredText;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.scdpo.CreditAssignment.Marked;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.steps.FirstError;
import dev.plumbline.data.steps.Step;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Credit assignment (SCDPO paper, section 4, Fig. 2): the token rewards of each arm's first model
 * on wrong solutions whose erroneous step is known, which those of generated problems are; and of
 * the models along its training.
 */
final class CreditPart implements Part<CreditPart.Result> {
  private static final String DIFFERENCE = "credit of scdpo above dpo";
  private static final int SEED = 7;
  private static final int SHOWN = 4;

  private final ScdpoSettings settings;
  private final Format format;

  CreditPart(ScdpoSettings settings, Format format) {
    this.settings = settings;
    this.format = format;
  }

  /** Wrong solutions of the start with their questions. */
  record Wrong(List<Marked> solutions, List<String> questions) {}

  /**
   * Token rewards under one model.
   *
   * @param auc per wrong solution, how often a token of the erroneous step has a lower reward
   * @param rewards of the tokens of the first wrong solutions
   * @param tokens their texts
   * @param marked whether they belong to the erroneous step
   * @param questions of those solutions
   */
  record Credit(
      double[] auc,
      List<double[]> rewards,
      List<List<String>> tokens,
      List<boolean[]> marked,
      List<String> questions) {}

  /**
   * What was measured.
   *
   * @param arms token rewards by arm
   * @param training area under the curve of each wrong solution, by arm, then by snapshot
   */
  record Result(Map<String, Credit> arms, Map<String, List<double[]>> training) {}

  @Override
  public Outline outline() {
    return Outline.of(
        List.of(DIFFERENCE),
        List.of(
            new Claim(
                "SCDPO's token rewards find the erroneous step better than DPO's, "
                    + format.label(),
                "section 4, Fig. 2",
                "shown by examples only",
                new Criterion.AboveZero(DIFFERENCE))));
  }

  @Override
  public Result run() throws IOException {
    Wrong wrong = wrong();
    Map<String, Credit> credit = new LinkedHashMap<>();
    Map<String, List<double[]>> training = new LinkedHashMap<>();
    for (String arm : PairsPart.ARMS.stream().filter(format::trains).toList()) {
      List<double[]> own = new ArrayList<>();
      for (Path model : Workspace.checkpoints(format.workspace().models(arm).get(0))) {
        Credit scored = credit(arm, model, wrong);
        own.add(scored.auc());
        credit.put(arm, scored); // the last is the finished model
      }
      training.put(arm, own);
    }
    return new Result(credit, training);
  }

  /** Wrong solutions of the start, one per question, whose first wrong step is found. */
  private Wrong wrong() throws IOException {
    List<Problem> test = format.problems().test();
    List<Problem> problems =
        test.subList(0, Math.min(settings.extras().creditQuestions(), test.size()));
    Workspace w = format.workspace();
    return w.kept(
        w.file("wrong.json"),
        "Looking for wrong solutions of " + problems.size() + " questions",
        problems.size(),
        bar -> {
          try (Checkpoint checkpoint = Checkpoint.read(format.start());
              Generator generator = format.solvers().apply(checkpoint)) {
            return wrong(generator, checkpoint.tokenizer(), problems, bar);
          }
        },
        Wrong.class);
  }

  private Wrong wrong(
      Generator generator, Tokenizer tokenizer, List<Problem> problems, IntConsumer progress)
      throws IOException {
    List<String> questions = new ArrayList<>();
    List<Marked> solutions = new ArrayList<>();
    List<List<ProblemSampler.Solution>> drawn =
        ProblemSampler.solve(
            generator, tokenizer, problems, 1, TemperatureSchedule.constant(1), SEED, progress);
    for (int i = 0; i < drawn.size(); i++) {
      ProblemSampler.Solution s = drawn.get(i).get(0);
      SteppedSolution steps =
          SteppedSolution.of(s.sample().ids(), tokenizer, format.segmentation());
      List<Step> text = format.segmentation().steps(s.text());
      OptionalInt error = FirstError.step(problems.get(i).solution(), s.text(), text);
      if (!s.grade().correct() && error.isPresent() && steps.ends().length == text.size()) {
        int at = error.getAsInt();
        int[] prompt = tokenizer.encodePrompt(problems.get(i).prompt());
        int from = at == 0 ? 0 : steps.ends()[at - 1];
        solutions.add(new Marked(prompt, steps.ids(), from, steps.ends()[at]));
        questions.add(problems.get(i).question());
      }
    }
    return new Wrong(solutions, questions);
  }

  private Credit credit(String arm, Path model, Wrong wrong) throws IOException {
    List<Marked> solutions = wrong.solutions();
    return format
        .workspace()
        .kept(
            model.resolve("credit.json"),
            "Scoring the tokens of "
                + solutions.size()
                + " wrong solutions under "
                + PairsPart.label(arm),
            solutions.size(),
            bar -> {
              try (Checkpoint policy = Checkpoint.read(model);
                  Checkpoint reference = Checkpoint.read(format.start())) {
                List<double[]> rewards =
                    CreditAssignment.rewards(
                        CreditAssignment.score(policy, solutions, OpMode.FUSED),
                        CreditAssignment.score(reference, solutions, OpMode.FUSED),
                        settings.beta());
                double[] auc = new double[solutions.size()];
                Arrays.setAll(auc, i -> CreditAssignment.auc(solutions.get(i), rewards.get(i)));
                return shown(policy, auc, rewards, wrong);
              }
            },
            Credit.class);
  }

  private static Credit shown(Checkpoint model, double[] auc, List<double[]> rewards, Wrong wrong) {
    int shown = Math.min(SHOWN, wrong.solutions().size());
    List<List<String>> tokens = new ArrayList<>();
    List<boolean[]> marked = new ArrayList<>();
    for (Marked solution : wrong.solutions().subList(0, shown)) {
      List<String> texts = new ArrayList<>();
      boolean[] inside = new boolean[solution.response().length];
      for (int t = 0; t < inside.length; t++) {
        texts.add(model.tokenizer().decode(solution.response()[t]));
        inside[t] = t >= solution.from() && t < solution.to();
      }
      tokens.add(texts);
      marked.add(inside);
    }
    return new Credit(
        auc, rewards.subList(0, shown), tokens, marked, wrong.questions().subList(0, shown));
  }

  @Override
  public void report(Result measured, Findings findings) {
    double[] dpo = measured.arms().get(PairsPart.DPO).auc();
    double[] scdpo = measured.arms().get(PairsPart.SCDPO).auc();
    Clustered d = StudyStatistics.meanDifference(scdpo, dpo);
    findings.quantity(
        DIFFERENCE,
        d,
        String.format(
            Locale.ROOT,
            "Mean area under the curve over %d wrong solutions, first seed: DPO %.3f, SCDPO %.3f; the difference is %+.3f (%+.3f to %+.3f).",
            dpo.length,
            Arrays.stream(dpo).average().orElse(Double.NaN),
            Arrays.stream(scdpo).average().orElse(Double.NaN),
            d.estimate(),
            d.interval().low(),
            d.interval().high()));
    training(measured.training()).ifPresent(findings::figure);
    Map<String, Credit> drawn = new LinkedHashMap<>(measured.arms());
    drawn.remove(PairsPart.DATA_EQUAL);
    int shown = drawn.values().stream().mapToInt(c -> c.tokens().size()).min().orElse(0);
    for (int i = 0; i < shown; i++) {
      findings.figure(text(drawn, i));
    }
  }

  /** Whether rewards find the error at all, and when; empty where a run has no snapshots. */
  private static Optional<Curve> training(Map<String, List<double[]>> arms) {
    int models = arms.values().stream().mapToInt(List::size).min().orElse(0);
    if (models < 2) {
      return Optional.empty();
    }
    List<Curve.Line> lines = new ArrayList<>();
    arms.forEach(
        (arm, auc) ->
            lines.add(
                StudyStatistics.line(
                    PairsPart.label(arm), auc.subList(auc.size() - models, auc.size()))));
    return Optional.of(
        new Curve(
            "credit",
            "Do token rewards find the erroneous step?",
            "Mean over wrong solutions of how often a token of the erroneous step has a lower reward, beta (log pi - log pi_ref), than "
                + "one outside it; 0.5 is chance, which is where training begins. First seed of each arm; bars are 95 % intervals over "
                + "solutions.",
            "share of training",
            "area under the curve",
            IntStream.rangeClosed(1, models).mapToObj(i -> 100 * i / models + " %").toList(),
            lines));
  }

  private static ColouredText text(Map<String, Credit> credit, int solution) {
    List<ColouredText.Panel> panels = new ArrayList<>();
    credit.forEach(
        (arm, c) -> {
          List<ColouredText.Token> tokens = new ArrayList<>();
          for (int t = 0; t < c.tokens().get(solution).size(); t++) {
            tokens.add(
                new ColouredText.Token(
                    c.tokens().get(solution).get(t),
                    c.rewards().get(solution)[t],
                    c.marked().get(solution)[t]));
          }
          panels.add(
              new ColouredText.Panel(
                  PairsPart.label(arm) + ", beta (log pi - log pi_ref) of each token", tokens));
        });
    String question = credit.values().iterator().next().questions().get(solution);
    return new ColouredText(
        "A wrong solution. Question: " + question, "the erroneous step", false, true, panels);
  }
}
