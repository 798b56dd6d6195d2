package dev.plumbline.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
  @TempDir Path output;

  private static Map<String, Double> row(double step, double loss) {
    Map<String, Double> row = new LinkedHashMap<>();
    row.put("step", step);
    row.put("loss", loss);
    row.put("rewards/margins", -loss);
    return row;
  }

  /** Steps and losses of an event file; checks its lengths and checksums. */
  private static List<String> events(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<String> all = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] length = new byte[8];
      bytes.get(length);
      assertThat(bytes.getInt()).isEqualTo(EventFile.checksum(length));
      byte[] data =
          new byte[(int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong()];
      bytes.get(data);
      assertThat(bytes.getInt()).isEqualTo(EventFile.checksum(data));
      all.add(event(CodedInputStream.newInstance(data)));
    }
    return all;
  }

  private static String event(CodedInputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 1 -> assertThat(in.readDouble()).isGreaterThan(1.7e9);
        case 2 -> text.append(in.readInt64()).append(' ');
        case 3 -> text.append(in.readString());
        case 5 -> text.append(event(in.readBytes().newCodedInput(), 0));
        default -> in.skipField(tag);
      }
    }
    return text.toString();
  }

  private static String event(CodedInputStream summary, int depth) throws IOException {
    StringBuilder text = new StringBuilder();
    for (int tag = summary.readTag(); tag != 0; tag = summary.readTag()) {
      if (depth == 0) {
        text.append(event(summary.readBytes().newCodedInput(), 1));
      } else if (WireFormat.getTagFieldNumber(tag) == 1) {
        text.append(summary.readString()).append('=');
      } else {
        text.append(summary.readFloat()).append(' ');
      }
    }
    return text.toString();
  }

  @Test
  void tableAndEventsSayWhatTheLinesSay() throws Exception {
    try (Metrics metrics = new Metrics(output, 0)) {
      metrics.add(row(1, 0.5));
      metrics.add(row(2, 0.25));
      metrics.add(row(3, 0.125));
    }
    try (Metrics metrics = new Metrics(output, 2)) { // step 3 was after the last saved state
      assertThat(metrics.rows()).hasSize(2);
      metrics.add(row(3, 8));
    }
    assertThat(Files.readAllLines(output.resolve(Metrics.FILE)))
        .hasSize(3)
        .last()
        .isEqualTo("{\"step\":3.0,\"loss\":8.0,\"rewards/margins\":-8.0}");
    assertThat(output.resolve(Metrics.TABLE))
        .hasContent("step,loss,rewards/margins\n1.0,0.5,-0.5\n2.0,0.25,-0.25\n3.0,8.0,-8.0\n");
    assertThat(events(output.resolve(Metrics.EVENTS)))
        .containsExactly(
            "brain.Event:2",
            "1 loss=0.5 rewards/margins=-0.5 ",
            "2 loss=0.25 rewards/margins=-0.25 ",
            "3 loss=8.0 rewards/margins=-8.0 ");
  }

  /** The published check value of CRC-32C, masked as TensorFlow masks it. */
  @Test
  void checksumsAreCastagnolisAndMasked() {
    int plain = 0xe3069283; // CRC-32C of the digits
    assertThat(EventFile.checksum("123456789".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(((plain >>> 15) | (plain << 17)) + 0xa282ead8);
  }
}
