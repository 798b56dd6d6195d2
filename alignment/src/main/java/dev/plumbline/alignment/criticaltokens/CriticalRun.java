package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.PlainGenerator;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.objective.CriticalDpo;
import dev.plumbline.alignment.objective.CriticalDpoElementwise;
import dev.plumbline.alignment.objective.Dpo;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.PairLoss;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Rpo;
import dev.plumbline.alignment.objective.Tdpo;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.report.DemoResult;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.RunLock;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * The critical-tokens paper's experiment: rollouts along wrong solutions, replacement of what they
 * find, contrastive estimation against them, and DPO weighed by the estimate against its baselines.
 * Each stage leaves its file; a run that was interrupted goes on from there.
 */
public final class CriticalRun {
  static final String START = "start";
  static final String SFT = "SFT";
  static final String DPO = "DPO";
  static final String CRITICAL = "critical-DPO";

  private static final int SOLUTION_SEED = 7;

  /**
   * Of each held-out question, of which one at least must be right: as in the paper, where wrong
   * solutions come from pairs.
   */
  private static final int SOLUTIONS = 8;

  private final CriticalSettings settings;
  private final String command;
  private final RunConsole console;
  private final Workspace stages;

  /** A run that reports to {@code console}; {@code command} is what its user typed. */
  public CriticalRun(CriticalSettings settings, String command, RunConsole console) {
    this.settings = settings;
    this.command = command;
    this.console = console;
    this.stages = new Workspace(settings.stages(), console);
  }

  /** Wrong solutions: indices of their problems and their tokens. */
  record Wrong(int[] problems, List<int[]> responses, int[] fatal) {
    List<Trajectory> trajectories(List<Problem> all, Tokenizer tokenizer) {
      List<Trajectory> trajectories = new ArrayList<>();
      for (int i = 0; i < problems.length; i++) {
        Problem p = all.get(problems[i]);
        trajectories.add(new Trajectory(p, tokenizer.encodePrompt(p.prompt()), responses.get(i)));
      }
      return trajectories;
    }
  }

  /** Rollouts of all positions, and how long they took. */
  record Located(List<RolloutScores> scores, double seconds) {}

  /** What is said of the tokens of wrong solutions; one array a trajectory. */
  record Estimates(
      List<double[]> logScore,
      List<double[]> contrast,
      List<double[]> logProb,
      List<double[]> entropy) {}

  /**
   * Solutions with a known fatal token.
   *
   * @param found what rollouts found in them, -1 for nothing
   * @param estimates of their tokens
   */
  record Planted(Wrong wrong, int[] found, Estimates estimates) {}

  /**
   * Everything measured.
   *
   * @param wrong the searched solutions
   * @param located their rollouts
   * @param replacement of their critical tokens
   * @param estimates of their tokens
   * @param planted solutions with a known fatal token, by where the error was planted
   * @param texts tokens of the searched solutions as texts
   * @param evaluations by arm and seed, the start among them
   * @param models by arm and seed
   * @param pairs number of pairs that the arms learned from
   * @param byBeta the estimator's beta, swept
   */
  record Measurements(
      List<Trajectory> wrong,
      Located located,
      Replacement replacement,
      Estimates estimates,
      Map<PlantedErrors.Place, Planted> planted,
      List<List<String>> texts,
      Map<Integer, String> words,
      Map<String, List<Evaluation>> evaluations,
      Map<String, List<Path>> models,
      Map<String, Integer> pairs,
      List<Swept> byBeta) {}

  /** What a beta of the estimator makes of the tokens, log s, and critical-DPO of its weights. */
  record Swept(double beta, List<double[]> logScore, List<Evaluation> evaluations) {}

  /** Runs all stages; the result also stands in {@code result.json}. */
  public Study run() throws IOException {
    try (RunLock lock = RunLock.directory(settings.output())) {
      return locked();
    }
  }

