package dev.plumbline.alignment.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code plumbline demo}. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "The main job on the embedded default.")
final class DemoCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 0;
  }
}
