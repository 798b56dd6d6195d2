/**
 * What every command that writes an output shares: run directories and their locks, journals of
 * finished work, hashes, settings as JSON, and interruption. The package may use the modules below
 * and {@code data}. Start with {@link RunFiles}, then read {@link Journal}.
 */
package dev.plumbline.alignment.run;
