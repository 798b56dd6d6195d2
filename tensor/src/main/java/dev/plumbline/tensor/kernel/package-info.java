/**
 * Fast code on float32 memory: matrix products, row kernels with the Vector API and in plain Java,
 * packed weights, scratch memory and worker threads. The package uses ND4J's memory and no other
 * package of Plumbline. Start with {@link Kernels}, which chooses the kernels of this processor,
 * then read {@link Products}.
 */
package dev.plumbline.tensor.kernel;
