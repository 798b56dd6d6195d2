package dev.plumbline.alignment.scdpo;

import com.fasterxml.jackson.databind.DeserializationFeature;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.generate.SteppedSolution;
import dev.plumbline.alignment.objective.Dpo;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.scdpo.CreditAssignment.Marked;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.steps.FirstError;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.steps.Step;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * The experiment in one format of solutions, chain of thought or code-integrated: pairs of the
 * fine-tuned model's own solutions, and DPO on the naive ones, on as many naive ones as SCDPO has,
 * and on naive and step-controlled ones together.
 */
final class ScdpoPart {
  static final String START = "SFT";
  static final String DPO = "DPO";
  static final String DATA_EQUAL = "data-equal DPO";
  static final String SCDPO = "SCDPO";

  private static final int CREDIT_SEED = 7;

  /** Files of pairs by arm. */
  private static final Map<String, String> ARMS = arms();

  private final ScdpoSettings settings;
  private final RunConsole console;
  private final Path folder;
  private final Workspace stages;
  private final Segmentation segmentation;
  private final Function<Checkpoint, Generator> solvers;

  /**
   * A part in a directory of its own.
   *
   * @param stages training and evaluation in that directory
   * @param segmentation what a step is
   * @param solvers makes what writes solutions of a model
   */
  ScdpoPart(
      ScdpoSettings settings,
      RunConsole console,
      Path folder,
      Workspace stages,
      Segmentation segmentation,
      Function<Checkpoint, Generator> solvers) {
    this.settings = settings;
    this.console = console;
    this.folder = folder;
    this.stages = stages;
    this.segmentation = segmentation;
    this.solvers = solvers;
  }

  private static Map<String, String> arms() {
    Map<String, String> arms = new LinkedHashMap<>();
    arms.put(DPO, PairFiles.NAIVE);
    arms.put(DATA_EQUAL, PairFiles.DATA_EQUAL);
    arms.put(SCDPO, PairFiles.SCDPO);
    return arms;
  }

  /**
   * What was measured.
   *
   * @param evaluations by arm and seed, the start among them
   * @param models by arm and seed
   * @param counts of the pairs
   * @param pilot accuracy of the start by temperature, question by question
   * @param credit where each arm's first model puts the blame; empty where errors are not known
   */
  record Result(
      Map<String, List<Evaluation>> evaluations,
      Map<String, List<Path>> models,
      PairFiles.Counts counts,
      List<double[]> pilot,
      Map<String, Credit> credit) {}

  /** Wrong solutions of the start with their questions. */
  record Wrong(List<Marked> solutions, List<String> questions) {}

  /**
   * Blame under one model.
   *
   * @param auc by wrong solution, how often a token of the erroneous step has a lower reward
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

  /** Makes the pairs, trains and measures. */
  Result run(Path start, ProblemSplit problems, boolean errorsKnown) throws IOException {
    PairFiles.Counts counts = pairs(start, problems.train());
    Evaluator evaluator = new Evaluator(problems.test(), null, null, solvers, OpMode.FUSED);
    Map<String, List<Evaluation>> evaluations = new LinkedHashMap<>();
    Map<String, List<Path>> models = new LinkedHashMap<>();
    evaluations.put(
        START,
        List.of(
            stages.evaluate(
                START, start, folder.resolve("start").resolve(Workspace.EVALUATION), evaluator)));
    models.put(START, List.of());
    for (Map.Entry<String, String> arm : ARMS.entrySet()) {
      String key = arm.getValue().replace(".jsonl", "");
      List<Path> own =
          stages.train(
              arm.getKey(),
              start,
              folder.resolve("pairs").resolve(arm.getValue()),
              PreferenceObjective.of(new Dpo(settings.beta())),
              folder.resolve("arms").resolve(key));
      models.put(arm.getKey(), own);
      evaluations.put(
          arm.getKey(), stages.evaluate(arm.getKey(), own, Workspace.EVALUATION, evaluator));
    }
    List<double[]> pilot = new ArrayList<>();
    for (double temperature : settings.pilotTemperatures()) {
      pilot.add(pilot(start, problems.validation(), temperature));
    }
    Map<String, Credit> credit = new LinkedHashMap<>();
    if (errorsKnown) {
      Wrong wrong = wrong(start, problems.test());
      for (String arm : ARMS.keySet()) {
        credit.put(arm, credit(arm, models.get(arm).get(0), start, wrong));
      }
    }
    return new Result(evaluations, models, counts, pilot, credit);
  }

