/**
 * The training loop: rows, reference log-probabilities, micro-batches, steps, metrics and resumable
 * state. The package may use {@code batch}, {@code objective} and {@code run}. Start with {@link
 * Trainer} and {@link TrainingStep}, then read {@link LossModel}.
 */
package dev.plumbline.alignment.train;
