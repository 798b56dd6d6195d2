package dev.plumbline.alignment.train;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Writes TensorBoard's event format: each record is a length, its checksum, the data and its
 * checksum. The data is an {@code Event} message of TensorFlow's {@code event.proto} with one
 * scalar per metric.
 */
final class EventFile {
  private final OutputStream out;

  /** Starts a file at a time in seconds since the epoch. */
  EventFile(OutputStream out, double seconds) throws IOException {
    this.out = out;
    record(
        message(
            event -> {
              event.writeDouble(1, seconds);
              event.writeString(3, "brain.Event:2");
            }));
  }

  /** Adds the metrics of a step. */
  void add(double seconds, long step, Map<String, Double> metrics) throws IOException {
    byte[] summary =
        message(
            all -> {
              for (Map.Entry<String, Double> metric : metrics.entrySet()) {
                all.writeByteArray(
                    1,
                    message(
                        value -> {
                          value.writeString(1, metric.getKey());
                          value.writeFloat(2, metric.getValue().floatValue());
                        }));
              }
            });
    record(
        message(
            event -> {
              event.writeDouble(1, seconds);
              event.writeInt64(2, step);
              event.writeByteArray(5, summary);
            }));
  }

  private interface Fields {
    void write(CodedOutputStream message) throws IOException;
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream message = CodedOutputStream.newInstance(bytes);
    fields.write(message);
    message.flush();
    return bytes.toByteArray();
  }

  private void record(byte[] data) throws IOException {
    ByteBuffer length = buffer(Long.BYTES).putLong(data.length);
    out.write(length.array());
    out.write(buffer(Integer.BYTES).putInt(checksum(length.array())).array());
    out.write(data);
    out.write(buffer(Integer.BYTES).putInt(checksum(data)).array());
    out.flush();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * TensorFlow's masked CRC-32C (rotated and shifted): a plain CRC is weak on data that contains
   * CRCs.
   */
  static int checksum(byte[] data) {
    CRC32C crc = new CRC32C();
    crc.update(data);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }
}
