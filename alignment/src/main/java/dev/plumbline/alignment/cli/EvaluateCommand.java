package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.cli.option.DrawOptions;
import dev.plumbline.alignment.cli.option.ProblemsOption;
import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Assessor;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.evaluate.LetterScorer;
import dev.plumbline.alignment.evaluate.PredictionFile;
import dev.plumbline.alignment.evaluate.Votes;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.generate.Repetition;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.KeptScores;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.Wilson;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.problem.Task;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import dev.plumbline.transformer.graph.Scorer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline evaluate}. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures accuracy on problems, and assessment accuracy on candidates.",
      "With data=FILE: accuracy of greedy (or sampled) solutions with Wilson intervals, "
          + "perplexity of the reference solutions, share of degenerate answers; with votes=N "
          + "also maj@k and pass@k. With candidates=FILE: assessment accuracy, the share of "
          + "pairs in which the correct candidate scores above the wrong one."
    })
final class EvaluateCommand implements Callable<Integer> {
  private static final String PREDICTIONS = "predictions.jsonl";
  private static final String ASSESSMENT = "assessment.jsonl";
  private static final String RESULT = "result.json";

  /**
   * Settings that decide the result.
   *
   * @param numbers limit, max-tokens, temperature, votes and their temperature
   */
  private record Settings(
      String model,
      List<Problem> problems,
      Path candidates,
      Boolean letters,
      List<Number> numbers,
      long seed,
      OpMode ops) {}

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
  private Path model;

  @Option(names = "--data", paramLabel = "FILE", description = "Problems to solve.")
  private Path data;

