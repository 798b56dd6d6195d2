package dev.plumbline.alignment.batch;

import dev.plumbline.transformer.graph.TokenTree;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One question with the responses that an objective scores.
 *
 * @param prompt token ids
 * @param responses in the objective's order
 * @param target index of the response that the likelihood term trains, or -1 for none
 */
public record Example(int[] prompt, List<Response> responses, int target) {
  /** Copies the list. */
  public Example {
    responses = List.copyOf(responses);
  }

  /** Creates an example whose target is the reference solution, if there is one. */
  public Example(int[] prompt, List<Response> responses) {
    this(
        prompt, responses, responses.stream().map(Response::role).toList().indexOf(Role.REFERENCE));
  }

  /** The tokens as a tree for the model. */
  public TokenTree tree() {
    boolean masked = responses.stream().anyMatch(r -> r.scored() != null);
    return new TokenTree(
        prompt,
        responses.stream().map(Response::ids).toList(),
        masked ? responses.stream().map(Response::mask).toList() : List.of());
  }

  /** Indices of the responses with a role, in order. */
  public int[] indices(Role role) {
    return IntStream.range(0, responses.size())
        .filter(i -> responses.get(i).role() == role)
        .toArray();
  }

  /** Indices of the candidates: all responses except the reference. */
  public int[] candidates() {
    return IntStream.range(0, responses.size())
        .filter(i -> responses.get(i).role() != Role.REFERENCE)
        .toArray();
  }

  /** Number of predicted tokens of the prompt and a response: all but the first. */
  public int predicted(int response) {
    return prompt.length + responses.get(response).ids().length - 1;
  }

  /** Number of tokens of the longest sequence. */
  public int longestTokens() {
    return prompt.length + responses.stream().mapToInt(r -> r.ids().length).max().orElse(0);
  }

  /** Number of tokens that the likelihood term trains. */
  public int targetTokens() {
    return target < 0 ? 0 : responses.get(target).scoredTokens();
  }
}
