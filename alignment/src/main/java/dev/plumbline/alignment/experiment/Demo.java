package dev.plumbline.alignment.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Assessor;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.generate.CandidateFile;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.report.DemoReport;
import dev.plumbline.alignment.report.DemoResult;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.RunLock;
import dev.plumbline.alignment.statistics.PairedComparison;
import dev.plumbline.alignment.statistics.Statistics;
import dev.plumbline.alignment.train.TrainSettings;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.wordproblems.WordProblems;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The main job on the embedded default: a small fine-tuned model solves generated problems, its
 * right and wrong solutions align it, and the result is compared with the same amount of plain
 * fine-tuning on held-out questions. Each stage leaves its file; a run that was interrupted goes on
 * from there.
 */
public final class Demo {
  private static final int MAX_TOKENS = 160;

  /**
   * Size and settings of a run.
   *
   * @param output directory of everything it writes
   * @param trainQuestions questions whose solutions are sampled and trained on
   * @param testQuestions held-out questions
   * @param candidates solutions a question
   * @param epochs passes over the training questions, for both arms
   * @param batchSize questions a step
   * @param learningRate peak rate of both arms
   * @param beta margin of AFT's boundary
   * @param seed of draws and data order
   */
  public record Settings(
      Path output,
      int trainQuestions,
      int testQuestions,
      int candidates,
      double epochs,
      int batchSize,
      double learningRate,
      double beta,
      long seed) {}

  private final Settings settings;
  private final RunConsole console;

  /** A run that reports to {@code console}. */
  public Demo(Settings settings, RunConsole console) {
    this.settings = settings;
    this.console = console;
  }

  /**
   * Runs all stages and returns the result, which also stands in {@code result.json} and {@code
   * report.html}.
   */
  public DemoResult run() throws IOException {
    try (RunLock lock = RunLock.directory(settings.output())) {
      return locked();
    }
  }

  private DemoResult locked() throws IOException {
    RunFiles.claim(settings.output(), "demo", settings);
    Path model = EmbeddedModel.extract(settings.output().resolve("model"));
    // The questions that the embedded model was fine-tuned on (the paper's pilot uses "previously
    // learned questions"),
    // and questions of the test split, which no training saw.
    List<Problem> train =
        WordProblems.of(EmbeddedModel.PROBLEM_SEED).train(settings.trainQuestions());
    List<Problem> test = WordProblems.of(EmbeddedModel.PROBLEM_SEED).test(settings.testQuestions());

    Path candidates = settings.output().resolve("candidates.jsonl");
    Path testCandidates = settings.output().resolve("test-candidates.jsonl");
    sample(model, train, candidates, "training questions");
    sample(model, test, testCandidates, "held-out questions");
    Path vft = train(candidates, model, "vft", new Vft());
    Path aft =
        train(
            candidates,
            model,
            "aft-bc",
            PreferenceObjective.withVft(Aft.of(Constraint.BOUNDARY, settings.beta())));

    List<Scored> arms = new ArrayList<>();
    arms.add(evaluate("start", "the embedded fine-tuned model", model, null, test, testCandidates));
    arms.add(
        evaluate(
            "VFT",
            "the same, fine-tuned further on the reference solutions",
            vft,
            vft,
            test,
            testCandidates));
    arms.add(
        evaluate(
            "AFT-BC",
            "the same, aligned on its own right and wrong solutions",
            aft,
            aft,
            test,
            testCandidates));
    DemoResult result = compare(arms, test);
    RunFiles.writeJson(settings.output().resolve("result.json"), result);
    DemoReport.write(settings.output().resolve("report.html"), result);
    return result;
  }

  private void sample(Path model, List<Problem> problems, Path file, String what) {
    if (Files.isRegularFile(file)) {
      return; // complete: files appear by renaming
    }
    console.stage(
        "Sampling "
            + settings.candidates()
            + " solutions for each of "
            + problems.size()
            + " "
            + what);
    SamplingOptions options = SamplingOptions.at(1, MAX_TOKENS);
    List<List<ProblemSampler.Solution>> solutions;
    try (Checkpoint checkpoint = Checkpoint.read(model);
        RunConsole.ProgressBar bar =
            console.bar("sample", (long) problems.size() * settings.candidates())) {
      solutions =
          ProblemSampler.solve(
              checkpoint,
              problems,
              settings.candidates(),
              options,
              settings.seed(),
              OpMode.FUSED,
              bar);
    }
    CandidateFile.Summary s = CandidateFile.write(file, problems, solutions, true);
    console.stage(
        String.format(
            "  %d of %d right; %d questions have right and wrong ones",
            s.correct(), s.sampled(), s.mixed()));
  }

  private Path train(Path candidates, Path model, String name, Objective objective) {
    Path output = settings.output().resolve(name);
    console.stage("Training " + name + " on " + settings.trainQuestions() + " questions");
    console.train(
        new TrainSettings(
            TrainSettings.From.of(model),
            objective,
            TrainSettings.Rows.of(candidates, settings.seed()),
            TrainSettings.Budget.epochs(settings.epochs(), settings.batchSize()),
            TrainSettings.Optimiser.cosine(settings.learningRate()),
            TrainSettings.Output.of(output, 50),
            TrainSettings.Execution.fused(null)));
    return output;
  }

