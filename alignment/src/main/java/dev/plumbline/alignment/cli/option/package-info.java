/**
 * Options that several commands share, progress bars and the expansion of YAML and {@code
 * key=value}. The package may use every package but {@code cli}. Start with {@link
 * ConfigArguments}, then read {@link ObjectiveOptions}.
 */
package dev.plumbline.alignment.cli.option;
