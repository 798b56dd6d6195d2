package dev.plumbline.alignment.train;

import dev.plumbline.data.io.AtomicFile;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;

/**
 * A file of log-probabilities; the key of each row is the SHA-256 of its inputs. The file is
 * replaced atomically; a damaged file is not read at all. Big-endian:
 *
 * <pre>
 *   magic int32, version int32, entries int32
 *   each entry: key 32 bytes, responses int32, their lengths int32, values float32
 *   CRC-32C of all before, int64
 * </pre>
 */
final class ReferenceFile {
  /** Maximum file size; entries at the end that do not fit are left out. */
  static final long MAX_BYTES = 256L << 20;

  private static final int MAGIC = 0x504c5246; // "PLRF"
  private static final int VERSION = 1;
  private static final int KEY_BYTES = 32;
  private static final int HEADER_BYTES = 3 * Integer.BYTES;

  private ReferenceFile() {}

  /**
   * Reads all entries: the values of each response, by the row's key in hexadecimal.
   *
   * @throws IOException when the file cannot be read or is damaged
   */
  static Map<String, List<float[]>> read(Path file) throws IOException {
    byte[] bytes = Files.size(file) > MAX_BYTES ? new byte[0] : Files.readAllBytes(file);
    if (!isWhole(bytes)) {
      throw new IOException("it is damaged or has another version");
    }
    return decode(ByteBuffer.wrap(bytes, 0, bytes.length - Long.BYTES));
  }

  /** Writes the first entries that fit, in order. */
  static void write(Path file, Map<String, List<float[]>> entries) throws IOException {
    Map<String, List<float[]>> kept = fitting(entries, MAX_BYTES);
    try (AtomicFile beside = AtomicFile.create(file)) {
      CheckedOutputStream checked = new CheckedOutputStream(beside.stream(), new CRC32C());
      DataOutputStream out = new DataOutputStream(checked);
      out.writeInt(MAGIC);
      out.writeInt(VERSION);
      out.writeInt(kept.size());
      for (Map.Entry<String, List<float[]>> entry : kept.entrySet()) {
        out.write(encode(entry.getKey(), entry.getValue()));
      }
      out.writeLong(checked.getChecksum().getValue());
      out.flush();
      beside.commit();
    }
  }

  private static boolean isWhole(byte[] bytes) {
    if (bytes.length < HEADER_BYTES + Long.BYTES) {
      return false;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, bytes.length - Long.BYTES);
    return buffer.getInt() == MAGIC
        && buffer.getInt() == VERSION
        && buffer.getLong(bytes.length - Long.BYTES) == checksum.getValue();
  }

  private static Map<String, List<float[]>> decode(ByteBuffer buffer) {
    Map<String, List<float[]>> entries = new LinkedHashMap<>();
    int count = buffer.getInt(2 * Integer.BYTES);
    buffer.position(HEADER_BYTES);
    for (int i = 0; i < count; i++) {
      byte[] key = new byte[KEY_BYTES];
      buffer.get(key);
      int[] lengths = new int[buffer.getInt()];
      for (int r = 0; r < lengths.length; r++) {
        lengths[r] = buffer.getInt();
      }
      List<float[]> values = new ArrayList<>();
      for (int length : lengths) {
        float[] response = new float[length];
        buffer.asFloatBuffer().get(response);
        buffer.position(buffer.position() + Float.BYTES * length);
        values.add(response);
      }
      entries.put(HexFormat.of().formatHex(key), values);
    }
    return entries;
  }

  private static byte[] encode(String key, List<float[]> values) {
    ByteBuffer buffer = ByteBuffer.allocate(size(values));
    buffer.put(HexFormat.of().parseHex(key)).putInt(values.size());
    values.forEach(response -> buffer.putInt(response.length));
    for (float[] response : values) {
      for (float value : response) {
        buffer.putFloat(value);
      }
    }
    return buffer.array();
  }

  private static int size(List<float[]> values) {
    int numbers = 1 + values.stream().mapToInt(response -> 1 + response.length).sum();
    return KEY_BYTES + Float.BYTES * numbers;
  }

  /** Returns the first entries that fit into a file of {@code maxBytes}. */
  static Map<String, List<float[]>> fitting(Map<String, List<float[]>> entries, long maxBytes) {
    Map<String, List<float[]>> kept = new LinkedHashMap<>();
    long bytes = HEADER_BYTES + Long.BYTES;
    for (Map.Entry<String, List<float[]>> entry : entries.entrySet()) {
      bytes += size(entry.getValue());
      if (bytes > maxBytes) {
        break;
      }
      kept.put(entry.getKey(), entry.getValue());
    }
    return kept;
  }
}
