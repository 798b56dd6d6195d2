package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.evaluate.Assessor;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.evaluate.LetterScorer;
import dev.plumbline.alignment.evaluate.Votes;
import dev.plumbline.alignment.sample.ProblemSampler;
import dev.plumbline.alignment.sample.Repetition;
import dev.plumbline.alignment.train.RunFiles;
import dev.plumbline.data.Jsonl;
import dev.plumbline.data.Problem;
import dev.plumbline.data.ProblemFiles;
import dev.plumbline.data.Task;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.statistics.Interval;
import dev.plumbline.tensor.statistics.Statistics;
import dev.plumbline.transformer.Checkpoint;
import dev.plumbline.transformer.SamplingOptions;
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
      "Accuracy of greedy (or sampled) solutions on problems, with Wilson intervals, the perplexity of the reference",
      "solutions and the share of degenerate answers; with --votes maj@k and pass@k; with --candidates the assessment",
      "accuracy: how often right candidates score above wrong ones."
    })
final class EvaluateCommand implements Callable<Integer> {
  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
  private Path model;

  @Option(names = "--data", paramLabel = "FILE", description = "Problems to solve.")
  private Path data;

  @Option(names = "--candidates", paramLabel = "FILE", description = "Candidate groups to assess.")
  private Path candidates;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Write result.json and predictions.jsonl there.")
  private Path output;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      description = "0 = greedy (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--letters",
      arity = "0..1",
      fallbackValue = "true",
      description =
          "Multiple choice by the letter of the highest probability after \"Answer:\", without reasoning (default: for MMLU).")
  private Boolean letters;

  @Option(
      names = "--votes",
      defaultValue = "0",
      paramLabel = "N",
      description = "Draw N more solutions a problem for maj@k and pass@k; 0 = none.")
  private int votes;

  @Option(
      names = "--votes-temperature",
      defaultValue = "0.7",
      description = "Temperature of those (default: ${DEFAULT-VALUE}).")
  private double votesTemperature;

  @Option(
      names = "--limit",
      defaultValue = "0",
      description = "Take the first problems only; 0 = all.")
  private int limit;

  @Mixin private final DrawOptions draw = new DrawOptions();

  static List<Problem> first(List<Problem> problems, int limit) {
    return limit > 0 && limit < problems.size() ? problems.subList(0, limit) : problems;
  }

  @Override
  public Integer call() {
    if (data == null && candidates == null) {
      throw new UserError(
          "Give --data to solve problems, --candidates to assess candidates, or both.");
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("model", model.toString());
    try (Checkpoint checkpoint = Checkpoint.frozen(model, draw.ops())) {
      if (data != null) {
        List<Problem> problems = first(ProblemFiles.read(data), limit);
        boolean mmlu = problems.stream().allMatch(p -> p.task() == Task.MMLU);
        result.put(
            "accuracy",
            (letters == null ? mmlu : letters)
                ? choose(checkpoint, problems)
                : solve(checkpoint, problems));
      }
      if (candidates != null) {
        Assessment assessment = Assessor.assess(checkpoint, candidates, draw.ops());
        Map<String, Object> node = interval(assessment.micro());
        node.put("macro", assessment.macro());
        node.put("pairs", assessment.totalPairs());
        node.put("questions", assessment.questions());
        result.put("assessment_accuracy", node);
        print("assessment accuracy", assessment.micro(), assessment.totalPairs() + " pairs");
      }
    }
    if (output != null) {
      RunFiles.writeJson(output.resolve("result.json"), result);
    }
    return 0;
  }

  /** Multiple choice by the letters' probabilities; macro is the mean over subjects, one a file. */
  private Map<String, Object> choose(Checkpoint checkpoint, List<Problem> problems) {
    List<LetterScorer.Choice> choices = LetterScorer.score(checkpoint, problems, draw.ops());
    Map<String, List<Boolean>> subjects = new TreeMap<>();
    List<ObjectNode> rows = new ArrayList<>();
    for (int i = 0; i < problems.size(); i++) {
      Problem p = problems.get(i);
      LetterScorer.Choice choice = choices.get(i);
      subjects
          .computeIfAbsent(p.id().replaceFirst("-[0-9]+$", ""), s -> new ArrayList<>())
          .add(choice.correct());
      ObjectNode row = Jsonl.mapper().createObjectNode();
      row.put("id", p.id());
      row.put("question", p.question());
      row.put("answer", p.answer());
      row.put("response", "The answer is " + choice.letter());
      row.put("correct", choice.correct());
      row.set("logps", Jsonl.mapper().valueToTree(choice.logProbs()));
      rows.add(row);
    }
    if (output != null) {
      Jsonl.write(output.resolve("predictions.jsonl"), rows);
    }
    int correct = (int) choices.stream().filter(LetterScorer.Choice::correct).count();
    Interval micro = Statistics.wilson(correct, problems.size(), 0.95);
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

  private Map<String, Object> solve(Checkpoint checkpoint, List<Problem> problems) {
    List<List<ProblemSampler.Solution>> solutions;
    try (Bar bar = new Bar("evaluate", problems.size())) {
      solutions =
          ProblemSampler.solve(
              checkpoint,
              problems,
              1,
              new SamplingOptions(draw.maxTokens(), temperature, 0, 1, List.of()),
              draw.seed(),
              draw.ops(),
              bar::advance);
    }
    int strict = 0;
    int flexible = 0;
    int degenerate = 0;
    List<ObjectNode> rows = new ArrayList<>();
    for (int i = 0; i < problems.size(); i++) {
      ProblemSampler.Solution s = solutions.get(i).get(0);
      strict += s.grade().correct() ? 1 : 0;
      flexible += s.grade().correctFlexible() ? 1 : 0;
      degenerate += Repetition.degenerate(s.sample(), s.text()) ? 1 : 0;
      ObjectNode row = Jsonl.mapper().createObjectNode();
      row.put("id", problems.get(i).id());
      row.put("question", problems.get(i).question());
      row.put("answer", problems.get(i).solution());
      row.put("response", s.text());
      row.put("correct", s.grade().correct());
      row.put("extracted", s.grade().extracted());
      row.put("finish_reason", s.sample().reason().name().toLowerCase(Locale.ROOT));
      rows.add(row);
    }
    if (output != null) {
      Jsonl.write(output.resolve("predictions.jsonl"), rows);
    }
    Interval interval = Statistics.wilson(strict, problems.size(), 0.95);
    print("accuracy", interval, problems.size() + " problems");
    Map<String, Object> node = interval(interval);
    node.put("correct", strict);
    node.put("correct_flexible", flexible);
    node.put("problems", problems.size());
    double perplexity = Evaluator.perplexity(checkpoint, problems, draw.ops());
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
      node.put("votes", vote(checkpoint, problems));
    }
    return node;
  }

  /** maj@k and pass@k by k. */
  private Map<String, Object> vote(Checkpoint checkpoint, List<Problem> problems) {
    List<List<ProblemSampler.Solution>> drawn;
    try (Bar bar = new Bar("votes", (long) problems.size() * votes)) {
      drawn =
          ProblemSampler.solve(
              checkpoint,
              problems,
              votes,
              SamplingOptions.at(votesTemperature, draw.maxTokens()),
              draw.seed(),
              draw.ops(),
              bar::advance);
    }
    Votes counted = Votes.count(problems, drawn);
    Map<String, Object> byCount = new LinkedHashMap<>();
    List<Integer> counts = Votes.counts(votes);
    for (int i = 0; i < counts.size(); i++) {
      double majority = Arrays.stream(counted.solved()[i]).average().orElse(Double.NaN);
      double pass = Arrays.stream(counted.passed()[i]).average().orElse(Double.NaN);
      byCount.put(Integer.toString(counts.get(i)), Map.of("maj", majority, "pass", pass));
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
