/**
 * Runs SameDiff graphs whose fused operations are written in Java: the session, the gradient graph,
 * the pool of arrays and activation checkpointing. The package may use {@code tensor.kernel}. Start
 * with {@link FusedOp}, then read {@link GradientGraph}.
 */
package dev.plumbline.tensor.graph;
