package dev.plumbline.data.row;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A chosen and a rejected response to one prompt, with optional token weights (DPO, arXiv
 * 2305.18290; token weights for critical tokens, arXiv 2411.19943).
 *
 * <p>The weight arrays are shared, not copied: treat them as read-only. Equality compares their
 * content.
 *
 * @param chosenWeights one weight per chosen token, or null: every weight is 1
 * @param rejectedWeights one weight per rejected token, or null: every weight is 1
 */
@SuppressWarnings("ArrayRecordComponent") // equals, hashCode and toString below use the content
public record PreferencePair(
    TokenText prompt,
    TokenText chosen,
    TokenText rejected,
    float[] chosenWeights,
    float[] rejectedWeights)
    implements TrainingRow {
  /** Checks the weights. */
  public PreferencePair {
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(chosen, "chosen");
    Objects.requireNonNull(rejected, "rejected");
    checkWeights("chosen", chosen, chosenWeights);
    checkWeights("rejected", rejected, rejectedWeights);
  }

  @Override
  public List<TokenText> responses() {
    return List.of(chosen, rejected);
  }

  private static void checkWeights(String side, TokenText response, float[] weights) {
    if (weights == null) {
      return;
    }
    if (response.hasIds() && response.ids().length != weights.length) {
      throw new IllegalArgumentException(
          "\""
              + side
              + "_weights\" has "
              + weights.length
              + " weights, but the "
              + side
              + " response has "
              + response.ids().length
              + " tokens; give one weight per token.");
    }
    for (int i = 0; i < weights.length; i++) {
      if (!Float.isFinite(weights[i])) {
        throw new IllegalArgumentException(
            "\""
                + side
                + "_weights\"["
                + i
                + "] must be a finite number, but is "
                + weights[i]
                + ".");
      }
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PreferencePair that
        && prompt.equals(that.prompt)
        && chosen.equals(that.chosen)
        && rejected.equals(that.rejected)
        && Arrays.equals(chosenWeights, that.chosenWeights)
        && Arrays.equals(rejectedWeights, that.rejectedWeights);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        prompt, chosen, rejected, Arrays.hashCode(chosenWeights), Arrays.hashCode(rejectedWeights));
  }

  @Override
  public String toString() {
    return "PreferencePair[prompt="
        + prompt
        + ", chosen="
        + chosen
        + ", rejected="
        + rejected
        + ", chosenWeights="
        + Arrays.toString(chosenWeights)
        + ", rejectedWeights="
        + Arrays.toString(rejectedWeights)
        + "]";
  }
}
