package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.evaluate.Votes;
import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.report.DemoResult;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.RunLock;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The AFT paper's experiment (section 5): vanilla fine-tuning, k solutions of each training
 * question, groups of right and wrong ones, and every method trained on the same questions, with
 * the same seeds, and measured on the same held-out questions. Each stage leaves its file; a run
 * that was interrupted goes on from there.
 */
public final class AftRun {
  private final AftSettings settings;
  private final String command;
  private final RunConsole console;
  private final Workspace stages;
  private final AftFiles files;

  /** A run that reports to {@code console}; {@code command} is what its user typed. */
  public AftRun(AftSettings settings, String command, RunConsole console) {
    this.settings = settings;
    this.command = command;
    this.console = console;
    this.stages = new Workspace(settings.stages(), console);
    this.files = new AftFiles(settings, settings.output().resolve("candidates"), true);
  }

  /** A method with the evaluation of each seed's model. */
  record Measured(AftArm arm, List<Evaluation> seeds, List<Path> models) {}

  /** A swept setting: its label and each method's evaluations by seed. */
  record Swept(String label, Map<String, List<Evaluation>> methods) {}

  /**
   * Everything measured.
   *
   * @param before the model that all arms start from
   * @param arms on the main task
   * @param byCandidates sweep of the number of candidates
   * @param byBeta sweep of the margin
   * @param votes self-consistency by arm
   * @param pilot checkpoints of fine-tuning, or null
   * @param tasks the multi-task tables
   */
  record Measurements(
      Evaluation before,
      List<Measured> arms,
      List<Swept> byCandidates,
      List<Swept> byBeta,
      Map<String, Votes> votes,
      AftPilot pilot,
      List<AftTasks.Result> tasks) {}

  /** Runs all stages; the result also stands in {@code result.json}. */
  public Study run() throws IOException {
    try (RunLock lock = RunLock.directory(settings.output())) {
      return locked();
    }
  }

  private Study locked() throws IOException {
    RunFiles.claim(settings.output(), "reproduce aft", settings);
    Path base = base();
    ProblemSplit problems = AftProblems.of(settings);
    if (problems.dropped() > 0) {
      console.stage(
          "Left out " + problems.dropped() + " training problems that are held out, or nearly.");
    }
    Path start =
        settings.vftEpochs() > 0
            ? stages.fineTune(
                base,
                problems.train(),
                settings.output().resolve("train.jsonl"),
                settings.output().resolve("vft"),
                0,
                0)
            : base;
    files.draw(start, problems.train(), problems.test(), console);

    Evaluator evaluator = evaluator(problems.test());
    Path startFile = settings.output().resolve("start").resolve(Workspace.EVALUATION);
    Evaluation before = stages.evaluate("the start", start, startFile, evaluator);
    Path from = settings.fromBase() ? base : start;
    List<Measured> arms = arms(from, evaluator);
    Evaluator sweeper = evaluator(problems.validation());
    Study result =
        new AftStudy(
                settings,
                new Measurements(
                    before,
                    arms,
                    byCandidates(from, sweeper),
                    byBeta(from, sweeper),
                    votes(start, arms, problems.test()),
                    settings.checkpoints() > 0
                        ? AftPilot.run(settings, stages, base, problems.train(), evaluator)
                        : null,
                    settings.multiTask()
                        ? new AftTasks(settings, stages).run(base, console)
                        : List.of()))
            .build(facts(problems), cases(problems.train(), arms));
    RunFiles.writeJson(settings.output().resolve("result.json"), result);
    return result;
  }

  private Evaluator evaluator(List<Problem> problems) {
    return new Evaluator(
        problems, files.learned(), files.heldOut(), settings.maxTokens(), OpMode.FUSED);
  }

  private Path base() throws IOException {
    return settings.model() != null
        ? settings.model()
        : EmbeddedModel.extract(settings.output().resolve("model"));
  }

  private List<Measured> arms(Path from, Evaluator evaluator) throws IOException {
    List<AftArm> all = new ArrayList<>(AftArm.binary(settings.beta(), settings.dpoBeta()));
    if (settings.ranking()) {
      all.addAll(AftArm.ranking(settings.beta(), settings.dpoBeta()));
    }
    List<Measured> arms = new ArrayList<>();
    for (AftArm arm : all) {
      Path folder = settings.output().resolve("arms").resolve(arm.key());
      List<Path> models = stages.train(arm.name(), from, rows(arm.rows()), arm.objective(), folder);
      arms.add(
          new Measured(
              arm, stages.evaluate(arm.name(), models, Workspace.EVALUATION, evaluator), models));
    }
    return arms;
  }

  private Path rows(AftArm.Rows rows) {
    return switch (rows) {
      case BINARY -> files.binary(settings.candidates());
      case RANKING -> files.ranking();
      case RFT -> files.rft(settings.candidates());
    };
  }

