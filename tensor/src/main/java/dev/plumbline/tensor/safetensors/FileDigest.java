package dev.plumbline.tensor.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * SHA-256 of a file, computed from the bytes that a reader reads in order. Bytes that were skipped
 * or read in another order are read at the end.
 */
final class FileDigest {
  private static final int WINDOW = 1 << 28;

  private final FileChannel channel;
  private final MessageDigest digest;
  private long position;

  FileDigest(FileChannel channel) {
    this.channel = channel;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  /** Passes bytes of the file at an offset; they are hashed if they are the next ones. */
  synchronized void see(long offset, ByteBuffer bytes) throws IOException {
    if (offset >= position && offset - position < WINDOW) {
      upTo(offset); // a header, or a tensor that was not read
      position += bytes.remaining();
      digest.update(bytes);
    }
  }

  private void upTo(long end) throws IOException {
    while (position < end) {
      int size = (int) Math.min(WINDOW, end - position);
      digest.update(channel.map(FileChannel.MapMode.READ_ONLY, position, size));
      position += size;
    }
  }

  /** The digest of the whole file in hexadecimal. */
  synchronized String finish() throws IOException {
    upTo(channel.size());
    return HexFormat.of().formatHex(digest.digest());
  }
}
