/**
 * Readers of problem files as published, and reader and writer of training rows in our form and in
 * those of other tools. The package may use {@code io}, {@code problem}, {@code row} and {@code
 * select}. Start with {@link ProblemFiles} and {@link TrainingRows}.
 */
package dev.plumbline.data.files;
