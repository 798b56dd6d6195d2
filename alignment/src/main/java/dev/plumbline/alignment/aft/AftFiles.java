package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.experiment.ReferenceRows;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.CandidateFile;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/**
 * The candidates of a reproduction: drawn once from the fine-tuned model, the same for all arms.
 *
 * @param workspace whose directory holds the files
 * @param draws how many candidates
 * @param maxTokens maximum number of tokens of a candidate
 * @param sweep further numbers of candidates to write files for
 * @param ranked whether candidates are ranked too
 */
record AftFiles(
    Workspace workspace,
    AftSettings.Draws draws,
    int maxTokens,
    List<Integer> sweep,
    boolean ranked) {

  /** The first k drawn candidates of the training questions, rewarded by their final answer. */
  Path binary(int k) {
    return workspace.file("binary-" + k + ".jsonl");
  }

  /** All of them. */
  Path binary() {
    return binary(draws.candidates());
  }

  /** The same candidates, rewarded by answer and steps. */
  Path ranking() {
    return workspace.file("ranking.jsonl");
  }

  /** References and right candidates among the first k. */
  Path rft(int k) {
    return workspace.file("rft-" + k + ".jsonl");
  }

  /** Candidates of the first training questions, for the assessment. */
  Path learned() {
    return workspace.file("learned.jsonl");
  }

  /** Candidates of held-out questions, for the assessment. */
  Path heldOut() {
    return workspace.file("held-out.jsonl");
  }

  /** Draws and writes all files, unless they exist. */
  void draw(Path model, List<Problem> train, List<Problem> test) throws IOException {
    Files.createDirectories(workspace.output());
    if (!Files.isRegularFile(binary())) { // written last
      List<List<ProblemSampler.Solution>> drawn = sample("training questions", model, train);
      int learned = Math.min(draws.assessedQuestions(), train.size());
      CandidateFile.write(learned(), train.subList(0, learned), drawn.subList(0, learned), true);
      CandidateFile.Summary summary = null;
      for (int k : counts()) { // the largest last
        summary = write(k, train, drawn);
      }
      workspace.console().stage("  " + summary.text());
    }
    for (int k : counts()) {
      if (!Files.isRegularFile(rft(k))) {
        ReferenceRows.rft(rft(k), binary(k));
      }
    }
    if (ranked && !Files.isRegularFile(ranking())) {
      ReferenceRows.ranking(ranking(), binary());
    }
    if (!Files.isRegularFile(heldOut())) {
      List<Problem> assessed = test.subList(0, Math.min(draws.assessedQuestions(), test.size()));
      CandidateFile.write(heldOut(), assessed, sample("held-out questions", model, assessed), true);
    }
  }

  /** All numbers of candidates that are trained on, in ascending order. */
  private TreeSet<Integer> counts() {
    TreeSet<Integer> counts = new TreeSet<>(sweep);
    counts.add(draws.candidates());
    return counts;
  }

  private CandidateFile.Summary write(
      int k, List<Problem> train, List<List<ProblemSampler.Solution>> drawn) {
    List<List<ProblemSampler.Solution>> first =
        drawn.stream().map(all -> all.subList(0, Math.min(k, all.size()))).toList();
    return CandidateFile.write(binary(k), train, first, true);
  }

  private List<List<ProblemSampler.Solution>> sample(
      String what, Path model, List<Problem> problems) throws IOException {
    SamplingOptions options = SamplingOptions.at(1, maxTokens);
    return workspace.sample(what, model, problems, draws.candidates(), options, 0);
  }
}
