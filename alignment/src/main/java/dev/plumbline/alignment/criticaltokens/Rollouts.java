package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rollouts along the wrong solutions of held-out questions, with their critical tokens.
 *
 * @param wrong the searched solutions
 * @param found their rollouts
 * @param replacement of their critical tokens
 * @param texts of their tokens
 * @param words texts of the tokens that replaced critical ones, by id
 */
record Rollouts(
    List<Trajectory> wrong,
    Found found,
    Replacement replacement,
    List<List<String>> texts,
    Map<Integer, String> words) {
  /** Rollouts of all positions, and how long they took. */
  record Found(List<RolloutScores> scores, double seconds) {}

  RolloutScores scores(int trajectory) {
    return found.scores().get(trajectory);
  }

  /** Critical tokens of the trajectories that have one. */
  int[] critical() {
    return Arrays.stream(replacement.places())
        .map(i -> scores(i).critical(RolloutScores.MAX_LOST_SHARE).orElseThrow())
        .toArray();
  }

  /** How well an estimate of those trajectories agrees with the rollouts. */
  Agreement agreement(List<double[]> suspicion) {
    return Agreement.of(
        suspicion, Arrays.stream(replacement.places()).mapToObj(this::scores).toList(), critical());
  }

  /** Runs the stages, or reads what they have kept. */
  static Rollouts read(CriticalStages stages) throws IOException {
    CriticalStages.Wrong wrong = stages.wrong();
    try (Checkpoint model = Checkpoint.read(stages.start())) {
      Tokenizer tokenizer = model.tokenizer();
      List<Trajectory> trajectories = wrong.trajectories(stages.problems().test(), tokenizer);
      Found found = find(stages, model, trajectories);
      Replacement replacement = replace(stages, model, trajectories, found);
      return new Rollouts(
          trajectories,
          found,
          replacement,
          texts(trajectories, tokenizer),
          words(replacement, tokenizer));
    }
  }

  private static Found find(CriticalStages stages, Checkpoint model, List<Trajectory> wrong)
      throws IOException {
    Workspace w = stages.workspace();
    return w.kept(
        w.file("rollouts.json"),
        stages.settings().search().rollouts()
            + " rollouts from every position of "
            + wrong.size()
            + " solutions",
        wrong.size(),
        bar -> {
          long start = System.nanoTime();
          try (RolloutSearch search = stages.search(model, true)) {
            return new Found(search.search(wrong, bar), (System.nanoTime() - start) / 1e9);
          }
        },
        Found.class);
  }

  private static Replacement replace(
      CriticalStages stages, Checkpoint model, List<Trajectory> wrong, Found found)
      throws IOException {
    Workspace w = stages.workspace();
    return w.kept(
        w.file("replacements.json"),
        "Rollouts with another token in the place of the critical one, and of a random one",
        2L * wrong.size() * stages.settings().search().rollouts(),
        bar -> {
          try (RolloutSearch search = stages.search(model, true)) {
            return Replacement.of(
                search, wrong, found.scores(), RolloutScores.MAX_LOST_SHARE, 0, bar);
          }
        },
        Replacement.class);
  }

  private static List<List<String>> texts(List<Trajectory> wrong, Tokenizer tokenizer) {
    List<List<String>> all = new ArrayList<>();
    for (Trajectory t : wrong) {
      all.add(Arrays.stream(t.response()).mapToObj(tokenizer::decode).toList());
    }
    return all;
  }

  private static Map<Integer, String> words(Replacement replacement, Tokenizer tokenizer) {
    Map<Integer, String> words = new LinkedHashMap<>();
    replacement.without().stream()
        .flatMapToInt(a -> Arrays.stream(a.tokens()))
        .distinct()
        .forEach(id -> words.put(id, tokenizer.decode(id)));
    return words;
  }
}
