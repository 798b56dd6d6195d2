package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.objective.RowEncoder;
import dev.plumbline.data.PreferencePair;
import dev.plumbline.data.TokenText;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Pairs with the token weights of {@link dev.plumbline.alignment.objective.CriticalDpo}: 1 - s_t of
 * the rejected response and s_t of the chosen one. The end of text has weight 1 in both, as the
 * authors' code gives it (spec 8).
 */
public final class TokenWeights {
  private TokenWeights() {}

  /** Every pair with its weights, its responses as ids. */
  public static List<PreferencePair> of(
      List<PreferencePair> pairs,
      ContrastiveEstimator estimator,
      RowEncoder encoder,
      IntConsumer progress) {
    List<PreferencePair> weighted = new ArrayList<>();
    for (PreferencePair pair : pairs) {
      int[] prompt = encoder.prompt(pair.prompt());
      int[] chosen = encoder.response(pair.prompt(), pair.chosen());
      int[] rejected = encoder.response(pair.prompt(), pair.rejected());
      int eos = encoder.tokenizer().eos();
      float[] s = weights(estimator.score(prompt, chosen), chosen, eos, false);
      float[] oneLess = weights(estimator.score(prompt, rejected), rejected, eos, true);
      weighted.add(
          new PreferencePair(
              TokenText.ofIds(prompt),
              ids(pair.chosen(), chosen),
              ids(pair.rejected(), rejected),
              s,
              oneLess));
      progress.accept(1);
    }
    return weighted;
  }

  private static TokenText ids(TokenText text, int[] ids) {
    return text.hasIds() ? text : TokenText.ofIds(ids);
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
