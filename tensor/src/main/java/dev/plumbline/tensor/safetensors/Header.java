package dev.plumbline.tensor.safetensors;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The checked header of one safetensors file: eight little-endian bytes of length, JSON, then data
 * that the tensors cover exactly. Memory is allocated by a number of the file only after that
 * number was compared with the file's size.
 *
 * <p>Source: the format's description and the checks of its reference implementation, <a
 * href="https://github.com/huggingface/safetensors">huggingface/safetensors</a>.
 *
 * @param entries the tensors in the order of their bytes in the file
 * @param metadata the {@code __metadata__} object, empty where there is none
 */
record Header(List<TensorEntry> entries, Map<String, String> metadata) {
  /** The key that is not a tensor. */
  static final String METADATA = "__metadata__";

  /** Longest header in bytes; the reference implementation's limit. */
  static final int MAX_BYTES = 100_000_000;

  private static final int LENGTH_BYTES = 8;

  /** Reads and checks the header of an open file. */
  static Header read(Path file, FileChannel channel) {
    try {
      long size = channel.size();
      if (size < LENGTH_BYTES) {
        throw error(
            file,
            "has "
                + size
                + " bytes, and the length of its header alone takes 8; the file is truncated or"
                + " not safetensors, so fetch it again");
      }
      long length = bytes(channel, 0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
      // A length with the top bit set is an unsigned number far beyond any file.
      if (length < 0 || length > MAX_BYTES || length > size - LENGTH_BYTES) {
        throw error(
            file,
            "states a header of "
                + Long.toUnsignedString(length)
                + " bytes, and "
                + Math.min(size - LENGTH_BYTES, MAX_BYTES)
                + " are the most in a file of "
                + size
                + " bytes; the file is truncated or not safetensors, so fetch it again");
      }
      String json = text(file, bytes(channel, LENGTH_BYTES, (int) length));
      Header header = HeaderParser.parse(file, json, LENGTH_BYTES + length, size);
      return header.laidOut(file, LENGTH_BYTES + length, size);
    } catch (IOException e) {
      throw error(file, "cannot be read", e);
    }
  }

  private static ByteBuffer bytes(FileChannel channel, long at, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new EOFException("it became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private static String text(Path file, ByteBuffer bytes) {
    try {
      String json = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      if (!json.startsWith("{")) {
        throw error(
            file,
            "has a header that does not begin with '{'; it is no JSON object, so the file is"
                + " not safetensors");
      }
      return json;
    } catch (CharacterCodingException e) {
      throw error(file, "has a header that is not UTF-8; the file is damaged, so fetch it again");
    }
  }

  /**
   * The tensors by offset. They must be contiguous: no overlap, no hole, nothing after the last
   * one.
   */
  private Header laidOut(Path file, long dataStart, long size) {
    List<TensorEntry> sorted = new ArrayList<>(entries);
    sorted.sort(
        Comparator.comparingLong(TensorEntry::offset).thenComparingLong(TensorEntry::bytes));
    long at = dataStart;
    for (TensorEntry entry : sorted) {
      if (entry.offset() != at) {
        throw error(
            file,
            (entry.offset() < at ? "lays another tensor over" : "leaves unused bytes before")
                + " tensor '"
                + entry.name()
                + "', which begins at data offset "
                + (entry.offset() - dataStart)
                + " where "
                + (at - dataStart)
                + " is next; write the file anew with a safetensors library");
      }
      at += entry.bytes();
    }
    if (at != size) {
      throw error(
          file,
          "has "
              + (size - at)
              + " bytes behind its last tensor, at data offset "
              + (at - dataStart)
              + "; write the file anew with a safetensors library");
    }
    return new Header(List.copyOf(sorted), metadata);
  }

  /** A complete sentence about a file. */
  static SafetensorsException error(Path file, String what) {
    return new SafetensorsException("The safetensors file " + file + " " + what + ".");
  }

  /** A complete sentence about a file that the operating system refused. */
  static SafetensorsException error(Path file, String what, IOException cause) {
    return new SafetensorsException(
        "The safetensors file " + file + " " + what + ": " + cause + ".", cause);
  }
}
