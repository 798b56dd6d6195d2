package dev.plumbline.data.select;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Levenshtein distance: insertions, deletions and substitutions, each at cost 1.
 *
 * <p>A column of the table is stored as differences, one bit per row and 64 rows per word (Myers
 * 1999, J. ACM 46(3); Hyyro 2003 for several words), because RFT compares thousands of solutions of
 * hundreds of characters. A test compares it with the plain table.
 */
public final class EditDistance {
  private EditDistance() {}

  /** Returns the distance of two texts in characters. */
  public static int between(String a, String b) {
    if (a.isEmpty() || b.isEmpty()) {
      return a.length() + b.length();
    }
    int words = (a.length() + 63) / 64;
    Map<Character, long[]> rowsOf = new HashMap<>();
    for (int i = 0; i < a.length(); i++) {
      rowsOf.computeIfAbsent(a.charAt(i), c -> new long[words])[i / 64] |= 1L << (i % 64);
    }
    long[] nowhere = new long[words];
    long[] up = new long[words]; // rows whose value is one more than that of the row above
    long[] down = new long[words]; // one less
    Arrays.fill(up, -1L);
    long lastRow = 1L << ((a.length() - 1) % 64);
    int distance = a.length();
    for (int j = 0; j < b.length(); j++) {
      long[] equal = rowsOf.getOrDefault(b.charAt(j), nowhere);
      long plus = 1; // the row above the first grows by one from column to column
      long minus = 0;
      for (int w = 0; w < words; w++) {
        long vertical = equal[w] | down[w];
        long matched = equal[w] | minus;
        long horizontal = (((matched & up[w]) + up[w]) ^ up[w]) | matched;
        long grows = down[w] | ~(horizontal | up[w]);
        long shrinks = up[w] & horizontal;
        if (w == words - 1) {
          distance += (grows & lastRow) != 0 ? 1 : (shrinks & lastRow) != 0 ? -1 : 0;
        }
        long growsBelow = grows << 1 | plus;
        long shrinksBelow = shrinks << 1 | minus;
        plus = grows >>> 63;
        minus = shrinks >>> 63;
        up[w] = shrinksBelow | ~(vertical | growsBelow);
        down[w] = growsBelow & vertical;
      }
    }
    return distance;
  }
}
