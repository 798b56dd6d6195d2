package dev.plumbline.alignment.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/**
 * The option that every command shares; {@link ConfigArguments} has taken it away before parsing.
 */
final class ConfigOption {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "YAML file whose keys are this command's options.")
  private Path config;
}
