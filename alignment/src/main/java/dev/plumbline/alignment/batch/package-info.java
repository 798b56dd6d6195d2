/**
 * Rows as tensors: examples, their responses and log-probabilities, as plain numbers and as
 * placeholders of a graph. It may use {@code transformer}, {@code tensor} and {@code data}, and no
 * objective and no training. Start with {@link dev.plumbline.alignment.batch.Example}, then read
 * {@link dev.plumbline.alignment.batch.PairBatch}.
 */
package dev.plumbline.alignment.batch;
