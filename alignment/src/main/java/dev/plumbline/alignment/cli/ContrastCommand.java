package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.cli.option.DrawOptions;
import dev.plumbline.alignment.cli.option.Ranges;
import dev.plumbline.alignment.criticaltokens.ContrastiveData;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.files.TrainingRows;
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

/** {@code plumbline contrast}. */
@Command(
    name = "contrast",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Draws many solutions of each problem and selects by how often an answer comes up (Lin et al. 2024):",
      "positive.jsonl, one solution with the most frequent right answer; negative.jsonl, one with each of the most",
      "frequent wrong answers that cover half of the wrong ones; pairs.jsonl, one of each."
    },
    footer = {
      "",
      "Example, up to weighted DPO:",
      "  plumbline contrast model=runs/vft data=train.jsonl output=runs/contrast",
      "  plumbline train model=runs/vft objective=vft data=runs/contrast/positive.jsonl output=runs/positive lora-rank=8 epochs=1",
      "  plumbline train model=runs/vft objective=vft data=runs/contrast/negative.jsonl output=runs/negative lora-rank=8 epochs=1",
      "  plumbline estimate positive=runs/positive negative=runs/negative data=runs/contrast/pairs.jsonl output=runs/weighted.jsonl",
      "  plumbline train model=runs/vft objective=critical-dpo data=runs/weighted.jsonl output=runs/critical-dpo lora-rank=16"
    })
final class ContrastCommand implements Callable<Integer> {
  private static final List<String> FILES =
      List.of("positive.jsonl", "negative.jsonl", "pairs.jsonl");

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
      paramLabel = "DIR",
      description = "Directory of the files.")
  private Path output;

  @Option(
      names = {"-k", "--candidates"},
      defaultValue = "64",
      description = "Solutions a problem (default: ${DEFAULT-VALUE}).")
  private int candidates;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      description =
          "Divides the logits; such that a question has about ten wrong answers (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-p",
      defaultValue = "0.95",
      description = "Keep the most probable tokens up to this share (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Option(
      names = "--limit",
      defaultValue = "0",
      description = "Take the first problems only; 0 = all.")
  private int limit;

  @Mixin private final DrawOptions draw = new DrawOptions();

  @Override
  public Integer call() {
    Ranges.positive("candidates", candidates);
    SamplingOptions options =
        new SamplingOptions(draw.maxTokens(), temperature, 0, topP, List.of());
    List<Problem> problems = EvaluateCommand.first(ProblemFiles.read(data), limit);
    try (Journal journal = Journal.inside(output, "contrast", FILES, model, data)) {
      List<List<ProblemSampler.Solution>> drawn = solutions(journal, problems, options);
      ContrastiveData selected = ContrastiveData.of(problems, drawn, draw.seed());
      if (selected.pairs().isEmpty()) {
        journal.finish(); // other options are what helps
        throw new UserError(
            "No question has both a right and a wrong answer among its "
                + candidates
                + " solutions; raise candidates or the temperature.");
      }
      TrainingRows.write(output.resolve(FILES.get(0)), selected.positive());
      TrainingRows.write(output.resolve(FILES.get(1)), selected.negative());
      TrainingRows.write(output.resolve(FILES.get(2)), selected.pairs());
      journal.finish();
      print(selected, drawn);
    }
    return 0;
  }

  private List<List<ProblemSampler.Solution>> solutions(
      Journal journal, List<Problem> problems, SamplingOptions options) {
    try (Checkpoint checkpoint = Checkpoint.hashed(model, draw.frozen());
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
        "%d questions, %d solutions: %d positive, %d negative, %d pairs; %.1f distinct wrong answers a question; written to %s%n",
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
