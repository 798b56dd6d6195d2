/**
 * Reads and writes safetensors files, single or sharded, and replaces files atomically. The package
 * may use {@code tensor.engine} for memory. Start with {@link
 * dev.plumbline.tensor.safetensors.SafetensorsReader} and {@link
 * dev.plumbline.tensor.safetensors.SafetensorsWriter}.
 */
package dev.plumbline.tensor.safetensors;

