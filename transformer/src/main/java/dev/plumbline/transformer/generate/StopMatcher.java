package dev.plumbline.transformer.generate;

import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;

/** Finds stop texts at the end of a response. */
final class StopMatcher {
  private final List<String> stops;
  private final Tokenizer tokenizer;
  private final int longest; // characters
  private final boolean[] mayComplete; // [vocab]

  StopMatcher(List<String> stops, Tokenizer tokenizer, int vocab) {
    this.stops = stops;
    this.tokenizer = tokenizer;
    this.longest = stops.stream().mapToInt(String::length).max().orElse(0);
    this.mayComplete = new boolean[vocab];
    for (int id = 0; id < vocab && !stops.isEmpty(); id++) {
      String text = tokenizer.decode(id);
      mayComplete[id] =
          text.isBlank()
              || text.indexOf('\ufffd') >= 0
              || stops.stream().anyMatch(s -> text.indexOf(s.charAt(s.length() - 1)) >= 0);
    }
  }

  /**
   * Whether a token may complete a stop text: it holds the last character of one, or its own text
   * does not show what it adds (blanks, parts of a character).
   */
  boolean mayComplete(int id) {
    return mayComplete[id];
  }

  /**
   * Whether the last token completes a stop text. Only the end of the response is decoded, because
   * only the last token is new; a character takes at most three byte tokens.
   */
  boolean completedBy(int[] ids) {
    if (stops.isEmpty()) {
      return false;
    }
    int from = Math.max(0, ids.length - 3 * longest - 16);
    String end = tokenizer.decode(Arrays.copyOfRange(ids, from, ids.length));
    int before = tokenizer.decode(Arrays.copyOfRange(ids, from, ids.length - 1)).length();
    return stops.stream()
        .anyMatch(stop -> end.lastIndexOf(stop) + stop.length() > before && end.contains(stop));
  }
}
