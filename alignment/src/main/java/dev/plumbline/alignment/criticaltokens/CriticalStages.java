package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/** The stages that several parts read: the start, its wrong solutions, and the estimator. */
final class CriticalStages {
  private static final int SOLUTION_SEED = 7;

  /**
   * Solutions of each held-out question. At least one of them must be right, as in the paper, where
   * wrong solutions come from pairs.
   */
  private static final int SOLUTIONS = 8;

  private final CriticalSettings settings;
  private final Workspace workspace;
  private final ProblemSplit problems;

  CriticalStages(CriticalSettings settings, RunConsole console) {
    this.settings = settings;
    this.workspace =
        new Workspace(settings.setup().output(), settings.fineTuning(), settings.arms(), console);
    this.problems = settings.setup().problems(settings.search().planted());
  }

  /**
   * Wrong solutions: indices of their problems and their tokens.
   *
   * @param fatal position of the planted token of each; empty where none was planted
   */
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

  /** Values of the tokens of wrong solutions; one array per trajectory. */
  record Estimates(
      List<double[]> logScore,
      List<double[]> contrast,
      List<double[]> logProb,
      List<double[]> entropy) {}

  /** Sizes of the contrastive data. */
  record Counts(int positive, int negative, int pairs) {}

  CriticalSettings settings() {
    return settings;
  }

  Workspace workspace() {
    return workspace;
  }

  ProblemSplit problems() {
    return problems;
  }

  /** The fine-tuned model. */
  Path start() throws IOException {
    return workspace.start(
        settings.setup().base(settings.fineTuning()),
        problems.lessons(),
        workspace.file("train.jsonl"),
        workspace.file("sft"));
  }

  /** Wrong solutions of held-out questions that the start can solve. */
  Wrong wrong() throws IOException {
    List<Problem> test = problems.test();
    return workspace.kept(
        workspace.file("wrong.json"),
        "Solving " + test.size() + " held-out questions, for wrong solutions of solvable ones",
        (long) SOLUTIONS * test.size(),
        bar -> {
          try (Checkpoint model = Checkpoint.read(start())) {
            return wrong(model, test, bar);
          }
        },
        Wrong.class);
  }

  private Wrong wrong(Checkpoint model, List<Problem> test, IntConsumer bar) {
    List<List<ProblemSampler.Solution>> drawn = new ArrayList<>();
    for (List<ProblemSampler.Solution> own :
        ProblemSampler.solve(
            model, test, SOLUTIONS, settings.samplingOptions(), SOLUTION_SEED, OpMode.FUSED, bar)) {
      boolean solvable = own.stream().anyMatch(s -> s.grade().correct());
      drawn.add(solvable ? own : List.of());
    }
    List<Trajectory> all =
        WrongSolutions.of(test, drawn, model.tokenizer(), settings.search().trajectories());
    return new Wrong(
        all.stream().mapToInt(t -> test.indexOf(t.problem())).toArray(),
        all.stream().map(Trajectory::response).toList(),
        new int[0]);
  }

  /** A search from the start; {@code everyPosition} or only until the critical token is known. */
  RolloutSearch search(Checkpoint model, boolean everyPosition) {
    return new RolloutSearch(
        model,
        new RolloutSearch.Settings(
            settings.search().rollouts(),
            RolloutScores.MAX_LOST_SHARE,
            settings.samplingOptions(),
            everyPosition,
            0,
            0),
        OpMode.FUSED);
  }

  /** Draws the solutions that estimator and arms learn from. */
  Counts contrast() throws IOException {
    List<Problem> train = problems.train();
    int k = settings.estimator().candidates();
    return workspace.kept(
        workspace.file("contrast/counts.json"),
        () ->
            select(
                train,
                workspace.sample("questions", start(), train, k, settings.samplingOptions(), 0)),
        Counts.class);
  }

