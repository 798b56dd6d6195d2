package dev.plumbline.alignment.run;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.graph.Scorer;
import dev.plumbline.transformer.graph.TokenTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Computes log-probabilities and saves finished passes in a journal.
 *
 * @param journal saves passes, one batch per call
 * @param progress is notified of the number of scored trees
 */
public record KeptScores(Journal journal, IntConsumer progress) implements Scorer.Trees {
  @Override
  public List<List<float[]>> score(LlamaWeights weights, OpMode mode, List<TokenTree> trees) {
    List<List<TokenTree>> passes = Scorer.passes(trees);
    List<double[][][]> scored;
    try (Scorer scorer = new Scorer(weights, mode)) {
      scored =
          journal.batch(
              "passes over the rows",
              passes.size(),
              double[][][].class,
              (missing, kept) -> {
                int left = Arrays.stream(missing).map(i -> passes.get(i).size()).sum();
                progress.accept(trees.size() - left);
                for (int i : missing) {
                  kept.accept(doubles(scorer.pass(passes.get(i))), i);
                  progress.accept(passes.get(i).size());
                  journal.check();
                }
              });
    }
    List<List<float[]>> result = new ArrayList<>();
    for (double[][][] pass : scored) {
      for (double[][] tree : pass) {
        result.add(Arrays.stream(tree).map(KeptScores::floats).toList());
      }
    }
    return result;
  }

  /** JSON has only doubles; a float written as a double is restored to the bit. */
  private static double[][][] doubles(List<List<float[]>> pass) {
    return pass.stream()
        .map(tree -> tree.stream().map(KeptScores::doubles).toArray(double[][]::new))
        .toArray(double[][][]::new);
  }

  /** Converts floats to doubles, for JSON. */
  public static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    Arrays.setAll(doubles, t -> values[t]);
    return doubles;
  }

  /** Reverses {@link #doubles(float[])}. */
  public static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int t = 0; t < floats.length; t++) {
      floats[t] = (float) values[t];
    }
    return floats;
  }
}
