package dev.plumbline.alignment.batch;

import java.util.List;

/**
 * The part of a step's batch that one forward and backward pass covers. Means are taken over the
 * whole step, so that a batch cut into micro-batches gives the same loss and gradient.
 *
 * @param examples the examples of this pass
 * @param reference log-probabilities under the reference model by example, or null
 * @param stepExamples examples of the whole step
 * @param stepTargetTokens tokens that the whole step trains by maximum likelihood
 * @param stepResponses responses of the whole step to their own prompts
 */
public record MicroBatch(
    List<Example> examples,
    List<List<float[]>> reference,
    int stepExamples,
    int stepTargetTokens,
    int stepResponses) {
  /** A whole step in one pass. */
  public static MicroBatch whole(List<Example> examples, List<List<float[]>> reference) {
    return new MicroBatch(
        examples, reference, examples.size(), targetTokens(examples), responses(examples));
  }

  /** Responses to their own prompts. */
  public static int responses(List<Example> examples) {
    return examples.stream()
        .mapToInt(e -> e.responses().size() - e.indices(Role.MISMATCHED).length)
        .sum();
  }

  /** Tokens that maximum likelihood trains. */
  public static int targetTokens(List<Example> examples) {
    return examples.stream().mapToInt(Example::targetTokens).sum();
  }
}
