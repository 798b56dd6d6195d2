/**
 * Trains byte-level BPE tokenizers and writes them as {@code tokenizer.json}. The package may use
 * {@code io}. Start with {@link BpeTokenizerTrainer}.
 */
package dev.plumbline.data.tokenizer;
