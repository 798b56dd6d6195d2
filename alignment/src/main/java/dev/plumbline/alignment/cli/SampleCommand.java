package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.cli.option.DrawOptions;
import dev.plumbline.alignment.cli.option.ProblemsOption;
import dev.plumbline.alignment.cli.option.TopOptions;
import dev.plumbline.alignment.generate.CandidateFile;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.Ranges;
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
      "Samples k solutions of each problem, graded, as candidate groups.",
      "The prompt and the grader are those of the problem's task. Objectives that read candidates train on the output."
    })
final class SampleCommand implements Callable<Integer> {
  /** Settings that decide the solutions. */
  private record Settings(
      String model,
      List<Problem> problems,
      int candidates,
      SamplingOptions options,
      long seed,
      OpMode ops) {}

  @Mixin private final ProblemsOption input = new ProblemsOption();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "JSONL of candidate groups.")
  private Path output;

  @Option(
      names = {"-k", "--candidates"},
      defaultValue = "6",
      description = "Solutions per problem (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      description = "Sampling temperature (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Mixin private final TopOptions top = new TopOptions();

  @Option(
      names = "--deduplicate",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Drop solutions with the same text as an earlier one (default: ${DEFAULT-VALUE}).")
  private boolean deduplicate;

  @Mixin private final DrawOptions draw = new DrawOptions();

  @Override
  public Integer call() {
    Ranges.positive("candidates", candidates);
    SamplingOptions options =
        new SamplingOptions(draw.maxTokens(), temperature, top.topK(), top.topP(), List.of());
    List<Problem> problems = input.read();
    CandidateFile.Summary s;
    try (Journal journal = Journal.beside(output, input.data())) {
      List<List<ProblemSampler.Solution>> solutions = solutions(journal, problems, options);
      s = CandidateFile.write(output, problems, solutions, deduplicate);
      journal.finish();
    }
    System.out.printf(
        Locale.ROOT,
        "%d problems, %d solutions, %d correct (%.1f %%); %d candidates kept; %d problems have correct and wrong ones; written to %s%n",
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
    try (Checkpoint checkpoint = Checkpoint.hashed(input.model(), draw.frozen());
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
