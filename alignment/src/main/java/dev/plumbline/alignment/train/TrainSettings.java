package dev.plumbline.alignment.train;

import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.optim.Schedule;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.checkpoint.Lora;
import java.nio.file.Path;

/**
 * One training run.
 *
 * @param model directory of the starting model
 * @param reference directory of the frozen reference model; the starting model by default
 * @param objective what is minimised
 * @param data JSONL file of training rows
 * @param output directory of the result
 * @param steps optimiser steps; 0 = as {@code epochs} says
 * @param epochs passes over the data when {@code steps} is 0
 * @param batchSize questions or pairs of a micro-batch
 * @param accumulate micro-batches of a step
 * @param learningRate peak rate
 * @param schedule its course
 * @param warmupRatio share of the steps over which the rate rises
 * @param weightDecay decoupled decay
 * @param maxGradNorm global norm to clip at; 0 = off
 * @param seed of the data's order
 * @param shuffle whether each epoch has a new order
 * @param maxLength longest sequence in tokens; longer rows are left out and counted; 0 = the
 *     model's limit
 * @param saveEvery steps between resumable states
 * @param snapshots models to keep along the run
 * @param lora the adapter that is trained in place of the weights, or null
 * @param activationCheckpointing keeps of each layer its input only and computes it again in the
 *     backward pass; no part of what the run computes
 * @param ops which operations
 * @param dtype of the written weights
 * @param referenceCache directory that keeps the reference's log-probabilities, or null for none;
 *     no part of what the run computes
 */
public record TrainSettings(
    Path model,
    Path reference,
    Objective objective,
    Path data,
    Path output,
    long steps,
    double epochs,
    int batchSize,
    int accumulate,
    double learningRate,
    Schedule schedule,
    double warmupRatio,
    double weightDecay,
    double maxGradNorm,
    long seed,
    boolean shuffle,
    int maxLength,
    int saveEvery,
    Snapshots snapshots,
    Lora.Settings lora,
    boolean activationCheckpointing,
    OpMode ops,
    Dtype dtype,
    Path referenceCache) {}
