package dev.plumbline.transformer.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * The {@code precompiled_charsmap} of a SentencePiece normaliser: the size of a double-array trie
 * (Darts), its units, then the replacements as UTF-8, each followed by a NUL. The tokenizers
 * library does not check its offsets, and aborts the process when one leads out of the map.
 */
final class CharsMap {
  private CharsMap() {}

  /** Returns what is wrong with a map, or null if every possible step stays inside. */
  static String fault(byte[] map) {
    if (map.length < 4) {
      return "is shorter than its own size";
    }
    ByteBuffer bytes = ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN);
    long size = Integer.toUnsignedLong(bytes.getInt());
    if (size == 0 || size % 4 != 0 || size > map.length - 4) {
      return "names a trie of " + size + " bytes, of which it holds " + (map.length - 4);
    }
    int[] units = new int[(int) size / 4];
    bytes.asIntBuffer().get(units);
    int texts = 4 + (int) size;
    if (texts < map.length && map[map.length - 1] != 0) {
      return "ends within a replacement";
    }
    return fault(units, map, texts);
  }

  /** Walks the trie as the library does, visiting each state once. */
  private static String fault(int[] units, byte[] map, int texts) {
    BitSet seen = new BitSet();
    int[] states = new int[units.length + 1];
    int count = 0;
    int start = offset(units[0]);
    if (start >= 0 && start < units.length) {
      seen.set(start);
    }
    states[count++] = start;
    for (int i = 0; i < count; i++) {
      for (int label = 1; label < 256; label++) {
        int at = states[i] ^ label;
        if (at < 0 || at >= units.length) {
          return "leads to unit " + Integer.toUnsignedString(at) + " of " + units.length;
        }
        int unit = units[at];
        if ((unit & 0x800000ff) != label) {
          continue;
        }
        int state = at ^ offset(unit);
        boolean leaf = (unit >> 8 & 1) == 1;
        if (state < 0 || state >= units.length) {
          return "leads to unit " + Integer.toUnsignedString(state) + " of " + units.length;
        }
        if (leaf && !replacement(map, texts, units[state] & 0x7fffffff)) {
          return "names a replacement at " + (units[state] & 0x7fffffff) + ", where none begins";
        }
        if (!seen.get(state)) {
          seen.set(state);
          states[count++] = state;
        }
      }
    }
    return null;
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >> 6);
  }

  /** Whether a replacement can begin at an offset: inside the map, and not within a character. */
  private static boolean replacement(byte[] map, int texts, int place) {
    long at = (long) texts + place;
    return at < map.length && (map[(int) at] & 0xc0) != 0x80;
  }
}
