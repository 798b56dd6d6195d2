package dev.plumbline.data.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * GPT-2's mapping of bytes to printable characters (Radford et al. 2019, {@code encoder.py},
 * bytes_to_unicode): printable Latin-1 bytes map to themselves, the other bytes to U+0100 and
 * above. A blank is written {@code Ġ}.
 */
final class ByteAlphabet {
  private final char[] characters = new char[256];

  ByteAlphabet() {
    char next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      characters[b] = printable ? (char) b : next++;
    }
  }

  /** The character for byte {@code b}, 0 to 255. */
  char character(int b) {
    return characters[b];
  }

  /** The UTF-8 bytes of a text as numbers 0 to 255. */
  static int[] bytes(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] values = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      values[i] = bytes[i] & 0xFF;
    }
    return values;
  }
}
