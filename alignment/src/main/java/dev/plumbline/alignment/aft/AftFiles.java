package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.ReferenceRows;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.CandidateFile;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * The candidates of a reproduction: drawn once from the fine-tuned model, the same for all arms.
 *
 * @param workspace whose directory holds the files
 * @param draws how many candidates
 * @param maxTokens maximum number of tokens of a candidate
 * @param sweep further numbers of candidates to write files for
 * @param ranked whether candidates are ranked too
 * @param answersOnly whether only the answers of the training questions are used; their rows then
 *     follow the references of the lessons
 */
record AftFiles(
    Workspace workspace,
    AftSettings.Draws draws,
    int maxTokens,
    List<Integer> sweep,
    boolean ranked,
    boolean answersOnly) {

  /**
   * The rows of the aligned arms: the first k drawn candidates of the training questions, rewarded
   * by their final answer. Where only the answers of the questions are used, the references of the
   * lessons come first.
   */
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

  /** The references that the model is fine-tuned on, in as many rows as {@link #binary()} has. */
  Path references() {
    return workspace.file("references.jsonl");
  }

  /** Candidates of the first training questions, for the assessment of all arms. */
  Path learned() {
    return workspace.file("learned.jsonl");
  }

  /** Candidates of questions whose references the model is fine-tuned on, for its assessment. */
  Path fineTunedOn() {
    return answersOnly ? workspace.file("fine-tuned-on.jsonl") : learned();
  }

  /** Candidates of held-out questions, for the assessment. */
  Path heldOut() {
    return workspace.file("held-out.jsonl");
  }

  /** Candidates of the training questions; where their references are used, the aligned rows. */
  private Path drawn(int k) {
    return answersOnly ? workspace.file("questions-" + k + ".jsonl") : binary(k);
  }

  /** Draws and writes all files, unless they exist; each one appears whole. */
  void draw(Path model, ProblemSplit problems) throws IOException {
    Files.createDirectories(workspace.output());
    if (!counts().stream().map(this::drawn).allMatch(Files::isRegularFile)) {
      List<List<ProblemSampler.Solution>> own =
          sample("training questions", model, problems.train());
      List<Problem> assessed = first(problems.train());
      make(
          learned(),
          file -> CandidateFile.write(file, assessed, own.subList(0, assessed.size()), true));
      for (int k : counts()) {
        make(drawn(k), file -> write(file, k, problems.train(), own));
      }
    }
    assess("fine-tuned questions", fineTunedOn(), model, rehearsed(problems.lessons()));
    assess("held-out questions", heldOut(), model, first(problems.test()));
    for (int k : counts()) {
      if (answersOnly) {
        make(
            binary(k),
            file -> {
              Path alone = workspace.file("lessons.jsonl");
              ReferenceRows.alone(alone, rehearsed(problems.lessons()));
              ReferenceRows.answersOnly(file, alone, drawn(k));
            });
      }
      make(rft(k), file -> ReferenceRows.rft(file, binary(k)));
    }
    if (ranked) {
      make(ranking(), file -> ReferenceRows.ranking(file, binary()));
    }
    make(
        references(),
        file -> {
          int rows = TrainingRows.read(binary()).size();
          ReferenceRows.repeated(file, problems.lessons(), rows);
        });
  }

  private List<Problem> rehearsed(List<Problem> lessons) {
    return lessons.subList(0, Math.min(draws.lessons(), lessons.size()));
  }

  private static void make(Path file, Consumer<Path> maker) {
    if (!Files.isRegularFile(file)) {
      maker.accept(file);
    }
  }

  private List<Problem> first(List<Problem> problems) {
    return problems.subList(0, Math.min(draws.assessedQuestions(), problems.size()));
  }

  private void assess(String what, Path file, Path model, List<Problem> problems)
      throws IOException {
    if (!Files.isRegularFile(file)) {
      CandidateFile.write(file, problems, sample(what, model, problems), true);
    }
  }

  /** All numbers of candidates that are trained on, in ascending order. */
  private TreeSet<Integer> counts() {
    TreeSet<Integer> counts = new TreeSet<>(sweep);
    counts.add(draws.candidates());
    return counts;
  }

  private void write(
      Path file, int k, List<Problem> problems, List<List<ProblemSampler.Solution>> drawn) {
    List<List<ProblemSampler.Solution>> first =
        drawn.stream().map(all -> all.subList(0, Math.min(k, all.size()))).toList();
    CandidateFile.Summary summary = CandidateFile.write(file, problems, first, true);
    if (k == draws.candidates()) {
      workspace.console().stage("  " + summary.text());
    }
  }

  private List<List<ProblemSampler.Solution>> sample(
      String what, Path model, List<Problem> problems) throws IOException {
    SamplingOptions options = SamplingOptions.at(1, maxTokens);
    return workspace.sample(what, model, problems, draws.candidates(), options, 0);
  }
}
