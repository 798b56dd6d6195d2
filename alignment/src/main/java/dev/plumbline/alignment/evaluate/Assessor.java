package dev.plumbline.alignment.evaluate;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.train.TrainingData;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.graph.Scorer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Scores the candidates of a file under a model. */
public final class Assessor {
  private Assessor() {}

  /**
   * Computes assessment accuracy on a candidates file.
   *
   * @throws dev.plumbline.data.UserError when the file is malformed
   */
  public static Assessment assess(Checkpoint checkpoint, Path candidates, OpMode ops) {
    return assess(checkpoint, candidates, 0, ops, Scorer::score);
  }

  /**
   * The same for the first groups of the file, with a scorer, which may save its scores.
   *
   * @param limit number of groups; 0 = all
   * @throws dev.plumbline.data.UserError when the file is malformed
   */
  public static Assessment assess(
      Checkpoint checkpoint, Path candidates, int limit, OpMode ops, Scorer.Trees scorer) {
    // The alignment objective without L_VFT selects only the candidates, in its order.
    PreferenceObjective candidatesOnly = PreferenceObjective.of(Aft.of(Constraint.NONE, 0));
    List<Example> all = TrainingData.read(candidates, candidatesOnly, checkpoint, 0).examples();
    List<Example> examples = limit > 0 && limit < all.size() ? all.subList(0, limit) : all;
    List<List<float[]>> logProbs =
        scorer.score(checkpoint.weights(), ops, examples.stream().map(Example::tree).toList());
    List<TokenScores> scores = new ArrayList<>();
    logProbs.forEach(lp -> scores.add(new TokenScores(lp, null)));
    return Assessment.of(examples, scores);
  }
}
