package dev.plumbline.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class SafetensorsRoundTripTest {
  @TempDir Path directory;

  @BeforeAll
  static void natives() {
    Natives.select();
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void everyShapeSurvives(Dtype dtype) {
    Map<String, INDArray> tensors = tensors(dtype);
    Path file = directory.resolve("all.safetensors");
    SafetensorsWriter.write(file, tensors, dtype, Map.of("origin", "a test"));
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertSame(reader, tensors, dtype);
      assertThat(reader.metadata()).containsEntry("format", "pt").containsEntry("origin", "a test");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void shardsSurvive(Dtype dtype) throws IOException {
    Map<String, INDArray> tensors = tensors(dtype);
    SafetensorsWriter.writeSharded(directory, lazily(tensors), dtype, Map.of(), 1000);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "model-00001-of-00003.safetensors", // the 16 small ones
              "model-00002-of-00003.safetensors", // the large one, over the limit
              "model-00003-of-00003.safetensors", // the one behind it
              "model.safetensors.index.json");
    }
    long elements = tensors.values().stream().mapToLong(a -> a.isEmpty() ? 0 : a.length()).sum();
    assertThat(Files.readString(directory.resolve("model.safetensors.index.json")))
        .contains("\"total_size\" : " + elements * dtype.bytes())
        .contains("\"large\" : \"model-00002-of-00003.safetensors\"");
    try (SafetensorsReader reader = SafetensorsReader.open(directory)) {
      assertSame(reader, tensors, dtype);
      assertThat(reader.metadata()).containsExactly(Map.entry("format", "pt"));
    }
  }

  private static Map<String, SafetensorsWriter.Tensor> lazily(Map<String, INDArray> arrays) {
    Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
    arrays.forEach((name, array) -> tensors.put(name, SafetensorsWriter.Tensor.of(name, array)));
    return tensors;
  }

  @Test
  void smallCheckpointsAreOneFileAndReplaceAnOldIndex() {
    Map<String, INDArray> tensors = tensors(Dtype.F32);
    SafetensorsWriter.writeSharded(directory, lazily(tensors), Dtype.F32, Map.of(), 1000);
    Map<String, INDArray> small = Map.of("w", Nd4j.createFromArray(1f, 2f));
    SafetensorsWriter.writeSharded(directory, lazily(small), Dtype.F32, Map.of(), 8);
    assertThat(directory.resolve("model.safetensors.index.json")).doesNotExist();
    try (SafetensorsReader reader = SafetensorsReader.open(directory)) {
      assertThat(reader.entries()).containsOnlyKeys("w");
    }
    SafetensorsWriter.writeSharded(directory, lazily(tensors), Dtype.F32, Map.of(), 1000);
    assertThat(directory.resolve("model.safetensors")).doesNotExist(); // others prefer it
  }

  @Test
  void theBytesAreThoseOfHuggingFace() throws IOException {
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    tensors.put("b", Nd4j.createFromArray(new float[][] {{1, -2}}));
    tensors.put("a", Nd4j.scalar(0.5f));
    Path file = directory.resolve("bytes.safetensors");
    SafetensorsWriter.write(file, tensors, Dtype.BF16, Map.of());
    String header =
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1,2],\"data_offsets\":[0,4]},"
            + "\"a\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[4,6]}}";
    String padded = header + " ".repeat((8 - header.length() % 8) % 8);
    byte[] data = {(byte) 0x80, 0x3f, 0x00, (byte) 0xc0, 0x00, 0x3f};
    assertThat(Files.readAllBytes(file)).isEqualTo(SafetensorsFiles.bytes(padded, data));
    assertThat(directory.resolve("bytes.safetensors.tmp")).doesNotExist();
  }

  @Test
  void partsOfATensorAreRead() {
    Path file = directory.resolve("part.safetensors");
    INDArray row = Nd4j.arange(0, 100).castTo(DataType.FLOAT);
    SafetensorsWriter.write(file, Map.of("w", row), Dtype.F16, Map.of());
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      float[] into = new float[5];
      reader.readFloat("w", into, 1, 97, 3);
      assertThat(into).containsExactly(0, 97, 98, 99, 0);
      reader.readFloat("w", into, 5, 100, 0);
      assertThatThrownBy(() -> reader.readFloat("w", into, 0, 97, 4))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> reader.readFloat("w", into, 3, 0, 3))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void float32KeepsEveryBit() {
    int[] bits = {0x7fc00001, 0x7f800001, 0xff800000, 0x80000000, 1, 0x00400000, 0x7f7fffff};
    float[] values = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      values[i] = Float.intBitsToFloat(bits[i]);
    }
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, new long[] {bits.length}, 'c');
    Memory.view(array).put(values);
    Path file = directory.resolve("bits.safetensors");
    SafetensorsWriter.write(file, Map.of("w", array), Dtype.F32, Map.of());
    try (SafetensorsReader reader = SafetensorsReader.open(file);
        INDArray copy = reader.read("w")) {
      for (int i = 0; i < bits.length; i++) {
        assertThat(Float.floatToRawIntBits(Memory.view(copy).get(i))).isEqualTo(bits[i]);
      }
    }
  }

  @Test
  void viewsAreWrittenInCOrder() {
    INDArray matrix = Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}});
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    tensors.put("transposed", matrix.transpose());
    tensors.put("column", matrix.get(NDArrayIndex.all(), NDArrayIndex.point(1)));
    tensors.put("lower", matrix.get(NDArrayIndex.point(1), NDArrayIndex.all()));
    Path file = directory.resolve("views.safetensors");
    SafetensorsWriter.write(file, tensors, Dtype.F32, Map.of());
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertThat(values(reader, "transposed")).containsExactly(1, 4, 2, 5, 3, 6);
      assertThat(values(reader, "column")).containsExactly(2, 5);
      assertThat(values(reader, "lower")).containsExactly(4, 5, 6);
      assertThatThrownBy(() -> reader.readInto("transposed", matrix.transpose()))
          .hasMessageContaining("strided view");
      assertThatThrownBy(() -> reader.readInto("column", matrix)).hasMessageContaining("F32[2]");
    }
  }

  @Test
  void valuesBeyondTheDtypeAreRefusedAndTheOldFileStands() {
    Path file = directory.resolve("model.safetensors");
    SafetensorsWriter.write(file, Map.of("w", Nd4j.scalar(7f)), Dtype.F16, Map.of());
    Map<String, INDArray> large = Map.of("w", Nd4j.createFromArray(1f, 70000f));
    assertThatThrownBy(() -> SafetensorsWriter.write(file, large, Dtype.F16, Map.of()))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("element 1 of tensor 'w'")
        .hasMessageContaining("70000");
    assertThat(directory.resolve("model.safetensors.tmp")).doesNotExist();
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertThat(values(reader, "w")).containsExactly(7);
    }
    Map<String, INDArray> infinite = Map.of("w", Nd4j.scalar(Float.NEGATIVE_INFINITY));
    SafetensorsWriter.write(file, infinite, Dtype.F16, Map.of());
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertThat(values(reader, "w")).containsExactly(Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void whatIsNoWeightIsRefused() {
    Path file = directory.resolve("x.safetensors");
    Map<String, INDArray> doubles = Map.of("w", Nd4j.scalar(1.0));
    assertThatThrownBy(() -> SafetensorsWriter.write(file, doubles, Dtype.F32, Map.of()))
        .hasMessageContaining("'w' is DOUBLE");
    assertThatThrownBy(() -> SafetensorsWriter.write(file, Map.of(), Dtype.I8, Map.of()))
        .hasMessageContaining("not as I8");
    SafetensorsWriter.write(file, Map.of(), Dtype.F32, Map.of());
    Path nowhere = file.resolve("x.safetensors"); // below a file
    assertThatThrownBy(() -> SafetensorsWriter.write(nowhere, Map.of(), Dtype.F32, Map.of()))
        .isInstanceOf(UserError.class)
        .hasMessageStartingWith(nowhere + " cannot be written: ");
  }

  /** Scalars, vectors, empty ones, high ranks, one large enough for many tiles; exact in dtype. */
  private static Map<String, INDArray> tensors(Dtype dtype) {
    Random random = new Random(7);
    List<long[]> shapes =
        List.of(
            new long[] {},
            new long[] {1},
            new long[] {1, 1},
            new long[] {5},
            new long[] {0},
            new long[] {0, 3},
            new long[] {2, 0, 4},
            new long[] {3, 4},
            new long[] {2, 1, 3},
            new long[] {2, 2, 2, 2},
            new long[] {1, 2, 1, 2, 1, 2});
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    for (long[] shape : shapes) {
      tensors.put("t" + tensors.size() + ".weight ü", random(random, dtype, shape));
    }
    tensors.put("large", random(random, dtype, 601, 333)); // over three tiles
    tensors.put("last", random(random, dtype, 7));
    return tensors;
  }

  private static INDArray random(Random random, Dtype dtype, long... shape) {
    INDArray array = Nd4j.create(DataType.FLOAT, shape);
    if (!array.isEmpty()) {
      float[] values = new float[(int) array.length()];
      for (int i = 0; i < values.length; i++) {
        float value = (float) random.nextGaussian();
        values[i] =
            switch (dtype) {
              case F16 -> HalfFloat.fromHalf(HalfFloat.toHalf(value));
              case BF16 -> HalfFloat.fromBfloat(HalfFloat.toBfloat(value));
              default -> value;
            };
      }
      Memory.view(array).put(values);
    }
    return array;
  }

  private static void assertSame(
      SafetensorsReader reader, Map<String, INDArray> tensors, Dtype dtype) {
    assertThat(reader.entries().keySet()).containsExactlyElementsOf(tensors.keySet());
    tensors.forEach(
        (name, expected) -> {
          TensorEntry entry = reader.entries().get(name);
          assertThat(entry.dtype()).isEqualTo(dtype);
          assertThat(entry.shape()).isEqualTo(expected.shape());
          assertThat(entry.elements()).isEqualTo(expected.isEmpty() ? 0 : expected.length());
          try (INDArray read = reader.read(name)) {
            assertThat(read.dataType()).isEqualTo(DataType.FLOAT);
            assertThat(read.shape()).isEqualTo(expected.shape());
            assertThat(read.isEmpty()).isEqualTo(expected.isEmpty());
            if (!expected.isEmpty()) {
              assertThat(read.ordering()).isEqualTo('c');
              assertThat(Memory.view(read)).isEqualTo(Memory.view(expected));
              assertThat(values(reader, name)).isEqualTo(read.dup().data().asFloat());
            }
          }
        });
  }

  private static float[] values(SafetensorsReader reader, String name) {
    float[] values = new float[(int) reader.entries().get(name).elements()];
    reader.readFloat(name, values, 0, 0, values.length);
    return values;
  }
}
