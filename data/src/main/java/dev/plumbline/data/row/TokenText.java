package dev.plumbline.data.row;

import java.util.Arrays;
import java.util.Objects;

/**
 * Text, token ids, or both; with both, training uses the ids and the text is for readers. With ids,
 * a mask may say which tokens are scored, and ends where the steps of a solution end.
 *
 * <p>The arrays are shared, not copied: treat them as read-only. Equality compares their content.
 *
 * @param text the text, or null if only ids are known
 * @param ids the token ids, or null if only the text is known
 * @param scored per id, whether losses and scores count it, or null: all count. Tokens that the
 *     model did not write, such as the output of its code, are context only
 * @param steps ends of the steps: the number of ids up to and including each step's last id, in
 *     ascending order; the last entry is the number of ids. Null if unknown
 */
@SuppressWarnings("ArrayRecordComponent") // equals, hashCode and toString below use the content
public record TokenText(String text, int[] ids, boolean[] scored, int[] steps) {
  /** Checks the mask and the steps. */
  public TokenText {
    if (text == null && ids == null) {
      throw new IllegalArgumentException("A TokenText needs text or token ids, but got neither.");
    }
    if (ids == null && (scored != null || steps != null)) {
      throw new IllegalArgumentException(
          "A mask and steps need token ids, but there is only text; give the ids, too.");
    }
    if (scored != null) {
      checkScored(ids, scored);
    }
    if (steps != null) {
      checkSteps(ids, steps);
    }
  }

  /** Creates a text whose ids are all scored and whose steps are unknown. */
  public TokenText(String text, int[] ids) {
    this(text, ids, null, null);
  }

  private static void checkScored(int[] ids, boolean[] scored) {
    if (scored.length != ids.length) {
      throw new IllegalArgumentException(
          "A mask has "
              + scored.length
              + " entries for "
              + ids.length
              + " token ids; give one entry per id.");
    }
    for (boolean one : scored) {
      if (one) {
        return;
      }
    }
    throw new IllegalArgumentException("A mask leaves no token to score; it needs at least one 1.");
  }

  private static void checkSteps(int[] ids, int[] steps) {
    int before = 0;
    for (int end : steps) {
      if (end <= before) {
        throw new IllegalArgumentException(
            "The ends of steps are "
                + Arrays.toString(steps)
                + "; give positive numbers of tokens in ascending order.");
      }
      before = end;
    }
    if (before != ids.length) {
      throw new IllegalArgumentException(
          "The last step ends after "
              + before
              + " of "
              + ids.length
              + " tokens; it must end after the last token.");
    }
  }

  /** Creates a text without ids. */
  public static TokenText ofText(String text) {
    return new TokenText(Objects.requireNonNull(text, "text"), null);
  }

  /** Creates ids without a text. */
  public static TokenText ofIds(int... ids) {
    return new TokenText(null, Objects.requireNonNull(ids, "ids"));
  }

  /** Returns the first step alone. */
  public TokenText firstStep() {
    int end = steps[0];
    return new TokenText(
        null,
        Arrays.copyOf(ids, end),
        scored == null ? null : Arrays.copyOf(scored, end),
        new int[] {end});
  }

  /** Whether the ids are known. */
  public boolean hasIds() {
    return ids != null;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenText that
        && Objects.equals(text, that.text)
        && Arrays.equals(ids, that.ids)
        && Arrays.equals(scored, that.scored)
        && Arrays.equals(steps, that.steps);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        text, Arrays.hashCode(ids), Arrays.hashCode(scored), Arrays.hashCode(steps));
  }

  @Override
  public String toString() {
    String known = "TokenText[text=" + text + ", ids=" + Arrays.toString(ids);
    known += scored == null ? "" : ", scored=" + Arrays.toString(scored);
    return known + (steps == null ? "]" : ", steps=" + Arrays.toString(steps) + "]");
  }
}
