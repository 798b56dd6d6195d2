package dev.plumbline.alignment.cli;

import dev.plumbline.data.UserError;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.TrainingRow;
import dev.plumbline.data.select.RftBuilder;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline rft}. */
@Command(
    name = "rft",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Selects correct candidates for rejection-sampling fine-tuning (RFT).",
      "Writes each reference solution and the correct candidates whose calculator "
          + "annotations all hold, one per list of equations (the one farthest from the others). "
          + "Train on the output with objective=vft."
    },
    footer = {"", "Example:", "  ./plumbline rft data=candidates.jsonl output=rft.jsonl"})
final class RftCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "Candidate groups of 'plumbline sample'.")
  private Path data;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "JSONL of completions.")
  private Path output;

  @Override
  public Integer call() {
    RftBuilder builder = new RftBuilder();
    for (TrainingRow row : TrainingRows.read(data)) {
      if (!(row instanceof CandidateGroup group)) {
        throw new UserError(data + " holds rows without 'candidates'; make it with 'sample'.");
      }
      builder.add(group);
    }
    TrainingRows.write(output, builder.rows());
    RftBuilder.Counts c = builder.counts();
    System.out.printf(
        "%d references and %d candidates written to %s; refused: %d wrong, %d with a wrong calculation, %d repetitions%n",
        c.questions(), c.kept(), output, c.wrong(), c.miscalculated(), c.repeated());
    return 0;
  }
}
