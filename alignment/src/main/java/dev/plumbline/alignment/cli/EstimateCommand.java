package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.cli.option.OpsOption;
import dev.plumbline.alignment.criticaltokens.ContrastiveEstimator;
import dev.plumbline.alignment.criticaltokens.TokenWeights;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.row.TrainingRow;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline critical-tokens estimate}. */
@Command(
    name = "estimate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Estimates critical tokens by contrasting two models.",
      "s_t = softmax((1 + beta) z+ - beta z-)[y_t], with z+ the logits of a model trained "
          + "on correct solutions and z- those of a model trained on wrong ones (Lin et al. "
          + "2024). Adds to each pair rejected_weights, 1 - s_t, and chosen_weights, s_t, which "
          + "critical-dpo reads."
    },
    footer = {
      "",
      "Example:",
      "  ./plumbline critical-tokens estimate positive=runs/positive \\",
      "      negative=runs/negative data=pairs.jsonl output=weighted.jsonl"
    })
final class EstimateCommand implements Callable<Integer> {
  /** Settings that decide the weights. */
  private record Settings(String models, Path data, double beta, double plausible, OpMode ops) {}

  @Option(
      names = "--positive",
      required = true,
      paramLabel = "DIR",
      description = "Model or adapter that was trained on correct solutions.")
  private Path positive;

  @Option(
      names = "--negative",
      required = true,
      paramLabel = "DIR",
      description = "Model or adapter that was trained on wrong solutions.")
  private Path negative;

  @Option(names = "--data", required = true, paramLabel = "FILE", description = "JSONL pairs.")
  private Path data;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "JSONL: the pairs as token ids, with their weights.")
  private Path output;

  @Option(
      names = "--beta",
      defaultValue = "1",
      description =
          "Weight of the negative model: (1 + beta) z+ - beta z- (default: ${DEFAULT-VALUE}).")
  private double beta;

  @Option(
      names = "--plausible",
      defaultValue = "0",
      paramLabel = "SHARE",
      description =
          "Plausibility mask: leave out tokens below this share of the positive model's largest probability; 0 = off (default: ${DEFAULT-VALUE}).")
  private double plausible;

  @Mixin private final OpsOption ops = new OpsOption();

  @Override
  public Integer call() {
    List<PreferencePair> pairs = new ArrayList<>();
    for (TrainingRow row : TrainingRows.read(data)) {
      if (!(row instanceof PreferencePair pair)) {
        throw new UserError(
            "Row "
                + (pairs.size() + 1)
                + " of "
                + data
                + " must be a pair with 'prompt', 'chosen' and 'rejected', but is not.");
      }
      pairs.add(pair);
    }
    boolean frozen = ops.frozen();
    List<PreferencePair> weighted;
    try (Journal journal = Journal.beside(output, data)) { // tried before the models are read
      Checkpoint.checkSameTokens(positive, negative);
      weighted = weighted(pairs, journal, frozen);
      TrainingRows.write(output, weighted);
      journal.finish();
    }
    System.out.printf(
        Locale.ROOT,
        "%d pairs; mean weight of a rejected token %.3f, of a chosen one in critical-dpo-both %.3f; written to %s%n",
        weighted.size(),
        mean(weighted.stream().map(PreferencePair::rejectedWeights).toList()),
        mean(weighted.stream().map(PreferencePair::chosenWeights).toList()),
        output);
    return 0;
  }

  private List<PreferencePair> weighted(
      List<PreferencePair> pairs, Journal journal, boolean frozen) {
    try (Checkpoint plus = Checkpoint.hashed(positive, frozen);
        Checkpoint minus = Checkpoint.hashed(negative, frozen);
        ContrastiveEstimator estimator =
            new ContrastiveEstimator(plus, minus, beta, plausible, ops.mode());
        Bar bar = new Bar("estimate", pairs.size())) {
      String models = ModelHash.identity(plus) + ModelHash.identity(minus);
      journal.resume("estimate", new Settings(models, data, beta, plausible, ops.mode()));
      return new TokenWeights(estimator, new RowEncoder(plus.tokenizer()))
          .of(pairs, journal, bar::advance);
    }
  }

  private static double mean(List<float[]> weights) {
    double sum = 0;
    long n = 0;
    for (float[] own : weights) {
      for (float w : own) {
        sum += w;
        n++;
      }
    }
    return sum / n;
  }
}
