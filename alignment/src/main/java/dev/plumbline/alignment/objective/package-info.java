/**
 * The training objectives: each is a record of hyperparameters with its formula as plain numbers
 * and as a graph. It may use {@code batch} and the modules below, and no training and no files.
 * Start with {@link dev.plumbline.alignment.objective.Objective}, then read {@link
 * dev.plumbline.alignment.objective.Dpo}.
 */
package dev.plumbline.alignment.objective;