  private PairFiles.Counts pairs(Path start, List<Problem> train) throws IOException {
    Path pairs = folder.resolve("pairs");
    Path done = pairs.resolve(PairFiles.COUNTS);
    if (!Files.isRegularFile(done)) {
      try (Checkpoint checkpoint = Checkpoint.read(start);
          Generator solver = solvers.apply(checkpoint)) {
        console.stage("Drawing naive pairs of " + train.size() + " questions");
        List<NaivePairs.Question> questions;
        try (RunConsole.ProgressBar bar = console.bar("naive pairs", train.size())) {
          questions =
              new NaivePairs(
                      solver,
                      checkpoint.tokenizer(),
                      new NaivePairs.Settings(1, settings.attempts(), 1 + settings.cuts(), 0))
                  .draw(train, bar);
        }
        long right = questions.stream().filter(q -> q.right() != null).count();
        console.stage("Making " + right + " right solutions go wrong");
        StepControl.Result wrong;
        try (RunConsole.ProgressBar bar = console.bar("step control", right * settings.cuts())) {
          wrong =
              new StepControl(
                      solver,
                      checkpoint.tokenizer(),
                      new StepControl.Settings(
                          settings.temperature(),
                          segmentation,
                          settings.cuts(),
                          settings.minRemaining(),
                          settings.maxTries(),
                          false,
                          0))
                  .draw(questions, bar);
        }
        PairRows rows = new PairRows(checkpoint.tokenizer(), segmentation, settings.scoreOutputs());
        PairFiles.write(pairs, questions, wrong, rows, 0);
      }
    }
    return Jsonl.mapper()
        .readerFor(PairFiles.Counts.class)
        .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .readValue(done.toFile());
  }

  /** Whether each question is solved at a temperature. */
  private double[] pilot(Path start, List<Problem> problems, double temperature)
      throws IOException {
    return stages.kept(
        folder.resolve("pilot").resolve("temperature-" + temperature + ".json"),
        "Solving " + problems.size() + " questions at temperature " + temperature,
        problems.size(),
        bar -> {
          try (Checkpoint checkpoint = Checkpoint.read(start);
              Generator solver = solvers.apply(checkpoint)) {
            return ProblemSampler.solve(
                    solver,
                    checkpoint.tokenizer(),
                    problems,
                    1,
                    TemperatureSchedule.constant(temperature),
                    0,
                    bar)
                .stream()
                .mapToDouble(s -> s.get(0).grade().correct() ? 1 : 0)
                .toArray();
          }
        },
        double[].class);
  }

  /** Wrong solutions of the start, one a question, whose first wrong step is found. */
  private Wrong wrong(Path start, List<Problem> test) throws IOException {
    List<Problem> problems = test.subList(0, Math.min(settings.creditQuestions(), test.size()));
    return stages.kept(
        folder.resolve("wrong.json"),
        "Looking for wrong solutions of " + problems.size() + " questions",
        problems.size(),
        bar -> {
          try (Checkpoint checkpoint = Checkpoint.read(start);
              Generator solver = solvers.apply(checkpoint)) {
            return wrong(solver, checkpoint.tokenizer(), problems, bar);
          }
        },
        Wrong.class);
  }

  private Wrong wrong(
      Generator solver, Tokenizer tokenizer, List<Problem> problems, IntConsumer progress)
      throws IOException {
    List<String> questions = new ArrayList<>();
    List<Marked> solutions = new ArrayList<>();
    List<List<ProblemSampler.Solution>> drawn =
        ProblemSampler.solve(
            solver, tokenizer, problems, 1, TemperatureSchedule.constant(1), CREDIT_SEED, progress);
    for (int i = 0; i < drawn.size(); i++) {
      ProblemSampler.Solution s = drawn.get(i).get(0);
      SteppedSolution steps = SteppedSolution.of(s.sample().ids(), tokenizer, segmentation);
      List<Step> text = segmentation.steps(s.text());
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

  private Credit credit(String arm, Path model, Path start, Wrong wrong) throws IOException {
    List<Marked> solutions = wrong.solutions();
    return stages.kept(
        model.resolve("credit.json"),
        "Rewards of the tokens of " + solutions.size() + " wrong solutions under " + arm,
        solutions.size(),
        bar -> {
          try (Checkpoint policy = Checkpoint.read(model);
              Checkpoint reference = Checkpoint.read(start)) {
            List<double[]> rewards =
                CreditAssignment.rewards(
                    CreditAssignment.score(policy, solutions, OpMode.FUSED),
                    CreditAssignment.score(reference, solutions, OpMode.FUSED),
                    settings.beta());
            double[] auc = new double[solutions.size()];
            for (int i = 0; i < auc.length; i++) {
              auc[i] = CreditAssignment.auc(solutions.get(i), rewards.get(i));
            }
            return shown(policy, auc, rewards, wrong);
          }
        },
        Credit.class);
  }

  private static Credit shown(Checkpoint model, double[] auc, List<double[]> rewards, Wrong wrong) {
    int shown = Math.min(4, wrong.solutions().size());
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
}
