package dev.plumbline.alignment.objective;

import dev.plumbline.data.TokenText;
import dev.plumbline.transformer.Tokenizer;

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
  public Response response(TokenText text, Role role, double reward, float[] weights) {
    return new Response(response(text), role, reward, weights, text.scored());
  }

  /** Ids of a response. */
  public int[] response(TokenText text) {
    return text.hasIds() ? text.ids() : tokenizer.encodeResponse(text.text());
  }
}
