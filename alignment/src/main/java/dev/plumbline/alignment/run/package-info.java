/**
 * The safety of long commands: locks, signals, journals, fingerprints and the files of a run
 * directory. It may use {@code transformer} and {@code data}, and no objective. Start with {@link
 * dev.plumbline.alignment.run.Journal} and {@link dev.plumbline.alignment.run.RunFiles}.
 */
package dev.plumbline.alignment.run;
