package dev.plumbline.alignment.read;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** What the build packs beside the classes: sources, docs/math, and the files of the pages. */
final class Resources {
  private Resources() {}

  /**
   * A text.
   *
   * @param path below {@code read/}
   */
  static String text(String path) {
    try (InputStream in = Resources.class.getResourceAsStream("/read/" + path)) {
      if (in == null) {
        throw new IllegalStateException(
            "The build lacks read/" + path + "; build Plumbline from a complete checkout.");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
