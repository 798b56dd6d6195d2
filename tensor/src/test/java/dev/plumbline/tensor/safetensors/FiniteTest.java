package dev.plumbline.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FiniteTest {
  /**
   * Every pattern of 16 bits, alone among finite values, in every place of a block and behind it.
   */
  @ParameterizedTest
  @EnumSource(
      value = Dtype.class,
      names = {"BF16", "F16", "F32"})
  void findsWhatIsNotFinite(Dtype dtype) {
    int count = 3 * 1024 / dtype.bytes() + 3;
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(count * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int pattern = 0; pattern < 1 << 16; pattern++) {
      int place = pattern * 31 % count;
      put(bytes, dtype, place, pattern);
      boolean finite = Float.isFinite(Finite.value(bytes, dtype, place));
      assertThat(Finite.firstOther(bytes, dtype)).isEqualTo(finite ? -1 : place);
      put(bytes, dtype, place, 0x8000); // -0
    }
  }

  private static void put(ByteBuffer bytes, Dtype dtype, int place, int pattern) {
    if (dtype == Dtype.F32) {
      bytes.putInt(place * 4, pattern << 16);
    } else {
      bytes.putShort(place * 2, (short) pattern);
    }
  }

  @Test
  void aReaderThatWantsFiniteValuesNamesTheTensor(@TempDir Path directory) throws IOException {
    String header = "{\"norm\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}";
    ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    data.putFloat(1).putFloat(2).putFloat(Float.NEGATIVE_INFINITY);
    Path file = directory.resolve("x.safetensors");
    Files.write(file, SafetensorsFiles.bytes(header, data.array()));
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      reader.read("norm").close();
      reader.finite();
      assertThatThrownBy(() -> reader.read("norm"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("tensor 'norm' whose value 2 is -Infinity");
    }
  }
}
