/**
 * Intervals and tests: means over questions and seeds, correction for several tests, Wilson,
 * correlations, pass@k and rank statistics. The package uses no other of ours. Start with {@link
 * dev.plumbline.alignment.statistics.Clustered} and {@link
 * dev.plumbline.alignment.statistics.Corrected}.
 */
package dev.plumbline.alignment.statistics;
