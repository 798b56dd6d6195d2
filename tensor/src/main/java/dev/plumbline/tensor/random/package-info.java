/**
 * Named random streams whose state can be saved and restored. The package uses nothing else of
 * Plumbline. Start with {@link dev.plumbline.tensor.random.RandomStream}, its only class.
 */
package dev.plumbline.tensor.random;
