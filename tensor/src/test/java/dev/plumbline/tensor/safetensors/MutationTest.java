package dev.plumbline.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.tensor.kernel.Natives;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A damaged file reads to the same shapes or is refused by name; nothing else may happen. */
class MutationTest {
  private static final int MUTATIONS = 10_002;
  private static final List<String> HOSTILE =
      List.of(
          "-1",
          "0",
          "9223372036854775807",
          "18446744073709551616",
          "1e9",
          "1.5",
          "null",
          "true",
          "[]",
          "{}",
          "[",
          "}",
          "\"",
          "\"\"",
          "\\u0000",
          "\\ud800",
          ",",
          ":",
          "é",
          "\"shape\"",
          "\"dtype\":\"F16\"",
          "\"__metadata__\":{}",
          "[0,0]",
          "F64",
          "I32");

  @TempDir Path directory;

  @BeforeAll
  static void natives() {
    Natives.select();
  }

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void everyMutationReadsOrIsRefused(TestReporter reporter) throws IOException {
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    tensors.put("embed", Nd4j.rand(5, 3).castTo(DataType.FLOAT));
    tensors.put("norm", Nd4j.createFromArray(1f, 2f, 3f));
    tensors.put("scale", Nd4j.scalar(4f));
    Path file = directory.resolve("victim.safetensors");
    int[] outcomes = new int[2]; // read, refused
    for (Dtype dtype : List.of(Dtype.F32, Dtype.F16, Dtype.BF16)) {
      SafetensorsWriter.write(file, tensors, dtype, Map.of("origin", "mutation test"));
      byte[] original = Files.readAllBytes(file);
      for (int seed = 0; seed < MUTATIONS / 3; seed++) {
        byte[] mutant = mutate(original, new Random(seed));
        Files.write(file, mutant);
        boolean read = tryToRead(file, dtype + ", seed " + seed);
        outcomes[read ? 0 : 1]++;
      }
    }
    reporter.publishEntry(
        Map.of("read", Integer.toString(outcomes[0]), "refused", Integer.toString(outcomes[1])));
    assertThat(outcomes[0]).as("mutations that left the shapes alone").isGreaterThan(100);
    assertThat(outcomes[1]).as("mutations that were refused").isGreaterThan(1000);
  }

  private static boolean tryToRead(Path file, String replay) {
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertThat(reader.entries().values())
          .as(replay)
          .extracting(entry -> Arrays.toString(entry.shape()))
          .containsExactly("[5, 3]", "[3]", "[]");
      for (TensorEntry entry : reader.entries().values()) {
        reader.readFloat(entry.name(), new float[15], 0, 0, (int) entry.elements());
      }
      return true;
    } catch (SafetensorsException e) {
      assertThat(e).as(replay).hasMessageContaining(file.toString()).hasMessageEndingWith(".");
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError("Mutation of " + replay + " gave " + e, e);
    }
  }

  private static byte[] mutate(byte[] original, Random random) {
    int header = (int) ByteBuffer.wrap(original).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return switch (random.nextInt(6)) {
      case 0 -> Arrays.copyOf(original, random.nextInt(original.length)); // truncated
      case 1 -> Arrays.copyOf(original, original.length + 1 + random.nextInt(9)); // lengthened
      case 2 -> flip(original, random, 0, 8); // in the header's length
      case 3 -> flip(original, random, 8, 8 + header);
      case 4 -> flip(original, random, 0, original.length);
      default -> edit(original, random, header);
    };
  }

  private static byte[] flip(byte[] original, Random random, int from, int to) {
    byte[] mutant = original.clone();
    for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
      int at = random.nextInt(from, to);
      mutant[at] = random.nextBoolean() ? (byte) random.nextInt(256) : bit(mutant[at], random);
    }
    return mutant;
  }

  private static byte bit(byte value, Random random) {
    return (byte) (value ^ (1 << random.nextInt(8)));
  }

  /** Cuts, doubles or replaces a piece of the header and mostly corrects the length it states. */
  private static byte[] edit(byte[] original, Random random, int header) {
    String json = new String(original, 8, header, StandardCharsets.UTF_8);
    int from = random.nextInt(header);
    int to = Math.min(header, from + random.nextInt(12));
    String piece =
        switch (random.nextInt(3)) {
          case 0 -> "";
          case 1 -> json.substring(from, to).repeat(2);
          default -> HOSTILE.get(random.nextInt(HOSTILE.size()));
        };
    String edited = json.substring(0, from) + piece + json.substring(to);
    byte[] data = Arrays.copyOfRange(original, 8 + header, original.length);
    byte[] mutant = SafetensorsFiles.bytes(edited, data);
    if (random.nextInt(4) == 0) {
      ByteBuffer.wrap(mutant).order(ByteOrder.LITTLE_ENDIAN).putLong(header);
    }
    return mutant;
  }
}