  private Study locked() throws IOException {
    RunFiles.claim(settings.output(), "reproduce critical-tokens", settings);
    Path base =
        settings.model() != null
            ? settings.model()
            : EmbeddedModel.extract(settings.output().resolve("model"));
    ProblemSplit problems = problems();
    Path start =
        settings.vftEpochs() > 0
            ? stages.fineTune(base, problems.train(), file("train.jsonl"), file("sft"), 0, 0)
            : base;
    Study result;
    try (Checkpoint model = Checkpoint.read(start)) {
      Tokenizer tokenizer = model.tokenizer();
      List<Trajectory> wrong = wrong(model, problems).trajectories(problems.test(), tokenizer);
      Located located = locate(model, wrong);
      Replacement replacement = replace(model, wrong, located);
      Map<String, Integer> pairs = contrast(model, problems.train());
      Path positive = estimator(start, "positive");
      Path negative = estimator(start, "negative");
      double beta = settings.estimatorBeta();
      Estimates estimates = estimate("wrong solutions", model, positive, negative, wrong);
      Map<PlantedErrors.Place, Planted> planted = new EnumMap<>(PlantedErrors.Place.class);
      for (PlantedErrors.Place place : PlantedErrors.Place.values()) {
        planted.put(place, planted(place, model, positive, negative, problems.validation()));
      }
      Path weighted = file("contrast/weighted.jsonl");
      weigh(positive, negative, beta, weighted);
      Map<String, List<Evaluation>> evaluations = new LinkedHashMap<>();
      Map<String, List<Path>> models = new LinkedHashMap<>();
      Evaluator evaluator =
          new Evaluator(problems.test(), null, null, settings.maxTokens(), OpMode.FUSED);
      arms(start, evaluator, evaluations, models);
      List<Swept> byBeta = new ArrayList<>();
      for (double swept : settings.sweepBetas()) {
        byBeta.add(
            swept == beta
                ? new Swept(beta, estimates.logScore(), evaluations.get(CRITICAL))
                : sweep(start, positive, negative, swept, wrong, evaluator));
      }
      result =
          new CriticalStudy(
                  settings,
                  new Measurements(
                      wrong,
                      located,
                      replacement,
                      estimates,
                      planted,
                      texts(wrong, tokenizer),
                      words(replacement, tokenizer),
                      evaluations,
                      models,
                      pairs,
                      byBeta))
              .build(facts(problems));
    }
    RunFiles.writeJson(settings.output().resolve("result.json"), result);
    return result;
  }

  private Path file(String name) {
    return settings.output().resolve(name);
  }

  private ProblemSplit problems() {
    int train = settings.trainQuestions();
    int test = settings.testQuestions();
    return settings.data() == null
        ? new ProblemSplit(
            ProblemSplit.words().train(train),
            ProblemSplit.words().test(test),
            ProblemSplit.words().validation(settings.planted()),
            0)
        : ProblemSplit.read(settings.data(), settings.testData(), train, test, settings.planted());
  }

  private Wrong wrong(Checkpoint model, ProblemSplit problems) throws IOException {
    List<Problem> test = problems.test();
    return stages.kept(
        file("wrong.json"),
        "Solving " + test.size() + " held-out questions, for wrong solutions of solvable ones",
        (long) SOLUTIONS * test.size(),
        bar -> {
          List<List<ProblemSampler.Solution>> drawn = new ArrayList<>();
          for (List<ProblemSampler.Solution> own :
              ProblemSampler.solve(
                  model, test, SOLUTIONS, settings.options(), SOLUTION_SEED, OpMode.FUSED, bar)) {
            boolean solvable = own.stream().anyMatch(s -> s.grade().correct());
            drawn.add(solvable ? own : List.of());
          }
          List<Trajectory> all =
              WrongSolutions.of(test, drawn, model.tokenizer(), settings.trajectories());
          return new Wrong(
              all.stream().mapToInt(t -> test.indexOf(t.problem())).toArray(),
              all.stream().map(Trajectory::response).toList(),
              new int[0]);
        },
        Wrong.class);
  }

  private RolloutSearch search(Checkpoint model, boolean everyPosition) {
    return new RolloutSearch(
        model,
        new RolloutSearch.Settings(
            settings.rollouts(), RolloutScores.LOST, settings.options(), everyPosition, 0, 0),
        OpMode.FUSED);
  }