  @Option(names = "--candidates", paramLabel = "FILE", description = "Candidate groups to assess.")
  private Path candidates;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Directory for result.json and predictions.jsonl (default: print only).")
  private Path output;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      description = "Sampling temperature; 0 = greedy (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--letters",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Answer multiple choice by the most probable letter after \"Answer:\", without reasoning (default: for MMLU only).")
  private Boolean letters;

  @Option(
      names = "--votes",
      defaultValue = "0",
      paramLabel = "N",
      description = "Sample N more solutions per problem for maj@k and pass@k; 0 = none.")
  private int votes;

  @Option(
      names = "--votes-temperature",
      defaultValue = "0.7",
      description = "Their sampling temperature (default: ${DEFAULT-VALUE}).")
  private double votesTemperature;

  @Option(
      names = "--limit",
      defaultValue = "0",
      description = "Take only the first N problems and candidate groups; 0 = all.")
  private int limit;

  @Mixin private final DrawOptions draw = new DrawOptions();

  @Override
  public Integer call() {
    if (data == null && candidates == null) {
      throw new UserError(
          "Give data=FILE to solve problems, candidates=FILE to assess candidates, or both.");
    }
    List<Problem> problems =
        data == null ? List.of() : ProblemsOption.first(ProblemFiles.read(data), limit);
    try (Journal journal = journal();
        Checkpoint checkpoint =
            output == null
                ? Checkpoint.frozen(model, draw.ops())
                : Checkpoint.hashed(model, draw.frozen())) {
      if (output != null) {
        journal.resume("evaluate", settings(checkpoint, problems));
      }
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("model", model.toString());
      if (data != null) {
        boolean mmlu = problems.stream().allMatch(p -> p.task() == Task.MMLU);
        result.put(
            "accuracy",
            (letters == null ? mmlu : letters)
                ? choose(journal, checkpoint, problems)
                : solve(journal, checkpoint, problems));
      }
      if (candidates != null) {
        result.put("assessment_accuracy", assess(journal, checkpoint));
      }
      if (output != null) {
        RunFiles.writeJson(output.resolve(RESULT), result);
      }
      journal.finish();
    }
    return 0;
  }

  private Journal journal() {
    return output == null
        ? Journal.none()
        : Journal.inside(
            output, "evaluate", List.of(PREDICTIONS, ASSESSMENT, RESULT), model, data, candidates);
  }

  private Settings settings(Checkpoint checkpoint, List<Problem> problems) {
    return new Settings(
        ModelHash.identity(checkpoint),
        problems,
        candidates,
        letters,
        List.of(limit, draw.maxTokens(), temperature, votes, votesTemperature),
        draw.seed(),
        draw.ops());
  }

  private Map<String, Object> assess(Journal journal, Checkpoint checkpoint) {
    Assessment assessment =
        Assessor.assess(checkpoint, candidates, limit, draw.ops(), scorer(journal));
    if (output != null) {
      PredictionFile.writeAssessment(output.resolve(ASSESSMENT), assessment);
    }
    double right = Arrays.stream(assessment.positive()).average().orElse(Double.NaN);
    double wrong = Arrays.stream(assessment.negative()).average().orElse(Double.NaN);
    Map<String, Object> node = interval(assessment.micro());
    node.put("macro", assessment.macro());
    node.put("pairs", assessment.totalPairs());
    node.put("questions", assessment.questions());
    node.put("mean_score_right", right);
    node.put("mean_score_wrong", wrong);
    print("assessment accuracy", assessment.micro(), assessment.totalPairs() + " pairs");
    System.out.printf(Locale.ROOT, "%-20s right %.4f, wrong %.4f%n", "mean score", right, wrong);
    return node;
  }

  private static Scorer.Trees scorer(Journal journal) {
    return new KeptScores(journal, scored -> {});
  }

  private List<List<ProblemSampler.Solution>> draw(
      Journal journal, Checkpoint checkpoint, List<Problem> problems, int count, double heat) {
    SamplingOptions options = SamplingOptions.at(heat, draw.maxTokens());
    try (Bar bar = new Bar("evaluate", (long) problems.size() * count)) {
      return draw.solve(journal, checkpoint, problems, count, options, bar::advance);
    }
  }

  /**
   * Multiple choice by the letters' probabilities; macro is the mean over subjects (one per file).
   */
  private Map<String, Object> choose(
      Journal journal, Checkpoint checkpoint, List<Problem> problems) {
    List<LetterScorer.Choice> choices =
        LetterScorer.score(checkpoint, problems, draw.ops(), scorer(journal));
    Map<String, List<Boolean>> subjects = new TreeMap<>();
    for (int i = 0; i < problems.size(); i++) {
      subjects
          .computeIfAbsent(
              problems.get(i).id().replaceFirst("-[0-9]+$", ""), s -> new ArrayList<>())
          .add(choices.get(i).correct());
    }
    if (output != null) {
      PredictionFile.writeLetters(output.resolve(PREDICTIONS), problems, choices);
    }
    int correct = (int) choices.stream().filter(LetterScorer.Choice::correct).count();
    Interval micro = Wilson.interval(correct, problems.size(), 0.95);
    double macro =
        subjects.values().stream()
            .mapToDouble(s -> s.stream().filter(c -> c).count() / (double) s.size())
            .average()
            .orElse(Double.NaN);
    print("accuracy by letter", micro, problems.size() + " problems");
    System.out.printf(
        Locale.ROOT, "%-20s %.1f %% over %d subjects%n", "macro", 100 * macro, subjects.size());
    Map<String, Object> node = interval(micro);
    node.put("by", "letters");
    node.put("correct", correct);
    node.put("problems", problems.size());
    node.put("macro", macro);
    node.put("subjects", subjects.size());
    return node;
  }

  private Map<String, Object> solve(
      Journal journal, Checkpoint checkpoint, List<Problem> problems) {
    List<List<ProblemSampler.Solution>> solutions =
        draw(journal, checkpoint, problems, 1, temperature);
    int strict = 0;
    int flexible = 0;
    int degenerate = 0;
    for (List<ProblemSampler.Solution> own : solutions) {
      ProblemSampler.Solution s = own.get(0);
      strict += s.grade().correct() ? 1 : 0;
      flexible += s.grade().correctFlexible() ? 1 : 0;
      degenerate += Repetition.degenerate(s.sample(), s.text()) ? 1 : 0;
    }
    if (output != null) {
      PredictionFile.write(output.resolve(PREDICTIONS), problems, solutions);
    }
    Interval interval = Wilson.interval(strict, problems.size(), 0.95);
    print("accuracy", interval, problems.size() + " problems");
    Map<String, Object> node = interval(interval);
    node.put("correct", strict);
    node.put("correct_flexible", flexible);
    node.put("problems", problems.size());
    double perplexity = Evaluator.perplexity(checkpoint, problems, draw.ops(), scorer(journal));
    node.put("reference_perplexity", perplexity);
    node.put("repetition_rate", (double) degenerate / problems.size());
    System.out.printf(
        Locale.ROOT,
        "%-20s %.4f%n%-20s %.1f %%%n",
        "reference perplexity",
        perplexity,
        "degenerate answers",
        100.0 * degenerate / problems.size());
    if (votes > 0) {
      node.put("votes", vote(journal, checkpoint, problems));
    }
    return node;
  }

  /** maj@k and pass@k by k. */
  private Map<String, Object> vote(Journal journal, Checkpoint checkpoint, List<Problem> problems) {
    List<List<ProblemSampler.Solution>> drawn =
        draw(journal, checkpoint, problems, votes, votesTemperature);
    Votes counted = Votes.count(problems, drawn);
    Map<String, Object> byCount = new LinkedHashMap<>();
    List<Integer> counts = Votes.counts(votes);
    for (int i = 0; i < counts.size(); i++) {
      double majority = Arrays.stream(counted.solved()[i]).average().orElse(Double.NaN);
      double pass = Arrays.stream(counted.passed()[i]).average().orElse(Double.NaN);
      Map<String, Double> shares = new LinkedHashMap<>(); // of a fixed order in the file
      shares.put("maj", majority);
      shares.put("pass", pass);
      byCount.put(Integer.toString(counts.get(i)), shares);
      System.out.printf(
          Locale.ROOT,
          "%-20s maj@%d %.1f %%, pass@%d %.1f %%%n",
          i == 0 ? "votes" : "",
          counts.get(i),
          100 * majority,
          counts.get(i),
          100 * pass);
    }
    return byCount;
  }

  private static Map<String, Object> interval(Interval interval) {
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("estimate", interval.estimate());
    node.put("low", interval.low());
    node.put("high", interval.high());
    return node;
  }

  private static void print(String what, Interval i, String of) {
    System.out.printf(
        Locale.ROOT,
        "%-20s %.1f %%  (95 %% interval %.1f to %.1f, %s)%n",
        what,
        100 * i.estimate(),
        100 * i.low(),
        100 * i.high(),
        of);
  }
}
