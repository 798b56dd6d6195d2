package dev.plumbline.data;

import java.util.Arrays;
import java.util.Objects;

/**
 * Text, or token ids, or both; with both, the ids count and the text is for people.
 *
 * <p>The ids are shared, not copied: treat them as read-only. Equality is by content.
 *
 * @param text the text, or null when only ids are known
 * @param ids the token ids, or null when only text is known
 */
@SuppressWarnings("ArrayRecordComponent") // equals, hashCode and toString below go by content
public record TokenText(String text, int[] ids) {
  public TokenText {
    if (text == null && ids == null) {
      throw new IllegalArgumentException("A TokenText needs text or token ids, and got neither.");
    }
  }

  public static TokenText ofText(String text) {
    return new TokenText(Objects.requireNonNull(text, "text"), null);
  }

  public static TokenText ofIds(int... ids) {
    return new TokenText(null, Objects.requireNonNull(ids, "ids"));
  }

  public boolean hasIds() {
    return ids != null;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TokenText that
        && Objects.equals(text, that.text)
        && Arrays.equals(ids, that.ids);
  }

  @Override
  public int hashCode() {
    return 31 * Objects.hashCode(text) + Arrays.hashCode(ids);
  }

  @Override
  public String toString() {
    return "TokenText[text=" + text + ", ids=" + Arrays.toString(ids) + "]";
  }
}