  private Located locate(Checkpoint model, List<Trajectory> wrong) throws IOException {
    return stages.kept(
        file("rollouts.json"),
        settings.rollouts() + " rollouts from every position of " + wrong.size() + " solutions",
        wrong.size(),
        bar -> {
          long start = System.nanoTime();
          try (RolloutSearch search = search(model, true)) {
            return new Located(search.search(wrong, bar), (System.nanoTime() - start) / 1e9);
          }
        },
        Located.class);
  }

  private Replacement replace(Checkpoint model, List<Trajectory> wrong, Located located)
      throws IOException {
    return stages.kept(
        file("replacements.json"),
        "Rollouts with another token in the place of the critical one, and of a random one",
        2L * wrong.size() * settings.rollouts(),
        bar -> {
          try (RolloutSearch search = search(model, true)) {
            return Replacement.of(search, wrong, located.scores(), RolloutScores.LOST, 0, bar);
          }
        },
        Replacement.class);
  }

  private Planted planted(
      PlantedErrors.Place place,
      Checkpoint model,
      Path positive,
      Path negative,
      List<Problem> problems)
      throws IOException {
    String name = place.name().toLowerCase(Locale.ROOT) + "s";
    Wrong wrong = plant(name, place, model, problems);
    List<Trajectory> solutions = wrong.trajectories(problems, model.tokenizer());
    return new Planted(
        wrong,
        find(name, model, solutions),
        estimate("planted " + name, model, positive, negative, solutions));
  }

  /** Errors are planted where solutions carry calculations in GSM8K's form; else there are none. */
  private Wrong plant(
      String name, PlantedErrors.Place place, Checkpoint model, List<Problem> problems)
      throws IOException {
    return stages.kept(
        file("planted-" + name + ".json"),
        "Planting wrong " + name + " in right solutions of " + problems.size() + " questions",
        problems.size(),
        bar -> {
          try (PlainGenerator solver =
              new PlainGenerator(model, settings.maxTokens(), OpMode.FUSED)) {
            List<PlantedErrors.Planted> all =
                PlantedErrors.plant(
                    solver,
                    model.tokenizer(),
                    problems,
                    place,
                    TemperatureSchedule.constant(0),
                    0,
                    bar);
            return new Wrong(
                all.stream().mapToInt(p -> problems.indexOf(p.trajectory().problem())).toArray(),
                all.stream().map(p -> p.trajectory().response()).toList(),
                all.stream().mapToInt(PlantedErrors.Planted::fatal).toArray());
          }
        },
        Wrong.class);
  }

  private int[] find(String name, Checkpoint model, List<Trajectory> planted) throws IOException {
    return stages.kept(
        file("planted-" + name + "-found.json"),
        "Looking for " + planted.size() + " planted " + name + " by rollouts",
        planted.size(),
        bar -> {
          try (RolloutSearch search = search(model, false)) {
            return search.search(planted, bar).stream()
                .map(scores -> scores.critical(RolloutScores.LOST))
                .mapToInt(found -> found.orElse(-1))
                .toArray();
          }
        },
        int[].class);
  }

  /** Draws the solutions that estimator and arms learn from; returns how many of what. */
  private Map<String, Integer> contrast(Checkpoint model, List<Problem> train) throws IOException {
    Path counts = file("contrast/counts.json");
    if (!Files.isRegularFile(counts)) {
      Files.createDirectories(file("contrast"));
      int k = settings.candidates();
      console.stage("Sampling " + k + " solutions for each of " + train.size() + " questions");
      List<List<ProblemSampler.Solution>> drawn;
      try (RunConsole.ProgressBar bar = console.bar("sample", (long) k * train.size())) {
        SamplingOptions options = settings.options();
        drawn = ProblemSampler.solve(model, train, k, options, 0, OpMode.FUSED, bar);
      }
      ContrastiveData selected = ContrastiveData.of(train, drawn, 0);
      if (selected.pairs().isEmpty()) {
        throw new UserError(
            "No training question has both a right and a wrong answer among its "
                + k
                + " solutions, so that there is nothing to contrast; take a model that solves some, or raise candidates.");
      }
      TrainingRows.write(file("contrast/positive.jsonl"), selected.positive());
      TrainingRows.write(file("contrast/negative.jsonl"), selected.negative());
      TrainingRows.write(file("contrast/pairs.jsonl"), selected.pairs());
      Map<String, Integer> found = new LinkedHashMap<>();
      found.put("positive", selected.positive().size());
      found.put("negative", selected.negative().size());
      found.put("pairs", selected.pairs().size());
      RunFiles.writeJson(counts, found);
    }
    Map<String, Integer> read = new LinkedHashMap<>();
    RunFiles.readJson(counts).properties().forEach(e -> read.put(e.getKey(), e.getValue().asInt()));
    return read;
  }

