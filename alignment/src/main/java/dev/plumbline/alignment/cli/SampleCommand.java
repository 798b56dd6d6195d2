package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.cli.option.DrawOptions;
import dev.plumbline.alignment.cli.option.Ranges;
import dev.plumbline.alignment.generate.CandidateFile;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline sample}. */
@Command(
    name = "sample",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Draws k solutions of each problem, grades them and writes candidate groups for aft-*.",
      "Problems are the files of GSM8K, SVAMP, AQuA, ECQA, MATH or MMLU as published, or those of 'plumbline problems';",
      "prompt and grading are their task's."
    })
final class SampleCommand implements Callable<Integer> {
  /** What decides the solutions. */
  private record Settings(
      String model,
      List<Problem> problems,
      int candidates,
      SamplingOptions options,
      long seed,
      OpMode ops) {}

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
  private Path model;

  @Option(names = "--data", required = true, paramLabel = "FILE", description = "Problems.")
  private Path data;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "JSONL of candidate groups.")
  private Path output;

  @Option(
      names = {"-k", "--candidates"},
      defaultValue = "6",
      description = "Solutions a problem (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      description = "Divides the logits (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-k",
      defaultValue = "0",
      description = "Keep the k most probable tokens; 0 = all.")
  private int topK;

  @Option(
      names = "--top-p",
      defaultValue = "1",
      description = "Keep the most probable tokens up to this share; 1 = all.")
  private double topP;

  @Option(
      names = "--limit",
      defaultValue = "0",
      description = "Take the first problems only; 0 = all.")
  private int limit;

  @Option(
      names = "--deduplicate",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "Keep the first of equal texts (default: ${DEFAULT-VALUE}).")
  private boolean deduplicate;

  @Mixin private final DrawOptions draw = new DrawOptions();

  @Override
  public Integer call() {
    Ranges.positive("candidates", candidates);
    SamplingOptions options =
        new SamplingOptions(draw.maxTokens(), temperature, topK, topP, List.of());
    List<Problem> problems = EvaluateCommand.first(ProblemFiles.read(data), limit);
    CandidateFile.Summary s;
    try (Journal journal = Journal.beside(output, data)) {
      List<List<ProblemSampler.Solution>> solutions = solutions(journal, problems, options);
      s = CandidateFile.write(output, problems, solutions, deduplicate);
      journal.finish();
    }
    System.out.printf(
        Locale.ROOT,
        "%d questions, %d solutions, %d correct (%.1f %%); %d candidates kept, %d questions have right and wrong ones; written to %s%n",
        s.questions(),
        s.sampled(),
        s.correct(),
        100.0 * s.correct() / s.sampled(),
        s.kept(),
        s.mixed(),
        output);
    return 0;
  }

  private List<List<ProblemSampler.Solution>> solutions(
      Journal journal, List<Problem> problems, SamplingOptions options) {
    try (Checkpoint checkpoint = Checkpoint.hashed(model, draw.frozen());
        Bar bar = new Bar("sample", (long) problems.size() * candidates)) {
      journal.resume(
          "sample",
          new Settings(
              ModelHash.identity(checkpoint),
              problems,
              candidates,
              options,
              draw.seed(),
              draw.ops()));
      return draw.solve(journal, checkpoint, problems, candidates, options, bar::advance);
    }
  }
}
