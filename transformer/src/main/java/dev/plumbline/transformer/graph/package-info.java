/**
 * The decoder as a SameDiff graph, for training and scoring, over packed batches of token trees
 * that share their prefixes. The package may use {@code model} and {@code checkpoint}. Start with
 * {@link LlamaGraph} and {@link DecoderLayer}, then read {@link PackedBatch}.
 */
package dev.plumbline.transformer.graph;
