package dev.plumbline.transformer.graph;

import dev.plumbline.transformer.model.ModelException;
import java.util.List;

/**
 * One prompt and the responses that share it: a question with its candidates, a pair, or a single
 * completion.
 *
 * @param prompt token ids, at least one (the BOS)
 * @param responses token ids of each response, at least one token each
 * @param scored for each response which of its tokens are scored, at least one; empty for all
 *     tokens of all responses. The other tokens are context only
 */
public record TokenTree(int[] prompt, List<int[]> responses, List<boolean[]> scored) {
  /** Checks that every predicted token has a token before it. */
  public TokenTree {
    if (prompt.length == 0) {
      throw new ModelException(
          "A prompt has no tokens; a model needs at least its BOS before the first response token.");
    }
    for (int[] response : responses) {
      if (response.length == 0) {
        throw new ModelException(
            "A response has no tokens, so there is nothing to score or to train on.");
      }
    }
    responses = List.copyOf(responses);
    scored = List.copyOf(scored);
  }

  /** A tree in which every token of every response is scored. */
  public TokenTree(int[] prompt, List<int[]> responses) {
    this(prompt, responses, List.of());
  }

  /** Whether a token of a response is scored. */
  boolean scored(int response, int token) {
    return scored.isEmpty() || scored.get(response)[token];
  }

  /** Number of tokens of the packed form, in which responses share their common beginnings. */
  public int sharedTokens() {
    return new PrefixTree(this).tokens();
  }
}
