package dev.plumbline.data.row;

import java.util.List;
import java.util.Objects;

/**
 * A prompt and the response to imitate: a row of supervised fine-tuning (VFT in AFT, arXiv
 * 2309.02144).
 */
public record Completion(TokenText prompt, TokenText response) implements TrainingRow {
  /** Checks that neither part is null. */
  public Completion {
    Objects.requireNonNull(prompt, "prompt");
    Objects.requireNonNull(response, "response");
  }

  @Override
  public List<TokenText> responses() {
    return List.of(response);
  }
}
