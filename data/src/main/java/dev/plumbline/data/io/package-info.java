/**
 * Reads and writes files: JSON Lines, CSV, and files that appear complete or not at all. The
 * package uses only the errors in the root package of the module. Start with {@link Jsonl}, then
 * read {@link AtomicFile}.
 */
package dev.plumbline.data.io;
