/**
 * Generation with a KV cache: decoders, sampling, shared prefixes and forks. The package may use
 * every other package of the module. Start with {@link Sampler}, then read {@link FusedDecoder}.
 */
package dev.plumbline.transformer.generate;
