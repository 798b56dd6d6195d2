package dev.plumbline.alignment.cli.option;

import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.problem.Problem;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** A model and the problems that it solves. */
public final class ProblemsOption {
  /** Description of a problem file for the help. */
  public static final String FILES =
      "Problems: a file of GSM8K, SVAMP, AQuA, ECQA, MATH or MMLU as published, or of 'problems'.";

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
  private Path model;

  @Option(names = "--data", required = true, paramLabel = "FILE", description = FILES)
  private Path data;

  @Option(
      names = "--limit",
      defaultValue = "0",
      paramLabel = "N",
      description = "Take only the first N problems; 0 = all.")
  private int limit;

  public Path model() {
    return model;
  }

  public Path data() {
    return data;
  }

  /** All problems, or the first {@code limit}. */
  public List<Problem> read() {
    return first(ProblemFiles.read(data), limit);
  }

  /** The first {@code limit} problems; all for 0. */
  public static List<Problem> first(List<Problem> problems, int limit) {
    return limit > 0 && limit < problems.size() ? problems.subList(0, limit) : problems;
  }
}
