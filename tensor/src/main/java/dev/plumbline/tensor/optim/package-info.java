/**
 * The optimiser: AdamW, gradient clipping and accumulation, and the learning-rate schedule. The
 * package may use {@code tensor.kernel}. Start with {@link dev.plumbline.tensor.optim.AdamW}.
 */
package dev.plumbline.tensor.optim;
