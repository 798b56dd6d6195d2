/**
 * The commands of the command line, one class per command. It may use every package of the project,
 * and no package but itself uses it. Start with {@link dev.plumbline.alignment.cli.Main}.
 */
package dev.plumbline.alignment.cli;
