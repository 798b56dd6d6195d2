package dev.plumbline.transformer.generate;

import dev.plumbline.transformer.tokenizer.Tokenizer;

/**
 * Which tokens end a step, and which hold more than blanks. Both are false for all tokens where the
 * temperature does not depend on steps.
 */
final class StepTokens {
  private final boolean[] end;
  private final boolean[] text;

  /**
   * The steps of a temperature.
   *
   * @param byText whether the text of tokens ends steps; false where interruptions do
   */
  StepTokens(TemperatureSchedule temperature, boolean byText, Tokenizer tokenizer, int vocab) {
    end = new boolean[vocab];
    text = new boolean[vocab];
    for (int id = 0; id < vocab && byText && temperature.rises(); id++) {
      String token = tokenizer.decode(id);
      end[id] = token.contains(temperature.stepEnd());
      text[id] = !token.isBlank();
    }
  }

  /** Whether a token ends a step that holds text. */
  boolean end(int id) {
    return end[id];
  }

  /** Whether a token holds more than blanks. */
  boolean text(int id) {
    return text[id];
  }
}
