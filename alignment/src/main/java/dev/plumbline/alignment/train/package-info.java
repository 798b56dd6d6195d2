/**
 * The training loop with its settings, metrics, resumable state, snapshots and cached reference. It
 * may use {@code objective}, {@code batch} and {@code run}, and no evaluation and no report. Start
 * with {@link dev.plumbline.alignment.train.Trainer} and its settings, {@link
 * dev.plumbline.alignment.train.TrainSettings}.
 */
package dev.plumbline.alignment.train;
