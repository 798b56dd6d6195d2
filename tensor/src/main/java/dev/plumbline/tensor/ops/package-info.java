/**
 * The operations of a decoder, each with two bodies: a composition of stock SameDiff operations,
 * which is the definition, and a fused one; a test holds them equal. The package may use {@code
 * tensor.kernel} and {@code tensor.graph}. Start with {@link Ops}, then read one operation, such as
 * {@link RmsNorm}.
 */
package dev.plumbline.tensor.ops;
