package dev.plumbline.alignment.train;

import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.run.Incidental;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.optim.Schedule;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.checkpoint.Lora;
import java.nio.file.Path;

/**
 * The settings of one training run. Everything that is not {@link Incidental} decides the result;
 * {@link RunManifest} computes {@code run.json} and the fingerprint from it.
 *
 * @param from starting model, reference and adapter
 * @param objective what is minimised
 * @param rows training rows and their order
 * @param budget steps and batch size
 * @param optimiser AdamW's settings
 * @param output directory, number type and snapshots
 * @param execution operations and caches
 */
public record TrainSettings(
    From from,
    Objective objective,
    Rows rows,
    Budget budget,
    Optimiser optimiser,
    Output output,
    Execution execution) {

  /**
   * The models of a run.
   *
   * @param model directory of the starting model
   * @param reference directory of the frozen reference model
   * @param adapter the LoRA adapter that is trained instead of the weights, or null
   */
  public record From(@Incidental Path model, @Incidental Path reference, Lora.Settings adapter) {
    /** A model that is its own reference, without an adapter. */
    public static From of(Path model) {
      return new From(model, model, null);
    }
  }

  /**
   * The training rows and their order.
   *
   * @param file JSONL file of training rows
   * @param maxLength maximum number of tokens of a sequence; longer rows are left out and counted;
   *     0 = the model's limit
   * @param shuffle whether each epoch has a new random order
   * @param seed seed of the order, of a new adapter and of dropout
   */
  public record Rows(@Incidental Path file, int maxLength, boolean shuffle, long seed) {
    /** All rows up to the model's limit, shuffled. */
    public static Rows of(Path file, long seed) {
      return new Rows(file, 0, true, seed);
    }
  }

  /**
   * The length of a run.
   *
   * @param steps optimiser steps; 0 = computed from {@code epochs}
   * @param epochs passes over the rows, if {@code steps} is 0
   * @param batchSize questions or pairs per micro-batch
   * @param accumulate micro-batches per step
   */
  public record Budget(long steps, double epochs, int batchSize, int accumulate) {
    /** Passes over the rows with one micro-batch per step. */
    public static Budget epochs(double epochs, int batchSize) {
      return new Budget(0, epochs, batchSize, 1);
    }

    /** Questions or pairs per step. */
    int perStep() {
      return Math.multiplyExact(batchSize, accumulate);
    }
  }

  /**
   * Settings of AdamW and its learning rate.
   *
   * @param learningRate peak learning rate
   * @param schedule schedule of the rate after warm-up
   * @param warmupRatio share of the steps over which the rate rises
   * @param weightDecay decoupled weight decay
   * @param maxGradNorm maximum global gradient norm; 0 = no clipping
   */
  public record Optimiser(
      double learningRate,
      Schedule schedule,
      double warmupRatio,
      double weightDecay,
      double maxGradNorm) {
    /** Cosine decay after 3 % warm-up, clipped at 1: the defaults of the command. */
    public static Optimiser cosine(double learningRate) {
      return new Optimiser(learningRate, Schedule.COSINE, 0.03, 0, 1);
    }
  }

  /**
   * Files that a run writes.
   *
   * @param directory directory of the result
   * @param dtype number type of the written weights
   * @param saveEvery steps between saved states
   * @param snapshots models to save during training
   */
  public record Output(
      @Incidental Path directory, Dtype dtype, @Incidental int saveEvery, Snapshots snapshots) {
    /** Writes the result in float32 and no snapshots. */
    public static Output of(Path directory, int saveEvery) {
      return new Output(directory, Dtype.F32, saveEvery, Snapshots.NONE);
    }

    /** The same with snapshots. */
    public Output withSnapshots(Snapshots snapshots) {
      return new Output(directory, dtype, saveEvery, snapshots);
    }
  }

  /**
   * How a run is computed.
   *
   * @param ops fused or composed operations
   * @param activationCheckpointing whether the forward pass stores only the input of each layer and
   *     the backward pass recomputes the layer
   * @param referenceCache directory of the cache of the reference's log-probabilities, or null for
   *     none
   */
  public record Execution(
      OpMode ops, @Incidental boolean activationCheckpointing, @Incidental Path referenceCache) {
    /** Fused operations without activation checkpointing. */
    public static Execution fused(Path referenceCache) {
      return new Execution(OpMode.FUSED, false, referenceCache);
    }
  }
}
