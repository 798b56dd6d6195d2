package dev.plumbline.alignment.cli;

import dev.plumbline.data.UserError;
import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.TrainingRow;
import dev.plumbline.data.select.Mixture;
import dev.plumbline.tensor.random.RandomStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline mix}. */
@Command(
    name = "mix",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Mixes problem files of any tasks into one training file.",
      "Each problem becomes a row of prompt and solution in the form of its task; the rows "
          + "are shuffled together. Problems that also stand in a held-out file are dropped and "
          + "counted."
    },
    footer = {
      "",
      "Example:",
      "  ./plumbline mix data=gsm8k/train.jsonl,aqua/train.json,ecqa/train.jsonl \\",
      "      limit=0,5000,0 held-out=gsm8k/test.jsonl output=mix.jsonl"
    })
final class MixCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      required = true,
      split = ",",
      paramLabel = "FILE",
      description = "Problem files, separated by commas (GSM8K, AQuA, ECQA, MATH, MMLU, SVAMP).")
  private List<Path> data;

  @Option(
      names = "--held-out",
      split = ",",
      paramLabel = "FILE",
      description = "Problem files to exclude from training.")
  private List<Path> heldOut = List.of();

  @Option(
      names = "--limit",
      defaultValue = "0",
      split = ",",
      paramLabel = "N",
      description =
          "Maximum number of problems of each file: one number for all files or one per file; 0 = all.")
  private List<Integer> limit;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "JSONL of completions.")
  private Path output;

  @Option(names = "--seed", defaultValue = "0", description = "Seed of the order (default: 0).")
  private long seed;

  @Override
  public Integer call() {
    if (limit.size() != 1 && limit.size() != data.size()) {
      throw new UserError(
          "There are "
              + limit.size()
              + " limits and "
              + data.size()
              + " files; give one limit for all files or one for each.");
    }
    List<Problem> held = new ArrayList<>();
    heldOut.forEach(file -> held.addAll(ProblemFiles.read(file)));
    Mixture mixture = new Mixture(held);
    for (int i = 0; i < data.size(); i++) {
      Path file = data.get(i);
      Mixture.Counts c = mixture.add(ProblemFiles.read(file), limit.get(limit.size() == 1 ? 0 : i));
      System.out.printf(
          "%s: %d problems; dropped %d held-out ones, %d near-duplicates of held-out ones and %d beyond the limit%n",
          file, c.kept(), c.same(), c.near(), c.beyond());
    }
    List<TrainingRow> mixed = mixture.rows(RandomStream.of(seed, "mix")::permutation);
    TrainingRows.write(output, mixed);
    System.out.printf("%d rows written to %s%n", mixed.size(), output);
    return 0;
  }
}
