package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.KeptScores;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.row.TokenText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Pairs with the token weights of {@link dev.plumbline.alignment.objective.CriticalDpo}: 1 - s_t of
 * the rejected response and s_t of the chosen one. The end of text has weight 1 in both, as the
 * authors' code gives it.
 *
 * @param estimator what s_t comes from
 * @param encoder of the models' tokenizer
 */
public record TokenWeights(ContrastiveEstimator estimator, RowEncoder encoder) {

  /** Every pair with its weights, its responses as ids; a journal keeps the weights. */
  public List<PreferencePair> of(
      List<PreferencePair> pairs, Journal journal, IntConsumer progress) {
    List<double[][]> weights =
        journal.batch(
            "pairs",
            pairs.size(),
            double[][].class,
            (missing, kept) -> {
              progress.accept(pairs.size() - missing.length);
              for (int i : missing) {
                kept.accept(weights(pairs.get(i)), i);
                progress.accept(1);
                journal.check();
              }
            });
    List<PreferencePair> weighted = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      PreferencePair pair = pairs.get(i);
      weighted.add(
          new PreferencePair(
              TokenText.ofIds(encoder.prompt(pair.prompt())),
              ids(pair.prompt(), pair.chosen()),
              ids(pair.prompt(), pair.rejected()),
              KeptScores.floats(weights.get(i)[0]),
              KeptScores.floats(weights.get(i)[1])));
    }
    return weighted;
  }

  /** Those of the chosen response and those of the rejected one. */
  private double[][] weights(PreferencePair pair) {
    int[] prompt = encoder.prompt(pair.prompt());
    int[] chosen = encoder.response(pair.prompt(), pair.chosen());
    int[] rejected = encoder.response(pair.prompt(), pair.rejected());
    int eos = encoder.tokenizer().eos();
    return new double[][] {
      KeptScores.doubles(weights(estimator.score(prompt, chosen), chosen, eos, false)),
      KeptScores.doubles(weights(estimator.score(prompt, rejected), rejected, eos, true))
    };
  }

  private TokenText ids(TokenText prompt, TokenText response) {
    return response.hasIds() ? response : TokenText.ofIds(encoder.response(prompt, response));
  }

  private static float[] weights(
      ContrastiveEstimator.Estimate estimate, int[] response, int eos, boolean oneLess) {
    float[] weights = new float[response.length];
    for (int t = 0; t < weights.length; t++) {
      double s = estimate.score()[t];
      boolean end = t == weights.length - 1 && response[t] == eos;
      weights[t] = end ? 1f : (float) (oneLess ? 1 - s : s);
    }
    return weights;
  }
}
