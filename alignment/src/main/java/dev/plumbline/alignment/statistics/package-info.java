/**
 * Intervals and tests: Wilson, bootstrap over questions, exact McNemar, Holm, correlations, pass@k
 * and rank statistics. The package may use {@code tensor}, for named random streams only. Start
 * with {@link dev.plumbline.alignment.statistics.Interval} and {@link
 * dev.plumbline.alignment.statistics.PairedComparison}.
 */
package dev.plumbline.alignment.statistics;
