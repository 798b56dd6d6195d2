package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.BatchOptions;
import dev.plumbline.alignment.cli.option.ObjectiveOptions;
import dev.plumbline.alignment.cli.option.OpsOption;
import dev.plumbline.alignment.cli.option.ReferenceCacheOption;
import dev.plumbline.alignment.cli.option.TrainingBar;
import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.alignment.train.Snapshots;
import dev.plumbline.alignment.train.TrainSettings;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.optim.Schedule;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.checkpoint.Lora;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code plumbline train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = ObjectiveOptions.class,
    description = {
      "Fine-tunes or aligns a model and writes a Hugging Face directory.",
      "If interrupted, run the same command again to resume; the result has the same bytes."
    },
    footer = {
      "",
      "Examples:",
      "  ./plumbline train model=MODEL objective=vft data=train.jsonl \\",
      "      output=runs/vft epochs=3",
      "  ./plumbline train model=runs/vft objective=aft-bc data=candidates.jsonl \\",
      "      output=runs/aft epochs=1"
    })
public final class TrainCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the starting model.")
  private Path model;

  @Option(
      names = "--reference",
      paramLabel = "DIR",
      description = "Frozen reference model (default: the starting model).")
  private Path reference;

  @Option(
      names = "--objective",
      required = true,
      paramLabel = "NAME",
      description = ObjectiveOptions.DESCRIPTION)
  private String objective;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description =
          "JSONL rows: candidates or pairs; for vft also completions and GSM8K's own files.")
  private Path data;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description =
          "Directory for the model or adapter, metrics.jsonl (also metrics.csv and TensorBoard events), run.json, data.json, result.json.")
  private Path output;

  @Option(
      names = "--steps",
      defaultValue = "0",
      description = "Number of optimiser steps; 0 = from epochs.")
  private long steps;

  @Option(
      names = "--epochs",
      defaultValue = "3",
      description = "Passes over the data (default: ${DEFAULT-VALUE}).")
  private double epochs;

  @Mixin private final BatchOptions batch = new BatchOptions();

  @Option(
      names = "--learning-rate",
      defaultValue = "2e-5",
      description = "Peak learning rate (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--schedule",
      defaultValue = "cosine",
      description =
          "Learning rate schedule: constant, linear or cosine (default: ${DEFAULT-VALUE}).")
  private Schedule schedule;

  @Option(
      names = "--warmup-ratio",
      defaultValue = "0.03",
      description = "Share of the steps for linear warm-up (default: ${DEFAULT-VALUE}).")
  private double warmupRatio;

  @Option(
      names = "--weight-decay",
      defaultValue = "0",
      description = "Decoupled weight decay (default: ${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--max-grad-norm",
      defaultValue = "1",
      description = "Maximum global gradient norm; 0 = no clipping (default: ${DEFAULT-VALUE}).")
  private double maxGradNorm;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description =
          "Seed of the data order, of a new adapter and of dropout (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--shuffle",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Shuffle the rows in each epoch (default: ${DEFAULT-VALUE}).")
  private boolean shuffle;

  @Option(
      names = "--max-length",
      defaultValue = "0",
      description = "Leave out rows with longer sequences, in tokens; 0 = the model's limit.")
  private int maxLength;

  @Option(
      names = "--save-every",
      defaultValue = "200",
      description = "Steps between resumable states (default: ${DEFAULT-VALUE}).")
  private int saveEvery;

  @Option(
      names = "--snapshots",
      defaultValue = "0",
      description =
          "Number of evenly spaced models to keep in OUTPUT/snapshots (default: ${DEFAULT-VALUE}).")
  private int snapshots;

  @Option(
      names = "--keep",
      defaultValue = "0",
      paramLabel = "N",
      description = "Keep only the N best snapshots by keep-by; 0 = all.")
  private int keep;

  @Option(
      names = "--keep-by",
      defaultValue = "loss",
      paramLabel = "METRIC",
      description =
          "Metric of metrics.jsonl, averaged since the previous snapshot (default: ${DEFAULT-VALUE}).")
  private String keepBy;

  @Option(
      names = "--lora-rank",
      defaultValue = "0",
      paramLabel = "R",
      description =
          "Rank of a LoRA adapter to train instead of the weights; 0 = train the weights (default: ${DEFAULT-VALUE}).")
  private int loraRank;

  @Option(
      names = "--lora-alpha",
      paramLabel = "A",
      description = "LoRA alpha; the update is scaled by alpha / rank (default: twice the rank).")
  private Double loraAlpha;

  @Option(
      names = "--lora-dropout",
      defaultValue = "0",
      paramLabel = "P",
      description = "Dropout probability of the adapter inputs (default: ${DEFAULT-VALUE}).")
  private double loraDropout;

  @Option(
      names = "--lora-targets",
      split = ",",
      paramLabel = "LAYER",
      description =
          "Linear layers with an adapter, such as q_proj,v_proj (default: all linear layers of every block).")
  private List<String> loraTargets;

  @Option(
      names = "--use-rslora",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Rank-stabilised LoRA: scale the update by alpha / sqrt(rank) (default: ${DEFAULT-VALUE}).")
  private boolean useRslora;

  @Option(
      names = "--use-dora",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "DoRA: train magnitude and direction of the weights separately; needs lora-dropout=0 (default: ${DEFAULT-VALUE}).")
  private boolean useDora;

  @Option(
      names = "--activation-checkpointing",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Store only the input of each layer and recompute the layer in the backward pass: less memory, a third more time, same result (default: ${DEFAULT-VALUE}).")
  private boolean activationCheckpointing;

  @Mixin private final OpsOption ops = new OpsOption();

  @Option(
      names = "--dtype",
      defaultValue = "F32",
      description =
          "Data type of the written weights: F32, BF16 or F16 (default: ${DEFAULT-VALUE}).")
  private Dtype dtype;

  @Spec private CommandSpec spec;

  @Mixin private final ReferenceCacheOption referenceCache = new ReferenceCacheOption();

  @Override
  public Integer call() {
    batch.check();
    Ranges.positive("save-every", saveEvery);
    Ranges.weights("dtype", dtype);
    Ranges.atLeastZero("snapshots", snapshots);
    Ranges.atLeastZero("keep", keep);
    if (keep > 0 && snapshots == 0) {
      throw new UserError("keep is " + keep + ", but snapshots is 0: there is nothing to keep.");
    }
    Ranges.atLeastZero("steps", steps);
    Ranges.atLeastZero("max-length", maxLength);
    Ranges.atLeastZero("lora-rank", loraRank);
    Ranges.atLeastZero("learning-rate", learningRate);
    Ranges.atLeastZero("weight-decay", weightDecay);
    Ranges.atLeastZero("max-grad-norm", maxGradNorm);
    Ranges.share("warmup-ratio", warmupRatio);
    if (steps == 0 && !(epochs > 0)) {
      throw new UserError(
          "steps is " + steps + " and epochs is " + epochs + "; one of them must be above 0.");
    }
    TrainingBar.run(settings(), System.out);
    return 0;
  }

  /** What does not matter has its default, so that it is no part of the run's identity. */
  private Snapshots kept() {
    if (snapshots == 0) {
      return Snapshots.NONE;
    }
    return keep == 0 ? Snapshots.all(snapshots) : new Snapshots(snapshots, keep, keepBy);
  }

  private TrainSettings settings() {
    return new TrainSettings(
        new TrainSettings.From(model, reference == null ? model : reference, lora()),
        Objectives.of(objective, ObjectiveOptions.values(spec)),
        new TrainSettings.Rows(data, maxLength, shuffle, seed),
        new TrainSettings.Budget(steps, epochs, batch.batchSize(), batch.accumulate()),
        new TrainSettings.Optimiser(learningRate, schedule, warmupRatio, weightDecay, maxGradNorm),
        new TrainSettings.Output(output, dtype, saveEvery, kept()),
        new TrainSettings.Execution(
            ops.mode(), activationCheckpointing, referenceCache.directory()));
  }

  private Lora.Settings lora() {
    if (loraRank == 0) {
      if (loraAlpha != null || loraTargets != null || loraDropout != 0 || useRslora || useDora) {
        throw new UserError(
            "An adapter option was given, but lora-rank is 0, which trains the weights; give for example lora-rank=8.");
      }
      return null;
    }
    return new Lora.Settings(
        loraRank,
        loraAlpha == null ? 2.0 * loraRank : loraAlpha,
        loraDropout,
        loraTargets == null ? Lora.ALL : loraTargets,
        useRslora,
        useDora);
  }
}