  /** AFT-BC and RFT by the number of candidates; what an arm has too is not trained again. */
  private List<Swept> byCandidates(Path from, Evaluator evaluator) throws IOException {
    Objective aft = PreferenceObjective.withVft(Aft.of(Constraint.BOUNDARY, settings.beta()));
    List<Swept> swept = new ArrayList<>();
    for (int k : settings.sweepCandidates()) {
      boolean arm = k == settings.candidates();
      Map<String, List<Evaluation>> methods = new LinkedHashMap<>();
      methods.put(
          "AFT-BC",
          sweep(arm ? "arms/aft-bc" : "sweeps/k-" + k, from, files.binary(k), aft, evaluator));
      methods.put(
          AftArm.RFT,
          sweep(arm ? "arms/rft" : "sweeps/k-rft-" + k, from, files.rft(k), new Vft(), evaluator));
      swept.add(new Swept(Integer.toString(k), methods));
    }
    return swept;
  }

  /** AFT-BC by its margin. */
  private List<Swept> byBeta(Path from, Evaluator evaluator) throws IOException {
    Path data = files.binary(settings.candidates());
    List<Swept> swept = new ArrayList<>();
    for (double beta : settings.sweepBetas()) {
      boolean none = Double.isInfinite(beta);
      Aft aft = none ? Aft.of(Constraint.NONE, 0) : Aft.of(Constraint.BOUNDARY, beta);
      String own = beta == settings.beta() ? "arms/aft-bc" : "sweeps/beta-" + beta;
      swept.add(
          new Swept(
              none ? "no constraint" : Double.toString(beta),
              Map.of(
                  "AFT-BC",
                  sweep(
                      none ? "arms/aft-none" : own,
                      from,
                      data,
                      PreferenceObjective.withVft(aft),
                      evaluator))));
    }
    return swept;
  }

  private List<Evaluation> sweep(
      String folder, Path from, Path data, Objective objective, Evaluator evaluator)
      throws IOException {
    String what = "sweep " + folder;
    List<Path> models =
        stages.train(what, from, data, objective, settings.output().resolve(folder));
    return stages.evaluate(what, models, "validation.json", evaluator);
  }

  /** Samples of some arms' first models, with their votes. */
  private Map<String, Votes> votes(Path start, List<Measured> arms, List<Problem> test)
      throws IOException {
    Map<String, Votes> votes = new LinkedHashMap<>();
    if (settings.votes() > 0) {
      Map<String, Path> models = new LinkedHashMap<>();
      models.put(AftStudy.START, start);
      for (Measured m : arms) {
        if (List.of(AftArm.VFT, AftArm.RFT, "AFT-BC").contains(m.arm().name())) {
          models.put(m.arm().name(), m.models().get(0));
        }
      }
      for (Map.Entry<String, Path> model : models.entrySet()) {
        votes.put(model.getKey(), vote(model.getKey(), model.getValue(), test));
      }
    }
    return votes;
  }

  private Votes vote(String name, Path model, List<Problem> test) throws IOException {
    int votes = settings.votes();
    return stages.kept(
        settings.output().resolve("votes").resolve(name + ".json"),
        "Sampling " + votes + " answers of " + name + " to each question",
        (long) test.size() * votes,
        bar -> {
          try (Checkpoint checkpoint = Checkpoint.read(model)) {
            SamplingOptions options = SamplingOptions.at(0.7, settings.maxTokens());
            return Votes.count(
                test, ProblemSampler.solve(checkpoint, test, votes, options, 1, OpMode.FUSED, bar));
          }
        },
        Votes.class);
  }

  private List<Study.Case> cases(List<Problem> train, List<Measured> arms) {
    Map<String, Path> models = new LinkedHashMap<>();
    Map<String, Evaluation> evaluations = new LinkedHashMap<>();
    for (String name : List.of(AftArm.VFT, "AFT-none", "AFT-BC")) {
      for (Measured m : arms) {
        if (m.arm().name().equals(name)) {
          models.put(name, m.models().get(0));
          evaluations.put(name, m.seeds().get(0));
        }
      }
    }
    return new AftCases(train, files.learned(), settings.maxTokens()).find(models, evaluations);
  }

  private List<DemoResult.Fact> facts(ProblemSplit problems) {
    return List.of(
        new DemoResult.Fact("Command", command),
        new DemoResult.Fact("Settings", settings.toString()),
        new DemoResult.Fact(
            "Model",
            settings.model() == null ? EmbeddedModel.DESCRIPTION : settings.model().toString()),
        new DemoResult.Fact("Problems", AftProblems.describe(settings)),
        new DemoResult.Fact("Several tasks", AftProblems.describeTasks(settings)),
        new DemoResult.Fact("Training questions", Integer.toString(problems.train().size())),
        new DemoResult.Fact(
            "Training questions left out as held out", Integer.toString(problems.dropped())),
        new DemoResult.Fact("Source", "Wang et al. 2023, arXiv 2309.02144; spec tags in the code"));
  }
}
