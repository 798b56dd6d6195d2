package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.experiment.ReferenceRows;
import dev.plumbline.alignment.experiment.RunConsole;
import dev.plumbline.alignment.generate.CandidateFile;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/**
 * The candidates of a reproduction: drawn once from the fine-tuned model, the same for all arms.
 */
final class AftFiles {
  private final AftSettings settings;
  private final Path folder;
  private final boolean all;

  /**
   * Files of a directory.
   *
   * @param all whether those of the sweeps and of ranking feedback are among them
   */
  AftFiles(AftSettings settings, Path folder, boolean all) {
    this.settings = settings;
    this.folder = folder;
    this.all = all;
  }

  /** The first k drawn candidates of the training questions, rewarded by their final answer. */
  Path binary(int k) {
    return folder.resolve("binary-" + k + ".jsonl");
  }

  /** The same candidates, rewarded by answer and steps. */
  Path ranking() {
    return folder.resolve("ranking.jsonl");
  }

  /** References and right candidates among the first k. */
  Path rft(int k) {
    return folder.resolve("rft-" + k + ".jsonl");
  }

  /** Candidates of the first training questions, for the assessment. */
  Path learned() {
    return folder.resolve("learned.jsonl");
  }

  /** Candidates of held-out questions, for the assessment. */
  Path heldOut() {
    return folder.resolve("held-out.jsonl");
  }

  /** Draws and writes all files, unless they are there. */
  void draw(Path model, List<Problem> train, List<Problem> test, RunConsole console)
      throws IOException {
    Files.createDirectories(folder);
    if (!Files.isRegularFile(binary(settings.candidates()))) { // written last
      List<List<ProblemSampler.Solution>> drawn =
          solve(model, train, "training questions", console);
      int learned = Math.min(settings.assessedQuestions(), train.size());
      CandidateFile.write(learned(), train.subList(0, learned), drawn.subList(0, learned), true);
      CandidateFile.Summary s = null;
      for (int k : counts()) { // the largest last
        s = write(k, train, drawn);
      }
      console.stage(
          String.format(
              "  %d of %d right; %d questions have right and wrong ones",
              s.correct(), s.sampled(), s.mixed()));
    }
    for (int k : counts()) {
      if (!Files.isRegularFile(rft(k))) {
        ReferenceRows.rft(rft(k), binary(k));
      }
    }
    if (all && settings.ranking() && !Files.isRegularFile(ranking())) {
      ReferenceRows.ranking(ranking(), binary(settings.candidates()));
    }
    if (!Files.isRegularFile(heldOut())) {
      List<Problem> assessed = test.subList(0, Math.min(settings.assessedQuestions(), test.size()));
      CandidateFile.write(
          heldOut(), assessed, solve(model, assessed, "held-out questions", console), true);
    }
  }

  /** All numbers of candidates that are trained on, in ascending order. */
  private TreeSet<Integer> counts() {
    TreeSet<Integer> counts = new TreeSet<>(all ? settings.sweepCandidates() : List.of());
    counts.add(settings.candidates());
    return counts;
  }

  private CandidateFile.Summary write(
      int k, List<Problem> train, List<List<ProblemSampler.Solution>> drawn) {
    List<List<ProblemSampler.Solution>> first =
        drawn.stream().map(all -> all.subList(0, Math.min(k, all.size()))).toList();
    return CandidateFile.write(binary(k), train, first, true);
  }

  private List<List<ProblemSampler.Solution>> solve(
      Path model, List<Problem> problems, String what, RunConsole console) {
    int k = settings.candidates();
    console.stage("Sampling " + k + " solutions for each of " + problems.size() + " " + what);
    try (Checkpoint checkpoint = Checkpoint.read(model);
        RunConsole.ProgressBar bar = console.bar("sample", (long) problems.size() * k)) {
      return ProblemSampler.solve(
          checkpoint,
          problems,
          k,
          SamplingOptions.at(1, settings.maxTokens()),
          0,
          OpMode.FUSED,
          bar);
    }
  }
}
