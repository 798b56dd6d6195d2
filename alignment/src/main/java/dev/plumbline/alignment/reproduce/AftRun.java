package dev.plumbline.alignment.reproduce;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.evaluate.Votes;
import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.Preference;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.report.DemoResult;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.sample.ProblemSampler;
import dev.plumbline.alignment.train.RunFiles;
import dev.plumbline.alignment.train.TrainSettings;
import dev.plumbline.data.Jsonl;
import dev.plumbline.data.Problem;
import dev.plumbline.data.ProblemFiles;
import dev.plumbline.data.WordProblems;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.optim.Schedule;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.Checkpoint;
import dev.plumbline.transformer.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
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
  /**
   * Harder than what the embedded model was trained on (3 to 5 steps instead of 2 to 5, numbers up
   * to twice as large), so that it is to these problems what a base model is to GSM8K.
   */
  private static final WordProblems PROBLEMS =
      WordProblems.of(EmbeddedModel.PROBLEM_SEED, new WordProblems.Options(3, 5, 0.7, 40));

  private static final String EVALUATION = "evaluation.json";

  private final AftSettings settings;
  private final RunConsole console;
  private final AftFiles files;

  /** A run that reports to {@code console}. */
  public AftRun(AftSettings settings, RunConsole console) {
    this.settings = settings;
    this.console = console;
    this.files = new AftFiles(settings);
  }

  /** A method with the evaluation of each seed's model. */
  record Measured(AftArm arm, List<Evaluation> seeds, List<Path> models) {}

  /** A swept setting: its label and each method's evaluations by seed. */
  record Swept(String label, Map<String, List<Evaluation>> methods) {}

  /** Runs all stages; the result also stands in {@code result.json}. */
  public Study run() throws IOException {
    RunFiles.claim(settings.output(), "reproduce aft", settings.toString());
    Path base = base();
    List<Problem> train = train();
    List<Problem> test = test();
    Path start = fineTuned(base, train);
    files.draw(start, train, test, console);

    Evaluator evaluator =
        new Evaluator(test, files.learned(), files.heldOut(), settings.maxTokens(), OpMode.FUSED);
    Evaluation before =
        evaluate("start", start, settings.output().resolve("start").resolve(EVALUATION), evaluator);
    List<Measured> arms = new ArrayList<>();
    List<AftArm> all = new ArrayList<>(AftArm.binary(settings.beta(), settings.dpoBeta()));
    if (settings.ranking()) {
      all.addAll(AftArm.ranking(settings.beta(), settings.dpoBeta()));
    }
    Path from = settings.fromBase() ? base : start;
    for (AftArm arm : all) {
      arms.add(measure(arm, from, evaluator));
    }
    AftStudy study = new AftStudy(settings, before, arms, sweeps(from), votes(start, arms, test));
    Study result = study.build(facts(train), cases(train, arms));
    RunFiles.writeJson(settings.output().resolve("result.json"), result);
    return result;
  }

  private Path base() throws IOException {
    return settings.model() != null
        ? settings.model()
        : EmbeddedModel.extract(settings.output().resolve("model"));
  }

  private List<Problem> train() {
    if (settings.data() == null) {
      return PROBLEMS.train(settings.trainQuestions());
    }
    List<Problem> all = ProblemFiles.read(settings.data());
    return all.subList(0, Math.min(settings.trainQuestions(), all.size() - heldBack(all)));
  }

  private List<Problem> test() {
    if (settings.testData() == null) {
      return PROBLEMS.test(settings.testQuestions());
    }
    List<Problem> all = ProblemFiles.read(settings.testData());
    return all.subList(0, Math.min(settings.testQuestions(), all.size()));
  }

  /** Questions of the sweeps: the last of a training file, a split of their own when generated. */
  private List<Problem> validation() {
    if (settings.data() == null) {
      return PROBLEMS.validation(settings.validationQuestions());
    }
    List<Problem> all = ProblemFiles.read(settings.data());
    return all.subList(all.size() - heldBack(all), all.size());
  }

  private int heldBack(List<Problem> all) {
    return Math.min(settings.validationQuestions(), all.size() / 10);
  }

  /** The model after vanilla fine-tuning. */
  private Path fineTuned(Path base, List<Problem> train) throws IOException {
    if (!(settings.vftEpochs() > 0)) {
      return base;
    }
    Path rows = settings.output().resolve("train.jsonl");
    if (!Files.isRegularFile(rows)) {
      AftRows.references(rows, train);
    }
    Path output = settings.output().resolve("vft");
    train(
        "VFT of the base model",
        base,
        rows,
        new Vft(),
        output,
        0,
        settings.vftEpochs(),
        settings.vftLearningRate());
    return output;
  }

  private Measured measure(AftArm arm, Path from, Evaluator evaluator) throws IOException {
    String folder = "arms/" + arm.key();
    List<Evaluation> evaluations =
        runs(arm.name(), folder, from, rows(arm.rows()), arm.objective(), evaluator, EVALUATION);
    return new Measured(
        arm, evaluations, settings.seeds().stream().map(seed -> model(folder, seed)).toList());
  }

  /** Trains and evaluates once a seed. */
  private List<Evaluation> runs(
      String what,
      String folder,
      Path from,
      Path data,
      Objective objective,
      Evaluator evaluator,
      String file)
      throws IOException {
    List<Evaluation> evaluations = new ArrayList<>();
    for (long seed : settings.seeds()) {
      Path output = model(folder, seed);
      String run = what + ", seed " + seed;
      train(run, from, data, objective, output, seed, settings.epochs(), settings.learningRate());
      evaluations.add(evaluate(run, output, output.resolve(file), evaluator));
    }
    return evaluations;
  }

  private Path model(String folder, long seed) {
    return settings.output().resolve(folder + "-seed-" + seed);
  }

  private Path rows(AftArm.Rows rows) {
    return switch (rows) {
      case BINARY -> files.binary(settings.candidates());
      case RANKING -> files.ranking();
      case RFT -> files.rft(settings.candidates());
    };
  }

  /**
   * AFT-BC and RFT by the number of candidates, and AFT-BC by its margin. A setting that an arm has
   * too is not trained again.
   */
  private List<List<Swept>> sweeps(Path from) throws IOException {
    List<Swept> byCandidates = new ArrayList<>();
    List<Swept> byBeta = new ArrayList<>();
    if (!settings.sweepCandidates().isEmpty() || !settings.sweepBetas().isEmpty()) {
      Evaluator evaluator =
          new Evaluator(
              validation(), files.learned(), files.heldOut(), settings.maxTokens(), OpMode.FUSED);
      for (int k : settings.sweepCandidates()) {
        boolean arm = k == settings.candidates();
        Objective aft = Preference.withVft(Aft.of(Constraint.BOUNDARY, settings.beta()));
        Map<String, List<Evaluation>> methods = new LinkedHashMap<>();
        methods.put(
            "AFT-BC",
            swept(arm ? "arms/aft-bc" : "sweeps/k-" + k, from, files.binary(k), aft, evaluator));
        methods.put(
            "RFT",
            swept(
                arm ? "arms/rft" : "sweeps/k-rft-" + k, from, files.rft(k), new Vft(), evaluator));
        byCandidates.add(new Swept(Integer.toString(k), methods));
      }
      for (double beta : settings.sweepBetas()) {
        boolean none = Double.isInfinite(beta);
        Objective aft =
            Preference.withVft(
                none ? Aft.of(Constraint.NONE, 0) : Aft.of(Constraint.BOUNDARY, beta));
        String folder =
            none
                ? "arms/aft-none"
                : beta == settings.beta() ? "arms/aft-bc" : "sweeps/beta-" + beta;
        Path data = files.binary(settings.candidates());
        byBeta.add(
            new Swept(
                none ? "no constraint" : Double.toString(beta),
                Map.of("AFT-BC", swept(folder, from, data, aft, evaluator))));
      }
    }
    return List.of(byCandidates, byBeta);
  }

  private List<Evaluation> swept(
      String folder, Path from, Path data, Objective objective, Evaluator evaluator)
      throws IOException {
    return runs("sweep " + folder, folder, from, data, objective, evaluator, "validation.json");
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
    Path file = settings.output().resolve("votes").resolve(name + ".json");
    if (!Files.isRegularFile(file)) {
      console.stage("Sampling " + settings.votes() + " answers of " + name + " to each question");
      Files.createDirectories(file.getParent());
      try (Checkpoint checkpoint = Checkpoint.read(model);
          RunConsole.ProgressBar bar =
              console.bar("sample", (long) test.size() * settings.votes())) {
        SamplingOptions options = SamplingOptions.at(0.7, settings.maxTokens());
        RunFiles.writeJson(
            file,
            Votes.count(
                test,
                ProblemSampler.solve(
                    checkpoint, test, settings.votes(), options, 1, OpMode.FUSED, bar)));
      }
    }
    return Jsonl.mapper().readValue(file.toFile(), Votes.class);
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

  private List<DemoResult.Fact> facts(List<Problem> train) {
    return List.of(
        new DemoResult.Fact("Command", "./plumbline reproduce aft"),
        new DemoResult.Fact("Settings", settings.toString()),
        new DemoResult.Fact(
            "Model",
            settings.model() == null ? EmbeddedModel.DESCRIPTION : settings.model().toString()),
        new DemoResult.Fact(
            "Problems",
            settings.data() == null
                ? "generated word problems, seed "
                    + EmbeddedModel.PROBLEM_SEED
                    + ", harder than the embedded model's own: "
                    + PROBLEMS.options()
                : settings.data() + " and " + settings.testData()),
        new DemoResult.Fact("Training questions", Integer.toString(train.size())),
        new DemoResult.Fact("Source", "Wang et al. 2023, arXiv 2309.02144; spec tags in the code"));
  }

  private void train(
      String what,
      Path from,
      Path data,
      Objective objective,
      Path output,
      long seed,
      double epochs,
      double learningRate) {
    if (Files.isRegularFile(output.resolve("result.json"))) {
      return;
    }
    console.stage("Training " + what);
    console.train(
        new TrainSettings(
            from,
            from,
            objective,
            data,
            output,
            0,
            epochs,
            settings.batchSize(),
            1,
            learningRate,
            Schedule.COSINE,
            0.03,
            0,
            1,
            seed,
            true,
            0,
            100,
            OpMode.FUSED,
            Dtype.F32,
            settings.output().resolve("reference-cache")));
  }

  private Evaluation evaluate(String what, Path model, Path file, Evaluator evaluator)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      console.stage("Evaluating " + what);
      try (Checkpoint checkpoint = Checkpoint.read(model);
          RunConsole.ProgressBar bar = console.bar("evaluate", evaluator.problems().size())) {
        RunFiles.writeJson(file, evaluator.evaluate(checkpoint, bar));
      }
    }
    return Jsonl.mapper().readValue(file.toFile(), Evaluation.class);
  }
}