  private Path estimator(Path start, String side) {
    return new Workspace(settings.estimatorStages(), console)
        .train(
            "the " + side + " model",
            start,
            file("contrast/" + side + ".jsonl"),
            new Vft(),
            file("estimator/" + side))
        .get(0);
  }

  private Estimates estimate(
      String what, Checkpoint model, Path positive, Path negative, List<Trajectory> trajectories)
      throws IOException {
    return stages.kept(
        file("estimates-" + what.replace(' ', '-') + ".json"),
        "Scoring the tokens of " + trajectories.size() + " " + what,
        trajectories.size(),
        bar -> {
          List<ContrastiveEstimator.Estimate> scores =
              score(positive, negative, settings.estimatorBeta(), trajectories, bar);
          List<TokenStatistics> own = TokenStatistics.of(model, OpMode.FUSED, trajectories);
          return new Estimates(
              scores.stream().map(ContrastiveEstimator.Estimate::logScore).toList(),
              scores.stream().map(ContrastiveEstimator.Estimate::contrast).toList(),
              own.stream().map(TokenStatistics::logProb).toList(),
              own.stream().map(TokenStatistics::entropy).toList());
        },
        Estimates.class);
  }

  private static List<ContrastiveEstimator.Estimate> score(
      Path positive,
      Path negative,
      double beta,
      List<Trajectory> trajectories,
      IntConsumer progress) {
    List<ContrastiveEstimator.Estimate> scores = new ArrayList<>();
    try (Checkpoint plus = Checkpoint.read(positive);
        Checkpoint minus = Checkpoint.read(negative);
        ContrastiveEstimator estimator =
            new ContrastiveEstimator(plus, minus, beta, 0, OpMode.FUSED)) {
      for (Trajectory t : trajectories) {
        scores.add(estimator.score(t.prompt(), t.response()));
        progress.accept(1);
      }
    }
    return scores;
  }

  /** What another beta of the estimator finds, and what critical-DPO learns from its weights. */
  private Swept sweep(
      Path start,
      Path positive,
      Path negative,
      double beta,
      List<Trajectory> wrong,
      Evaluator evaluator)
      throws IOException {
    String name = "beta-" + beta;
    double[][] logScore =
        stages.kept(
            file("sweep").resolve("scores-" + name + ".json"),
            "Scoring the tokens of " + wrong.size() + " wrong solutions, beta " + beta,
            wrong.size(),
            bar ->
                score(positive, negative, beta, wrong, bar).stream()
                    .map(ContrastiveEstimator.Estimate::logScore)
                    .toArray(double[][]::new),
            double[][].class);
    Path weighted = file("contrast/weighted-" + name + ".jsonl");
    weigh(positive, negative, beta, weighted);
    String arm = CRITICAL + ", beta " + beta;
    Objective objective = PreferenceObjective.of(new CriticalDpo(settings.beta(), false));
    List<Path> models = stages.train(arm, start, weighted, objective, file("sweep").resolve(name));
    return new Swept(
        beta, List.of(logScore), stages.evaluate(arm, models, Workspace.EVALUATION, evaluator));
  }

