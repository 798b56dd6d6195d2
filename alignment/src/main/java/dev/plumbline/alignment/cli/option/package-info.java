/**
 * Options that several commands share, their range checks and progress bars. It may use every
 * package but {@code cli}. Start with {@link dev.plumbline.alignment.cli.option.ConfigArguments}.
 */
package dev.plumbline.alignment.cli.option;
