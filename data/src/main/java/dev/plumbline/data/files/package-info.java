/**
 * Readers of problem files in their published formats; reader and writer of training rows. The
 * package may use {@code io}, {@code problem}, {@code row} and {@code select}. Start with {@link
 * ProblemFiles} and {@link TrainingRows}.
 */
package dev.plumbline.data.files;
