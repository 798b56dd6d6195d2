/**
 * Reads and writes safetensors files, single or sharded. The package may use {@code tensor.kernel}
 * for memory and {@code data.io} for atomic writing. Start with {@link
 * dev.plumbline.tensor.safetensors.SafetensorsReader} and {@link
 * dev.plumbline.tensor.safetensors.SafetensorsWriter}.
 */
package dev.plumbline.tensor.safetensors;
