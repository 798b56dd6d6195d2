/**
 * What a loss sees: encoded examples, their log-probabilities as numbers and as a graph, and the
 * pairs of a batch. The package may use the modules {@code data}, {@code tensor} and {@code
 * transformer}. Start with {@link ScoredResponse}, then read {@link TokenLogProbs} and {@link
 * PairBatch}.
 */
package dev.plumbline.alignment.batch;
