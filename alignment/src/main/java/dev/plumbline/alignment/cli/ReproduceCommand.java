package dev.plumbline.alignment.cli;

import picocli.CommandLine.Command;

/** {@code plumbline reproduce}: one subcommand per paper. */
@Command(
    name = "reproduce",
    mixinStandardHelpOptions = true,
    subcommands = {
      ReproduceAftCommand.class,
      ReproduceScdpoCommand.class,
      ReproduceCriticalCommand.class
    },
    description = {
      "Runs a paper's experiment from start to end and writes report.html.",
      "The report says of each claim whether it is reproduced, contradicted, smaller than 1 point or undecided, with the figures."
    },
    footer = {"", "Example:", "  ./plumbline reproduce aft --quick"})
final class ReproduceCommand {}