  private void weigh(Path positive, Path negative, double beta, Path weighted) {
    if (Files.isRegularFile(weighted)) {
      return;
    }
    List<PreferencePair> pairs =
        TrainingRows.read(file("contrast/pairs.jsonl")).stream()
            .map(PreferencePair.class::cast)
            .toList();
    console.stage("Weighing the tokens of " + pairs.size() + " pairs");
    try (Checkpoint plus = Checkpoint.read(positive);
        Checkpoint minus = Checkpoint.read(negative);
        ContrastiveEstimator estimator =
            new ContrastiveEstimator(plus, minus, beta, 0, OpMode.FUSED);
        RunConsole.ProgressBar bar = console.bar("weigh", pairs.size())) {
      RowEncoder encoder = new RowEncoder(plus.tokenizer());
      TrainingRows.write(
          weighted, new TokenWeights(estimator, encoder).of(pairs, Journal.none(), bar));
    }
  }

  /** The losses that are compared, in the order of the table. */
  private Map<String, PairLoss> losses() {
    double beta = settings.beta();
    Map<String, PairLoss> losses = new LinkedHashMap<>();
    losses.put(DPO, new Dpo(beta));
    losses.put("TDPO-1", new Tdpo(beta, Tdpo.WEIGHT_1, false));
    losses.put("TDPO-2", new Tdpo(beta, Tdpo.WEIGHT_2, true));
    losses.put("RPO", new Rpo(beta, Rpo.DEFAULT_NLL_WEIGHT));
    losses.put(CRITICAL, new CriticalDpo(beta, false));
    losses.put("critical-DPO-both", new CriticalDpo(beta, true));
    losses.put("critical-DPO-elementwise", new CriticalDpoElementwise(beta));
    return losses;
  }

  private void arms(
      Path start,
      Evaluator evaluator,
      Map<String, List<Evaluation>> evaluations,
      Map<String, List<Path>> models)
      throws IOException {
    Path startFile = file("start").resolve(Workspace.EVALUATION);
    evaluations.put(START, List.of(stages.evaluate(START, start, startFile, evaluator)));
    models.put(START, List.of());
    Map<String, Objective> objectives = new LinkedHashMap<>();
    objectives.put(SFT, new Vft());
    losses().forEach((name, loss) -> objectives.put(name, PreferenceObjective.of(loss)));
    for (Map.Entry<String, Objective> arm : objectives.entrySet()) {
      String name = arm.getKey();
      boolean imitates = name.equals(SFT);
      Path rows = file(imitates ? "contrast/positive.jsonl" : "contrast/weighted.jsonl");
      String key = name.toLowerCase(Locale.ROOT);
      List<Path> own = stages.train(name, start, rows, arm.getValue(), file("arms").resolve(key));
      models.put(name, own);
      evaluations.put(name, stages.evaluate(name, own, Workspace.EVALUATION, evaluator));
    }
  }

  private static List<List<String>> texts(List<Trajectory> wrong, Tokenizer tokenizer) {
    List<List<String>> all = new ArrayList<>();
    for (Trajectory t : wrong) {
      List<String> own = new ArrayList<>();
      for (int id : t.response()) {
        own.add(tokenizer.decode(id));
      }
      all.add(own);
    }
    return all;
  }

  /** The texts of the tokens that stood in the place of critical ones. */
  private static Map<Integer, String> words(Replacement replacement, Tokenizer tokenizer) {
    Map<Integer, String> words = new LinkedHashMap<>();
    replacement.without().stream()
        .flatMapToInt(a -> Arrays.stream(a.tokens()))
        .distinct()
        .forEach(id -> words.put(id, tokenizer.decode(id)));
    return words;
  }

  private List<DemoResult.Fact> facts(ProblemSplit problems) {
    return List.of(
        new DemoResult.Fact("Command", command),
        new DemoResult.Fact("Settings", settings.toString()),
        new DemoResult.Fact(
            "Model",
            settings.model() == null ? EmbeddedModel.DESCRIPTION : settings.model().toString()),
        new DemoResult.Fact("Training questions", Integer.toString(problems.train().size())),
        new DemoResult.Fact("Held-out questions", Integer.toString(problems.test().size())),
        new DemoResult.Fact("Source", "Lin et al. 2024, arXiv 2411.19943; spec tags in the code"));
  }
}