  private Counts select(List<Problem> train, List<List<ProblemSampler.Solution>> drawn) {
    ContrastiveData selected = ContrastiveData.of(train, drawn, 0);
    if (selected.pairs().isEmpty()) {
      throw new UserError(
          "No training question has both a right and a wrong answer among its "
              + settings.estimator().candidates()
              + " solutions, so that there is nothing to contrast; take a model that solves some, or raise candidates.");
    }
    selected.write(workspace.file("contrast"));
    return new Counts(
        selected.positive().size(), selected.negative().size(), selected.pairs().size());
  }

  /** The positive or the negative model of the estimator. */
  private Path estimator(String side) throws IOException {
    contrast();
    return workspace
        .with(workspace.output(), settings.estimatorTraining())
        .train(
            "the " + side + " model",
            start(),
            workspace.file("contrast/" + side + ".jsonl"),
            new Vft(),
            workspace.file("estimator/" + side))
        .get(0);
  }

  /** Work with an estimator. */
  private interface Use<T> {
    T with(ContrastiveEstimator estimator, Tokenizer tokenizer) throws IOException;
  }

  private <T> T estimator(double beta, Use<T> use) throws IOException {
    try (Checkpoint plus = Checkpoint.read(estimator("positive"));
        Checkpoint minus = Checkpoint.read(estimator("negative"));
        ContrastiveEstimator estimator =
            new ContrastiveEstimator(plus, minus, beta, 0, OpMode.FUSED)) {
      return use.with(estimator, plus.tokenizer());
    }
  }

  /** Scores the tokens of trajectories with a beta of the estimator. */
  List<ContrastiveEstimator.Estimate> score(
      double beta, List<Trajectory> trajectories, IntConsumer progress) throws IOException {
    return estimator(
        beta,
        (estimator, tokenizer) -> {
          List<ContrastiveEstimator.Estimate> scores = new ArrayList<>();
          for (Trajectory t : trajectories) {
            scores.add(estimator.score(t.prompt(), t.response()));
            progress.accept(1);
          }
          return scores;
        });
  }

  /** Everything that is estimated of the tokens of wrong solutions. */
  Estimates estimate(String what, List<Trajectory> trajectories) throws IOException {
    estimator("positive"); // before this stage is announced
    estimator("negative");
    return workspace.kept(
        workspace.file("estimates-" + what.replace(' ', '-') + ".json"),
        "Scoring the tokens of " + trajectories.size() + " " + what,
        trajectories.size(),
        bar -> {
          List<ContrastiveEstimator.Estimate> scores =
              score(settings.estimator().beta(), trajectories, bar);
          try (Checkpoint model = Checkpoint.read(start())) {
            List<TokenStatistics> own = TokenStatistics.of(model, OpMode.FUSED, trajectories);
            return new Estimates(
                scores.stream().map(ContrastiveEstimator.Estimate::logScore).toList(),
                scores.stream().map(ContrastiveEstimator.Estimate::contrast).toList(),
                own.stream().map(TokenStatistics::logProb).toList(),
                own.stream().map(TokenStatistics::entropy).toList());
          }
        },
        Estimates.class);
  }

  /** The pairs with the token weights of a beta of the estimator. */
  Path weighted(double beta) throws IOException {
    Path weighted = weightedFile(beta);
    if (!Files.isRegularFile(weighted)) {
      contrast();
      List<PreferencePair> pairs =
          TrainingRows.read(workspace.file("contrast/pairs.jsonl")).stream()
              .map(PreferencePair.class::cast)
              .toList();
      List<PreferencePair> rows =
          workspace.shown(
              "Weighting the tokens of " + pairs.size() + " pairs",
              "weight",
              pairs.size(),
              bar ->
                  estimator(
                      beta,
                      (estimator, tokenizer) ->
                          new TokenWeights(estimator, new RowEncoder(tokenizer))
                              .of(pairs, Journal.none(), bar)));
      TrainingRows.write(weighted, rows);
    }
    return weighted;
  }

  /** Where those pairs are. */
  Path weightedFile(double beta) {
    return workspace.file(
        beta == settings.estimator().beta()
            ? "contrast/weighted.jsonl"
            : "contrast/weighted-beta-" + beta + ".jsonl");
  }
}
