package dev.plumbline.alignment.objective;

import dev.plumbline.transformer.TokenTree;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One question with the responses that an objective scores.
 *
 * @param prompt token ids
 * @param responses in the objective's order
 */
public record Example(int[] prompt, List<Response> responses) {
  /** Copies the list. */
  public Example {
    responses = List.copyOf(responses);
  }

  /** The tokens for the model. */
  public TokenTree tree() {
    return new TokenTree(prompt, responses.stream().map(Response::ids).toList());
  }

  /** Indices of the responses of a role, in order. */
  public int[] indices(Role role) {
    return IntStream.range(0, responses.size())
        .filter(i -> responses.get(i).role() == role)
        .toArray();
  }

  /** Longest sequence in tokens. */
  public int longestTokens() {
    return prompt.length + responses.stream().mapToInt(r -> r.ids().length).max().orElse(0);
  }

  /** Response tokens of a role. */
  public int tokens(Role role) {
    return responses.stream().filter(r -> r.role() == role).mapToInt(r -> r.ids().length).sum();
  }
}
