package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.ObjectiveOptions;
import dev.plumbline.alignment.cli.option.Ranges;
import dev.plumbline.alignment.cli.option.ReferenceCacheOption;
import dev.plumbline.alignment.cli.option.TrainingBar;
import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.alignment.train.Snapshots;
import dev.plumbline.alignment.train.TrainSettings;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.ops.OpMode;
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
      "Fine-tunes or aligns a model and writes the result as a Hugging Face directory.",
      "A run that was interrupted continues from its last state when the same command is given again."
    },
    footer = {
      "",
      "Examples:",
      "  plumbline train --config configs/vft.yaml output=runs/vft",
      "  plumbline train model=runs/vft objective=aft-bc data=candidates.jsonl output=runs/aft epochs=1"
    })
final class TrainCommand implements Callable<Integer> {
  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Starting model.")
  private Path model;

  @Option(
      names = "--reference",
      paramLabel = "DIR",
      description = "Frozen reference model of dpo*; default: the starting model.")
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
      description = "JSONL rows: candidates or pairs; any for vft (GSM8K's own files too).")
  private Path data;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description =
          "Result: model or adapter, metrics.jsonl (also as metrics.csv and TensorBoard events), run.json, data.json, result.json.")
  private Path output;

  @Option(
      names = "--steps",
      defaultValue = "0",
      description = "Optimiser steps; 0 = as epochs says.")
  private long steps;

  @Option(
      names = "--epochs",
      defaultValue = "3",
      description = "Passes over the data (default: ${DEFAULT-VALUE}).")
  private double epochs;

  @Option(
      names = "--batch-size",
      defaultValue = "16",
      description = "Questions or pairs of one forward pass (default: ${DEFAULT-VALUE}).")
  private int batchSize;

  @Option(
      names = "--accumulate",
      defaultValue = "1",
      description = "Forward passes of one step (default: ${DEFAULT-VALUE}).")
  private int accumulate;

  @Option(
      names = "--learning-rate",
      defaultValue = "2e-5",
      description = "Peak rate (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--schedule",
      defaultValue = "cosine",
      description = "constant, linear or cosine (default: ${DEFAULT-VALUE}).")
  private Schedule schedule;

  @Option(
      names = "--warmup-ratio",
      defaultValue = "0.03",
      description = "Share of the steps with a rising rate (default: ${DEFAULT-VALUE}).")
  private double warmupRatio;

  @Option(
      names = "--weight-decay",
      defaultValue = "0",
      description = "Decoupled decay (default: ${DEFAULT-VALUE}).")
  private double weightDecay;

  @Option(
      names = "--max-grad-norm",
      defaultValue = "1",
      description = "Clip the global gradient norm; 0 = off (default: ${DEFAULT-VALUE}).")
  private double maxGradNorm;

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Seed of the data's order (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--shuffle",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      description = "A new order each epoch (default: ${DEFAULT-VALUE}).")
  private boolean shuffle;

  @Option(
      names = "--max-length",
      defaultValue = "0",
      description = "Leave out longer rows; 0 = the model's limit.")
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
          "Models to keep along the run, evenly spaced, in snapshots/ of the output (default: ${DEFAULT-VALUE}).")
  private int snapshots;

  @Option(
      names = "--keep",
      defaultValue = "0",
      paramLabel = "N",
      description = "Keep only so many of the snapshots, the best by --keep-by; 0 = all.")
  private int keep;

  @Option(
      names = "--keep-by",
      defaultValue = "loss",
      paramLabel = "METRIC",
      description =
          "A metric of metrics.jsonl, averaged since the snapshot before (default: ${DEFAULT-VALUE}).")
  private String keepBy;

  @Option(
      names = "--lora-rank",
      defaultValue = "0",
      paramLabel = "R",
      description =
          "Train a low-rank adapter of this rank in place of the weights; 0 = the weights (default: ${DEFAULT-VALUE}).")
  private int loraRank;

  @Option(
      names = "--lora-alpha",
      paramLabel = "A",
      description = "The adapter counts alpha / rank times (default: twice the rank).")
  private Double loraAlpha;

  @Option(
      names = "--lora-dropout",
      defaultValue = "0",
      paramLabel = "P",
      description =
          "Share of the adapters' inputs that a step leaves out (default: ${DEFAULT-VALUE}).")
  private double loraDropout;

  @Option(
      names = "--lora-targets",
      split = ",",
      paramLabel = "LAYER",
      description =
          "Linear layers that get an adapter, such as q_proj,v_proj (default: all of every block).")
  private List<String> loraTargets;

  @Option(
      names = "--use-rslora",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description =
          "Rank-stabilised LoRA: scale the update by alpha / sqrt(rank) in place of alpha / rank (default: ${DEFAULT-VALUE}).")
  private boolean useRslora;

  @Option(
      names = "--use-dora",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description =
          "DoRA: train the length of every weight row apart from its direction; without dropout (default: ${DEFAULT-VALUE}).")
  private boolean useDora;

  @Option(
      names = "--activation-checkpointing",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      description =
          "Keep of each layer its input only and compute it again in the backward pass: less memory, a third more work, the same result (default: ${DEFAULT-VALUE}).")
  private boolean activationCheckpointing;

  @Option(
      names = "--ops",
      defaultValue = "fused",
      description = "fused or composed operations (default: ${DEFAULT-VALUE}).")
  private OpMode ops;

  @Option(
      names = "--dtype",
      defaultValue = "F32",
      description = "Type of the written weights: F32, BF16 or F16 (default: ${DEFAULT-VALUE}).")
  private Dtype dtype;

  @Spec private CommandSpec spec;

  @Mixin private final ReferenceCacheOption referenceCache = new ReferenceCacheOption();

  @Override
  public Integer call() {
    Ranges.positive("batch-size", batchSize);
    Ranges.positive("accumulate", accumulate);
    Ranges.positive("save-every", saveEvery);
    Ranges.weights("dtype", dtype);
    Ranges.atLeastZero("snapshots", snapshots);
    Ranges.atLeastZero("keep", keep);
    if (keep > 0 && snapshots == 0) {
      throw new UserError("keep is " + keep + ", but snapshots is 0: there is nothing to keep.");
    }
    Ranges.atLeastZero("learning-rate", learningRate);
    Ranges.atLeastZero("weight-decay", weightDecay);
    Ranges.atLeastZero("max-grad-norm", maxGradNorm);
    Ranges.share("warmup-ratio", warmupRatio);
    if (steps <= 0 && !(epochs > 0)) {
      throw new UserError(
          "steps is " + steps + " and epochs is " + epochs + "; one of them must be above 0.");
    }
    TrainingBar.run(settings(), System.out);
    return 0;
  }

  private TrainSettings settings() {
    return new TrainSettings(
        new TrainSettings.From(model, reference == null ? model : reference, lora()),
        Objectives.of(objective, ObjectiveOptions.values(spec)),
        new TrainSettings.Rows(data, maxLength, shuffle, seed),
        new TrainSettings.Budget(steps, epochs, batchSize, accumulate),
        new TrainSettings.Optimiser(learningRate, schedule, warmupRatio, weightDecay, maxGradNorm),
        new TrainSettings.Output(output, dtype, saveEvery, new Snapshots(snapshots, keep, keepBy)),
        new TrainSettings.Execution(ops, activationCheckpointing, referenceCache.directory()));
  }

  private Lora.Settings lora() {
    if (loraRank == 0) {
      if (loraAlpha != null || loraTargets != null || loraDropout != 0 || useRslora || useDora) {
        throw new UserError(
            "An option of the adapter was given, but lora-rank is 0, which trains the weights; give lora-rank=8, say.");
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
