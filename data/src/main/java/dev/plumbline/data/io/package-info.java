/**
 * Reads and writes files: JSON Lines, CSV, and files that appear whole or not at all. The package
 * uses no other package of the module but the errors of its root. Start with {@link Jsonl}, then
 * read {@link AtomicFile}.
 */
package dev.plumbline.data.io;
