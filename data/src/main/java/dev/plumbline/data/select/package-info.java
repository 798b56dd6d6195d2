/**
 * Selects rows: duplicates, mixtures, overlap of splits, and candidates for rejection-sampling
 * fine-tuning. The package may use {@code problem} and {@code row}. Start with {@link RftBuilder}.
 */
package dev.plumbline.data.select;
