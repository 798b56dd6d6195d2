/**
 * The command line: one class per command, which checks its options and calls the packages that do
 * the work. The package may use every other package, and only it and {@code cli.option} use
 * picocli. Start with {@link Main}.
 */
package dev.plumbline.alignment.cli;
