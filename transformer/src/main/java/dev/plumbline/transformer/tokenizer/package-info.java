/**
 * Text to token ids and back as the checkpoint's tokenizer does it, with special tokens, prompt
 * templates and chat templates. The package may use {@code model} and {@code jinja}. Start with
 * {@link Tokenizer}, then read {@link PromptFrame}.
 */
package dev.plumbline.transformer.tokenizer;
