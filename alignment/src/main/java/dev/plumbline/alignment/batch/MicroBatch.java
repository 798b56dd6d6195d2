package dev.plumbline.alignment.batch;

import java.util.List;

/**
 * The part of a step's batch in one forward and backward pass. Means are taken over the whole step,
 * so that any division into micro-batches gives the same loss and gradient.
 *
 * @param examples the examples of this pass
 * @param reference log-probabilities under the reference model by example, or null
 * @param stepExamples examples of the whole step
 * @param stepTargetTokens tokens of the whole step that the likelihood term trains
 * @param stepResponses responses of the whole step to their own prompts
 */
public record MicroBatch(
    List<Example> examples,
    List<List<float[]>> reference,
    int stepExamples,
    int stepTargetTokens,
    int stepResponses) {
  /** Creates a micro-batch of a whole step. */
  public static MicroBatch whole(List<Example> examples, List<List<float[]>> reference) {
    return new MicroBatch(
        examples, reference, examples.size(), targetTokens(examples), responses(examples));
  }

  /** Number of responses to their own prompts. */
  public static int responses(List<Example> examples) {
    return examples.stream()
        .mapToInt(e -> e.responses().size() - e.indices(Role.MISMATCHED).length)
        .sum();
  }

  /** Number of tokens that the likelihood term trains. */
  public static int targetTokens(List<Example> examples) {
    return examples.stream().mapToInt(Example::targetTokens).sum();
  }
}
