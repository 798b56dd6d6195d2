package dev.plumbline.alignment.batch;

import dev.plumbline.data.row.TokenText;
import dev.plumbline.transformer.tokenizer.Tokenizer;

/**
 * Encodes the texts of a row: token ids are used as they are, a text prompt gets BOS, and a text
 * response gets EOS.
 */
public record RowEncoder(Tokenizer tokenizer) {
  /** Returns the ids of a prompt. */
  public int[] prompt(TokenText text) {
    return text.hasIds() ? text.ids() : tokenizer.encodePrompt(text.text());
  }

  /** Returns a response with the mask and steps of the row. */
  public Response response(
      TokenText prompt, TokenText text, Role role, double reward, float[] weights) {
    return new Response(response(prompt, text), role, reward, weights, text.scored());
  }

  /** Returns the ids of a response to a prompt. */
  public int[] response(TokenText prompt, TokenText text) {
    if (text.hasIds()) {
      return text.ids();
    }
    return prompt.hasIds()
        ? tokenizer.encodeResponse(prompt.ids(), text.text())
        : tokenizer.encodeResponse(prompt.text(), text.text());
  }

  /**
   * Whether the ids of the joint text begin with the ids of the prompt; if not, the response is
   * encoded as a continuation of the prompt.
   */
  public boolean joins(TokenText prompt, TokenText text) {
    return prompt.hasIds() || text.hasIds() || tokenizer.joins(prompt.text(), text.text());
  }
}
