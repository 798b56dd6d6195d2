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
      "Rejection-sampling fine-tuning as data: each reference solution followed by the right candidates whose calculator",
      "annotations all hold, one for each list of equations (the one farthest from the others). Train on it with vft."
    },
    footer = {"", "Example:", "  plumbline rft candidates=candidates.jsonl output=rft.jsonl"})
final class RftCommand implements Callable<Integer> {
  @Option(
      names = "--candidates",
      required = true,
      paramLabel = "FILE",
      description = "Candidate groups, as 'sample' writes them.")
  private Path candidates;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "JSONL of completions.")
  private Path output;

  @Override
  public Integer call() {
    RftBuilder builder = new RftBuilder();
    for (TrainingRow row : TrainingRows.read(candidates)) {
      if (!(row instanceof CandidateGroup group)) {
        throw new UserError(
            candidates + " holds rows without 'candidates'; make it with 'sample'.");
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
