package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.cli.option.DrawOptions;
import dev.plumbline.alignment.criticaltokens.Replacement;
import dev.plumbline.alignment.criticaltokens.RolloutScores;
import dev.plumbline.alignment.criticaltokens.RolloutSearch;
import dev.plumbline.alignment.criticaltokens.TokenScoreFile;
import dev.plumbline.alignment.criticaltokens.Trajectory;
import dev.plumbline.alignment.criticaltokens.WrongSolutions;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline critical-tokens find}. */
@Command(
    name = "find",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Finds the critical token of wrong solutions by rollouts.",
      "The model continues the solution from each position many times (Lin et al. 2024). "
          + "The critical token is the first one after which no rollout is correct and no later "
          + "position recovers. The wrong solutions are the model's own, one per problem, or "
          + "those of candidates=FILE."
    },
    footer = {
      "",
      "Examples:",
      "  ./plumbline critical-tokens find model=runs/vft data=test.jsonl \\",
      "      output=runs/critical.jsonl limit=100",
      "  ./plumbline critical-tokens find model=runs/vft data=test.jsonl \\",
      "      output=runs/scores.jsonl every-position=true replace=true"
    })
final class FindCommand implements Callable<Integer> {
  /** Settings that decide the result. */
  private record Settings(
      String model,
      List<Problem> problems,
      Path candidates,
      int limit,
      RolloutSearch.Settings search,
      boolean replace,
      OpMode ops) {}

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "Problems; their answers grade the rollouts.")
  private Path data;

  @Option(
      names = "--candidates",
      paramLabel = "FILE",
      description =
          "Candidate groups of 'plumbline sample'; the first wrong ones are taken (default: draw one solution of each problem).")
  private Path candidates;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description =
          "JSONL: response_ids, tokens; correct and drawn rollouts by position (right, drawn); critical, an index or null.")
  private Path output;

  @Option(
      names = "--limit",
      defaultValue = "100",
      description = "Maximum number of wrong solutions; 0 = all (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = "--rollouts",
      defaultValue = "64",
      paramLabel = "N",
      description = "Rollouts per position (default: ${DEFAULT-VALUE}).")
  private int rollouts;

  @Option(
      names = "--lost",
      defaultValue = "0.05",
      paramLabel = "SHARE",
      description =
          "A position with at most this share of correct rollouts counts as lost (default: ${DEFAULT-VALUE}).")
  private double lost;

  @Option(
      names = "--every-position",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Score every position in full. Without it, only the positions that decide which token is critical, from the end; same answer (default: no).")
  private boolean everyPosition;

  @Option(
      names = "--patience",
      defaultValue = "0",
      paramLabel = "N",
      description =
          "Stop after N consecutive wrong rollouts (faster, approximate); 0 = always run all rollouts (default: ${DEFAULT-VALUE}).")
  private int patience;

  @Option(
      names = "--replace",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Also roll out with the critical token replaced by another one, and with a random token replaced as the control (default: no).")
  private boolean replace;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      description = "Sampling temperature for solutions and rollouts (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--top-p",
      defaultValue = "0.95",
      description = "Nucleus sampling of the rollouts; 1 = all tokens (default: ${DEFAULT-VALUE}).")
  private double topP;

  @Mixin private final DrawOptions draw = new DrawOptions();

  @Override
  public Integer call() {
    Ranges.positive("rollouts", rollouts);
    if (!(lost >= 0 && lost < 1)) {
      throw new UserError("lost must be >= 0 and < 1, but is " + lost + ".");
    }
    List<Problem> problems = ProblemFiles.read(data);
    long start = System.nanoTime();
    RolloutSearch.Settings settings =
        new RolloutSearch.Settings(
            rollouts,
            lost,
            new SamplingOptions(draw.maxTokens(), temperature, 0, topP, List.of()),
            everyPosition,
            patience,
            draw.seed());
    try (Journal journal = Journal.beside(output, data, candidates);
        Checkpoint checkpoint = Checkpoint.hashed(model, draw.frozen())) {
      String identity = ModelHash.identity(checkpoint);
      journal.resume(
          "critical-tokens find",
          new Settings(identity, problems, candidates, limit, settings, replace, draw.ops()));
      List<Trajectory> wrong = wrong(journal, checkpoint, problems);
      if (wrong.isEmpty()) {
        journal.finish(); // the user has to change an option
        throw new UserError("Every solution is correct, so there is no critical token to find.");
      }
      try (RolloutSearch search = new RolloutSearch(checkpoint, settings, draw.ops(), journal)) {
        List<RolloutScores> scores;
        try (Bar bar = new Bar("find", wrong.size())) {
          scores = search.search(wrong, bar::advance);
        }
        Replacement replacement = replace ? replacement(search, wrong, scores) : null;
        List<TokenScoreFile.Found> found = found(wrong, scores, replacement);
        TokenScoreFile.write(output, found, checkpoint.tokenizer());
        journal.finish();
        print(found, replacement, (System.nanoTime() - start) / 1e9);
      }
    }
    return 0;
  }

  private List<Trajectory> wrong(Journal journal, Checkpoint checkpoint, List<Problem> problems) {
    if (candidates != null) {
      return WrongSolutions.ofCandidates(
          TrainingRows.read(candidates), problems, checkpoint.tokenizer(), limit);
    }
    SamplingOptions options = SamplingOptions.at(temperature, draw.maxTokens());
    List<List<ProblemSampler.Solution>> drawn;
    try (Bar bar = new Bar("solve", problems.size())) {
      drawn = draw.solve(journal, checkpoint, problems, 1, options, bar::advance);
    }
    return WrongSolutions.of(problems, drawn, checkpoint.tokenizer(), limit);
  }

  private Replacement replacement(
      RolloutSearch search, List<Trajectory> wrong, List<RolloutScores> scores) {
    long with = scores.stream().filter(s -> s.critical(lost).isPresent()).count();
    try (Bar bar = new Bar("replace", 2 * with * rollouts)) {
      return Replacement.of(search, wrong, scores, lost, draw.seed(), bar::advance);
    }
  }

  private List<TokenScoreFile.Found> found(
      List<Trajectory> wrong, List<RolloutScores> scores, Replacement replacement) {
    List<TokenScoreFile.Found> all = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < wrong.size(); i++) {
      OptionalInt critical = scores.get(i).critical(lost);
      boolean replaced = replacement != null && critical.isPresent();
      all.add(
          new TokenScoreFile.Found(
              wrong.get(i),
              scores.get(i),
              critical,
              replaced ? replacement.without().get(next).totalRight() : -1,
              replaced ? replacement.control()[next] : -1,
              replaced ? replacement.controlled().get(next).totalRight() : -1));
      next += replaced ? 1 : 0;
    }
    return all;
  }

  private void print(List<TokenScoreFile.Found> all, Replacement replacement, double seconds) {
    long critical = all.stream().filter(f -> f.critical().isPresent()).count();
    long positions = all.stream().mapToLong(f -> f.scores().right().length).sum();
    long drawn = all.stream().mapToLong(f -> f.scores().total()).sum();
    System.out.printf(
        Locale.ROOT,
        "%d wrong solutions, %d with a critical token; %d rollouts instead of %d for all %d positions; %.0f s; written to %s%n",
        all.size(),
        critical,
        drawn,
        positions * rollouts,
        positions,
        seconds,
        output);
    if (replacement != null) {
      for (int k = 1; k <= rollouts; k *= 4) {
        System.out.printf(
            Locale.ROOT,
            "pass@%-3d with the critical token %.1f %%, with it replaced %.1f %%, with a random other token replaced %.1f %%%n",
            k,
            mean(replacement.passAtK(replacement.with(), k)),
            mean(replacement.passAtK(Replacement.right(replacement.without()), k)),
            mean(replacement.passAtK(Replacement.right(replacement.controlled()), k)));
      }
    }
  }

  private static double mean(double[] shares) {
    return 100 * Arrays.stream(shares).average().orElse(Double.NaN);
  }
}
