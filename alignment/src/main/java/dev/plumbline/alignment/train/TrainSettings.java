package dev.plumbline.alignment.train;

import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.run.Incidental;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.optim.Schedule;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.checkpoint.Lora;
import java.nio.file.Path;

/**
 * One training run. What decides the result is everything that is not {@link Incidental}; {@link
 * RunManifest} makes {@code run.json} and the fingerprint of it.
 *
 * @param from the models
 * @param objective what is minimised
 * @param rows what it is trained on, and in which order
 * @param budget how long
 * @param optimiser AdamW's settings
 * @param output what is written
 * @param execution how it is computed
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
   * @param model directory of the starting model
   * @param reference directory of the frozen reference model
   * @param adapter the LoRA adapter that is trained in place of the weights, or null
   */
  public record From(@Incidental Path model, @Incidental Path reference, Lora.Settings adapter) {
    /** A model that is its own reference, trained in full. */
    public static From of(Path model) {
      return new From(model, model, null);
    }
  }

  /**
   * @param file JSONL file of training rows
   * @param maxLength longest sequence in tokens; longer rows are left out and counted; 0 = the
   *     model's limit
   * @param shuffle whether each epoch has a new order
   * @param seed of the order, of a new adapter and of dropout
   */
  public record Rows(@Incidental Path file, int maxLength, boolean shuffle, long seed) {
    /** A file of any length, shuffled. */
    public static Rows of(Path file, long seed) {
      return new Rows(file, 0, true, seed);
    }
  }

  /**
   * @param steps optimiser steps; 0 = as {@code epochs} says
   * @param epochs passes over the rows when {@code steps} is 0
   * @param batchSize questions or pairs of a micro-batch
   * @param accumulate micro-batches of a step
   */
  public record Budget(long steps, double epochs, int batchSize, int accumulate) {
    /** Passes over the rows, one micro-batch a step. */
    public static Budget epochs(double epochs, int batchSize) {
      return new Budget(0, epochs, batchSize, 1);
    }

    /** Questions or pairs of a step. */
    int perStep() {
      return Math.multiplyExact(batchSize, accumulate);
    }
  }

  /**
   * @param learningRate peak rate
   * @param schedule its course
   * @param warmupRatio share of the steps over which the rate rises
   * @param weightDecay decoupled decay
   * @param maxGradNorm global norm to clip at; 0 = off
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
   * @param directory of the result
   * @param dtype of the written weights
   * @param saveEvery steps between resumable states
   * @param snapshots models to keep along the run
   */
  public record Output(
      @Incidental Path directory, Dtype dtype, @Incidental int saveEvery, Snapshots snapshots) {
    /** The result in float32. */
    public static Output of(Path directory, int saveEvery) {
      return new Output(directory, Dtype.F32, saveEvery, Snapshots.NONE);
    }

    /** The same with models along the run. */
    public Output withSnapshots(Snapshots snapshots) {
      return new Output(directory, dtype, saveEvery, snapshots);
    }
  }

  /**
   * @param ops fused or composed operations
   * @param activationCheckpointing keeps only the input of each layer and computes the layer again
   *     in the backward pass
   * @param referenceCache directory that keeps the reference's log-probabilities, or null for none
   */
  public record Execution(
      OpMode ops, @Incidental boolean activationCheckpointing, @Incidental Path referenceCache) {
    /** Fused operations. */
    public static Execution fused(Path referenceCache) {
      return new Execution(OpMode.FUSED, false, referenceCache);
    }
  }
}