  /** An arm with what the paired tests need. */
  private record Scored(DemoResult.Arm arm, boolean[] correct, List<String> answers) {}

  private Scored evaluate(
      String name,
      String description,
      Path model,
      Path training,
      List<Problem> test,
      Path testCandidates)
      throws IOException {
    console.stage("Evaluating " + name + " on " + test.size() + " held-out questions");
    try (Checkpoint checkpoint = Checkpoint.read(model);
        RunConsole.ProgressBar bar = console.bar("evaluate", test.size())) {
      List<List<ProblemSampler.Solution>> solutions =
          ProblemSampler.solve(
              checkpoint,
              test,
              1,
              SamplingOptions.greedy(MAX_TOKENS),
              settings.seed(),
              OpMode.FUSED,
              bar);
      boolean[] correct = new boolean[test.size()];
      List<String> answers = new ArrayList<>();
      int right = 0;
      int truncated = 0;
      for (int i = 0; i < correct.length; i++) {
        ProblemSampler.Solution s = solutions.get(i).get(0);
        correct[i] = s.grade().correct();
        right += correct[i] ? 1 : 0;
        truncated += s.sample().reason() == Sample.FinishReason.LENGTH ? 1 : 0;
        answers.add(s.text().strip());
      }
      Assessment assessment = Assessor.assess(checkpoint, testCandidates, OpMode.FUSED);
      JsonNode trained =
          training == null ? null : RunFiles.readJson(training.resolve("result.json"));
      DemoResult.Arm arm =
          new DemoResult.Arm(
              name,
              description,
              right,
              test.size(),
              Statistics.wilson(right, test.size(), 0.95),
              assessment.micro(),
              assessment.macro(),
              assessment.totalPairs(),
              Evaluator.perplexity(checkpoint, test, OpMode.FUSED),
              truncated,
              assessment.positive(),
              assessment.negative(),
              training == null ? new double[0] : losses(training),
              trained == null ? 0 : trained.path("wall_seconds").asDouble());
      return new Scored(arm, correct, answers);
    }
  }

  private static double[] losses(Path run) throws IOException {
    List<Double> losses = new ArrayList<>();
    for (String line : Files.readAllLines(run.resolve("metrics.jsonl"), StandardCharsets.UTF_8)) {
      losses.add(Jsonl.mapper().readTree(line).path("loss").asDouble());
    }
    return losses.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private DemoResult compare(List<Scored> arms, List<Problem> test) {
    List<DemoResult.PairedTest> tests = new ArrayList<>();
    for (int[] pair : new int[][] {{0, 1}, {0, 2}, {1, 2}}) {
      Scored a = arms.get(pair[0]);
      Scored b = arms.get(pair[1]);
      PairedComparison c =
          PairedComparison.of(
              numbers(a.correct()),
              numbers(b.correct()),
              2000,
              RandomStream.of(
                  settings.seed(), "bootstrap " + a.arm().name() + " " + b.arm().name()));
      tests.add(
          new DemoResult.PairedTest(
              a.arm().name(),
              b.arm().name(),
              c.onlyFirst(),
              c.onlySecond(),
              c.p(),
              c.difference()));
    }
    List<DemoResult.Fact> facts =
        List.of(
            new DemoResult.Fact("Command", "./plumbline demo"),
            new DemoResult.Fact("Settings", settings.toString()),
            new DemoResult.Fact("Model", EmbeddedModel.DESCRIPTION),
            new DemoResult.Fact(
                "Problems",
                "generated word problems, seed "
                    + EmbeddedModel.PROBLEM_SEED
                    + ": "
                    + settings.trainQuestions()
                    + " training questions that the model has seen, "
                    + settings.testQuestions()
                    + " held-out ones"),
            new DemoResult.Fact(
                "Assessment",
                settings.candidates()
                    + " candidates a held-out question, drawn from the starting model at temperature 1, the same for every arm"),
            new DemoResult.Fact(
                "Source",
                "Wang et al. 2023, arXiv 2309.02144: L_AFT = L_VFT + L_BC, beta "
                    + settings.beta()));
    return new DemoResult(
        "Plumbline demo: AFT against VFT",
        facts,
        arms.stream().map(Scored::arm).toList(),
        tests,
        examples(arms, test));
  }

  /** First the questions on which the arms differ, so that there is something to see. */
  private static List<DemoResult.Example> examples(List<Scored> arms, List<Problem> test) {
    List<DemoResult.Example> examples = new ArrayList<>();
    for (boolean differing : new boolean[] {true, false}) {
      for (int i = 0; i < test.size() && examples.size() < (differing ? 6 : 8); i++) {
        int n = i;
        List<Boolean> correct = arms.stream().map(a -> a.correct()[n]).toList();
        if ((correct.contains(true) && correct.contains(false)) == differing) {
          examples.add(
              new DemoResult.Example(
                  test.get(i).question(),
                  test.get(i).solution(),
                  arms.stream().map(a -> a.answers().get(n)).toList(),
                  correct));
        }
      }
    }
    return examples;
  }

  private static double[] numbers(boolean[] values) {
    double[] result = new double[values.length];
    Arrays.setAll(result, i -> values[i] ? 1 : 0);
    return result;
  }
}
