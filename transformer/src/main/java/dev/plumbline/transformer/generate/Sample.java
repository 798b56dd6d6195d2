package dev.plumbline.transformer.generate;

/**
 * One drawn response.
 *
 * @param ids its tokens, including the EOS, if there is one
 * @param reason why it ended
 */
public record Sample(int[] ids, FinishReason reason) {
  /** Why a response ended; the names are those of the OpenAI interface. */
  public enum FinishReason {
    /** EOS or a stop text. */
    STOP,
    /** The token limit or the model's longest sequence. */
    LENGTH
  }
}
