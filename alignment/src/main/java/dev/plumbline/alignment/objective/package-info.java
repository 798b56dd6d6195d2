/**
 * The formulas: one record per loss, with its hyperparameters, the formula on numbers, the same as
 * a graph, and its explanation. The package may use {@code batch} and neither the trainer nor the
 * command line. Start with {@link Objectives}, the table, then read {@link Dpo} and {@link Aft}.
 */
package dev.plumbline.alignment.objective;
