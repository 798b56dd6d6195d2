package dev.plumbline.alignment.batch;

import dev.plumbline.data.row.TokenText;
import dev.plumbline.transformer.tokenizer.Tokenizer;

/**
 * Turns the text of a row into ids: ids are taken as they are, a text prompt gets BOS, a text
 * response EOS.
 */
public record RowEncoder(Tokenizer tokenizer) {
  /** Ids of a prompt. */
  public int[] prompt(TokenText text) {
    return text.hasIds() ? text.ids() : tokenizer.encodePrompt(text.text());
  }

  /** A response with what the row says of its tokens. */
  public Response response(
      TokenText prompt, TokenText text, Role role, double reward, float[] weights) {
    return new Response(response(prompt, text), role, reward, weights, text.scored());
  }

  /** Ids of a response to a prompt. */
  public int[] response(TokenText prompt, TokenText text) {
    if (text.hasIds()) {
      return text.ids();
    }
    return prompt.hasIds()
        ? tokenizer.encodeResponse(prompt.ids(), text.text())
        : tokenizer.encodeResponse(prompt.text(), text.text());
  }

  /**
   * Whether the prompt's ids begin the joint text's; where they do not, the response is encoded as
   * the prompt's continuation.
   */
  public boolean joins(TokenText prompt, TokenText text) {
    return prompt.hasIds() || text.hasIds() || tokenizer.joins(prompt.text(), text.text());
  }
}
