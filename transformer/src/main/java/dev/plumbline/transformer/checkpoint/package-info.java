/**
 * Reads and writes Hugging Face checkpoints: weights of every published layout, and LoRA, rsLoRA
 * and DoRA adapters in PEFT's layout. The package may use {@code model} and {@code tokenizer}, and
 * the module {@code tensor}. Start with {@link Checkpoint}, then read {@link LlamaWeights} and
 * {@link Lora}.
 */
package dev.plumbline.transformer.checkpoint;
