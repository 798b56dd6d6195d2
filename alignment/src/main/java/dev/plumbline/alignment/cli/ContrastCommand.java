package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.cli.option.DrawOptions;
import dev.plumbline.alignment.cli.option.ProblemsOption;
import dev.plumbline.alignment.criticaltokens.ContrastiveData;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.data.UserError;
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

/** {@code plumbline critical-tokens contrast}. */
@Command(
    name = "contrast",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Selects positive and negative solutions for contrastive estimation.",
      "Draws many solutions of each problem and selects by answer frequency (Lin et al. "
          + "2024). The negative solutions have the most frequent wrong answers, up to half of "
          + "the wrong solutions. Writes:",
      "  positive.jsonl  one solution with the most frequent correct answer each",
      "  negative.jsonl  one solution for each of the most frequent wrong answers",
      "  pairs.jsonl     one of each: chosen and rejected"
    },
    footer = {
      "",
      "Example ('plumbline critical-tokens --help' shows all steps):",
      "  ./plumbline critical-tokens contrast model=runs/vft data=train.jsonl \\",
      "      output=runs/contrast"
    })
final class ContrastCommand implements Callable<Integer> {
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
      paramLabel = "DIR",
      description = "Directory of the three files.")
  private Path output;

  @Option(
      names = {"-k", "--candidates"},
      defaultValue = "64",
      description = "Solutions per problem (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      description =
          "Sampling temperature; choose it so that a problem has about ten distinct wrong answers (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-p",
      defaultValue = "0.95",
      description =
          "Nucleus sampling: keep the most probable tokens up to this total probability (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Mixin private final DrawOptions draw = new DrawOptions();

  @Override
  public Integer call() {
    Ranges.positive("candidates", candidates);
    SamplingOptions options =
        new SamplingOptions(draw.maxTokens(), temperature, 0, topP, List.of());
    List<Problem> problems = input.read();
    try (Journal journal =
        Journal.inside(output, "contrast", ContrastiveData.FILES, input.model(), input.data())) {
      List<List<ProblemSampler.Solution>> drawn = solutions(journal, problems, options);
      ContrastiveData selected = ContrastiveData.of(problems, drawn, draw.seed());
      if (selected.pairs().isEmpty()) {
        journal.finish(); // the user has to change an option
        throw new UserError(
            "No problem has both a correct and a wrong answer among its "
                + candidates
                + " solutions; raise candidates or the temperature.");
      }
      selected.write(output);
      journal.finish();
      print(selected, drawn);
    }
    return 0;
  }

  private List<List<ProblemSampler.Solution>> solutions(
      Journal journal, List<Problem> problems, SamplingOptions options) {
    try (Checkpoint checkpoint = Checkpoint.hashed(input.model(), draw.frozen());
        Bar bar = new Bar("contrast", (long) problems.size() * candidates)) {
      String identity = ModelHash.identity(checkpoint);
      journal.resume(
          "contrast",
          new Settings(identity, problems, candidates, options, draw.seed(), draw.ops()));
      return draw.solve(journal, checkpoint, problems, candidates, options, bar::advance);
    }
  }

  private void print(ContrastiveData selected, List<List<ProblemSampler.Solution>> drawn) {
    System.out.printf(
        Locale.ROOT,
        "%d problems, %d solutions: %d positive, %d negative, %d pairs; %.1f distinct wrong answers per problem; written to %s%n",
        drawn.size(),
        drawn.size() * candidates,
        selected.positive().size(),
        selected.negative().size(),
        selected.pairs().size(),
        wrongAnswers(drawn),
        output);
  }

  private static double wrongAnswers(List<List<ProblemSampler.Solution>> drawn) {
    return drawn.stream()
        .mapToLong(
            own ->
                own.stream()
                    .filter(s -> !s.grade().correct() && s.grade().extracted() != null)
                    .map(s -> s.grade().extracted())
                    .distinct()
                    .count())
        .average()
        .orElse(Double.NaN);
  }
}
