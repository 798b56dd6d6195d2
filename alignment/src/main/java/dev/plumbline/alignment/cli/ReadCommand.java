package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.ObjectiveOptions;
import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.alignment.read.ReadPages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code plumbline read}. */
@Command(
    name = "read",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = ObjectiveOptions.ObjectiveList.class,
    description = {
      "Writes an HTML page that shows an objective's equation beside its class.",
      "The page also has a worked example whose numbers can be changed, the gradient of "
          + "each response or token, and the neighbouring objectives on the same numbers. It "
          + "needs no network. Without an objective: all pages and an index."
    })
final class ReadCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "OBJECTIVE",
      description = "Objective, by its name in the list below (default: all of them).")
  private String objective;

  @Option(
      names = "--output",
      defaultValue = "plumbline-read",
      paramLabel = "DIR",
      description = "Directory of the pages (default: ${DEFAULT-VALUE}).")
  private Path output;

  @Override
  public Integer call() throws IOException {
    Path page =
        objective == null
            ? ReadPages.writeAll(output)
            : ReadPages.write(Objectives.spec(objective), output);
    System.out.println(page);
    return 0;
  }
}
