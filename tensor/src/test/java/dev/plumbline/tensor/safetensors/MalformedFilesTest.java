package dev.plumbline.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.tensor.kernel.Natives;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every defect of a file is refused with a message that names the file. */
class MalformedFilesTest {
  @TempDir Path directory;

  @BeforeAll
  static void natives() {
    Natives.select();
  }

  /** Headers are written with ' in place of ". */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                                                | 0 | begin with '{'",
        "7                                                                 | 0 | begin with '{'",
        "{}{}                                                              | 0 | second JSON value",
        "{} x                                                              | 0 | proper JSON",
        "{'a':                                                             | 0 | proper JSON",
        "{'a':1}                                                           | 0 | an object as tensor 'a'",
        "{'a':{'dtype':'F32','shape':[],'data_offsets':[0,4]},'a':{}}      | 4 | Duplicate field 'a'",
        "{'a':{'dtype':'F32','dtype':'F32','shape':[]}}                    | 4 | Duplicate field 'dtype'",
        "{'__metadata__':{'x':'1','x':'2'}}                                | 0 | Duplicate field 'x'",
        "{'__metadata__':{'x':1}}                                          | 0 | text as the value of 'x'",
        "{'__metadata__':'x'}                                              | 0 | object of texts",
        "{'__metadata__':[]}                                               | 0 | object of texts",
        "{'a':{'dtype':'F8_E4M3','shape':[4],'data_offsets':[0,4]}}        | 4 | dtype 'F8_E4M3'",
        "{'a':{'dtype':'f32','shape':[1],'data_offsets':[0,4]}}            | 4 | dtype 'f32'",
        "{'a':{'dtype':32,'shape':[1],'data_offsets':[0,4]}}               | 4 | text as dtype",
        "{'a':{'shape':[1],'data_offsets':[0,4]}}                          | 4 | lacks one of dtype",
        "{'a':{'dtype':'F32','data_offsets':[0,4]}}                        | 4 | lacks one of dtype",
        "{'a':{'dtype':'F32','shape':[1]}}                                 | 4 | lacks one of dtype",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4]}}              | 4 | data_offsets [begin, end]",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4,8]}}          | 4 | more than 2 numbers",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4],'z':1}}      | 4 | field 'z'",
        "{'a':{'dtype':'F32','shape':1,'data_offsets':[0,4]}}              | 4 | array as shape",
        "{'a':{'dtype':'F32','shape':[-1],'data_offsets':[0,4]}}           | 4 | number -1 in its shape",
        "{'a':{'dtype':'F32','shape':[1.0],'data_offsets':[0,4]}}          | 4 | whole numbers as shape",
        "{'a':{'dtype':'F32','shape':[1e0],'data_offsets':[0,4]}}          | 4 | whole numbers as shape",
        "{'a':{'dtype':'F32','shape':['1'],'data_offsets':[0,4]}}          | 4 | whole numbers as shape",
        "{'a':{'dtype':'F32','shape':[[1]],'data_offsets':[0,4]}}          | 4 | whole numbers as shape",
        "{'a':{'dtype':'F32','shape':[9223372036854775808],'data_offsets':[0,4]}} | 4 | number 9223372036854775808",
        "{'a':{'dtype':'F32','shape':[4294967296,4294967296],'data_offsets':[0,0]}} | 0 | exceeds 64 bits",
        "{'a':{'dtype':'F32','shape':[4611686018427387904,4,0],'data_offsets':[0,0]}} | 0 | exceeds 64 bits",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[4,0]}}            | 4 | data offsets [4, 0] of 4",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[-4,0]}}           | 4 | number -4 in its data_offsets",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}            | 4 | data offsets [0, 8] of 4",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,9223372036854775807]}} | 4 | of 4 bytes of data",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}}            | 4 | takes 8 bytes, but has 4",
        "{'a':{'dtype':'F32','shape':[0],'data_offsets':[0,4]}}            | 4 | takes 0 bytes, but has 4",
        "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}            | 5 | 1 bytes behind its last",
        "{}                                                                | 3 | 3 bytes behind its last",
        "{'a':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},'b':{'dtype':'U8','shape':[3],'data_offsets':[2,5]}} | 5 | over tensor 'b'",
        "{'a':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},'b':{'dtype':'U8','shape':[3],'data_offsets':[0,3]}} | 3 | over tensor",
        "{'a':{'dtype':'U8','shape':[3],'data_offsets':[0,3]},'b':{'dtype':'U8','shape':[1],'data_offsets':[4,5]}} | 5 | unused bytes before tensor 'b'",
        "{'a':{'dtype':'U8','shape':[0],'data_offsets':[2,2]},'b':{'dtype':'U8','shape':[3],'data_offsets':[0,3]}} | 3 | over tensor 'a'"
      })
  void headersThatAreWrong(String header, int dataBytes, String message) throws IOException {
    Path file = SafetensorsFiles.write(directory, header.replace('\'', '"'), new byte[dataBytes]);
    refused(file, message);
  }

  @Test
  void moreDimensionsThanNd4jHas() throws IOException {
    String shape = "[" + "1,".repeat(32) + "1]";
    String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":" + shape + ",\"data_offsets\":[0,1]}}";
    refused(SafetensorsFiles.write(directory, header, new byte[1]), "more than 32 numbers");
  }

  @Test
  void filesThatAreNoSafetensors() throws IOException {
    Path file = directory.resolve("x.safetensors");
    refused(file, "There is no file");
    refused(directory, "model.safetensors.index.json");
    Files.write(file, new byte[0]);
    refused(file, "has 0 bytes");
    Files.write(file, new byte[7]);
    refused(file, "has 7 bytes");
    Files.write(file, new byte[8]);
    refused(file, "begin with '{'");
    Files.write(file, length(3, "{}"));
    refused(file, "header of 3 bytes, and 2 are the most");
    Files.write(file, length(-1, "{}"));
    refused(file, "header of 18446744073709551615 bytes");
    Files.write(file, length(Long.MAX_VALUE, "{}"));
    refused(file, "header of 9223372036854775807 bytes");
    Files.write(file, length(4, "\ufeff{"));
    refused(file, "begin with '{'");
    Files.write(file, new byte[] {3, 0, 0, 0, 0, 0, 0, 0, '{', (byte) 0xff, '}'});
    refused(file, "not UTF-8");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(200_000_000); // a file that would hold the header it states
      sparse.write(ByteBuffer.wrap(length(100_000_001, "{}")).array());
    }
    refused(file, "header of 100000001 bytes, and 100000000 are the most");
  }

  @Test
  void hostileNestingIsNoStackOverflow() throws IOException {
    String deep = "{\"a\":" + "[".repeat(1_000_000);
    refused(SafetensorsFiles.write(directory, deep, new byte[0]), "an object as tensor 'a'");
    String metadata = "{\"__metadata__\":{\"a\":" + "{\"a\":".repeat(300_000);
    refused(SafetensorsFiles.write(directory, metadata, new byte[0]), "text as the value of 'a'");
  }

  @Test
  void paddedHeadersAndAnyOrderOfTensorsAreFine() throws IOException {
    String header =
        "{\"b\":{\"shape\":[1],\"data_offsets\":[2,6],\"dtype\":\"F32\"},"
            + "\"e\":{\"dtype\":\"F32\",\"shape\":[0,9],\"data_offsets\":[2,2]},"
            + "\"a\":{\"dtype\":\"BF16\",\"shape\":[],\"data_offsets\":[0,2]}}   ";
    byte[] data = {(byte) 0x80, 0x3f, 0, 0, 0, 0x40}; // 1 and, unaligned, 2
    Path file = SafetensorsFiles.write(directory, header, data);
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertThat(reader.entries().keySet()).containsExactly("a", "e", "b");
      assertThat(reader.metadata()).isEmpty();
      assertThat(reader.entries().get("b"))
          .isEqualTo(
              new TensorEntry("b", Dtype.F32, new long[] {1}, file, 8 + header.length() + 2, 4));
      float[] into = new float[2];
      reader.readFloat("a", into, 0, 0, 1);
      reader.readFloat("b", into, 1, 0, 1);
      assertThat(into).containsExactly(1, 2);
    }
  }

  @Test
  void tensorsThatAreNoWeightsAreListedButNotRead() throws IOException {
    String header = "{\"ids\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}";
    Path file = SafetensorsFiles.write(directory, header, new byte[8]);
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertThat(reader.entries().get("ids").dtype()).isEqualTo(Dtype.I64);
      assertThatThrownBy(() -> reader.readFloat("ids", new float[1], 0, 0, 1))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("'ids' as I64")
          .hasMessageContaining(file.toString());
      assertThatThrownBy(() -> reader.read("nothing"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("'nothing'");
    }
  }

  @Test
  void aTensorOver2To31ElementsIsRefusedInWords() throws IOException {
    long bytes = 2L * (Integer.MAX_VALUE + 1L);
    String header =
        "{\"w\":{\"dtype\":\"BF16\",\"shape\":[2147483648],\"data_offsets\":[0," + bytes + "]}}";
    Path file = SafetensorsFiles.write(directory, header, new byte[0]);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(8 + header.length() + bytes);
    }
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertThat(reader.entries().get("w").elements()).isEqualTo(2147483648L);
      assertThatThrownBy(() -> reader.read("w"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("2147483648 elements");
    }
  }

  @Test
  void aFileCutShortAfterOpeningIsRefused() throws IOException {
    String header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    Path file = SafetensorsFiles.write(directory, header, new byte[8]);
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
        cut.setLength(8 + header.length() + 4);
      }
      assertThatThrownBy(() -> reader.read("w"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("cut short");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[]                                                  | no weight_map",
        "{'weight_map':{}}                                   | no weight_map",
        "{'weight_map':[]}                                   | no weight_map",
        "{'weight_map':                                      | not proper JSON",
        "{'weight_map':{'a':'s'},'weight_map':{'a':'s'}}     | Duplicate field",
        "{'weight_map':{'a':'s','a':'s'}}                    | Duplicate field",
        "{'weight_map':{'a':'s'}} {}                         | not proper JSON",
        "{'weight_map':{'a':7}}                              | the shard 7",
        "{'weight_map':{'a':''}}                             | plain name",
        "{'weight_map':{'a':'..'}}                           | plain name",
        "{'weight_map':{'a':'../s'}}                         | plain name",
        "{'weight_map':{'a':'/etc/passwd'}}                  | plain name",
        "{'weight_map':{'a':'x\\\\s'}}                       | plain name",
        "{'weight_map':{'a':'s\\u0000'}}                     | plain name",
        "{'weight_map':{'a':'gone'}}                         | which is missing",
        "{'weight_map':{'a':'s','z':'u'}}                    | which stands in"
      })
  void indicesThatAreWrong(String index, String message) throws IOException {
    tensors("s", "a");
    tensors("t", "b");
    tensors("u", "a", "z");
    Path file = directory.resolve("model.safetensors.index.json");
    Files.writeString(file, index.replace('\'', '"'));
    refused(directory, message);
  }

  /**
   * As in Transformers, an index that names more or fewer tensors than the shards hold is not an
   * error.
   */
  @Test
  void anIndexMayNameWhatNoShardHoldsAndLeaveOutWhatOneHolds() throws IOException {
    tensors("t", "b");
    tensors("u", "a", "z");
    Path file = directory.resolve("model.safetensors.index.json");
    Files.writeString(file, "{\"weight_map\":{\"a\":\"u\",\"b\":\"t\",\"c\":\"u\"}}");
    try (SafetensorsReader reader = SafetensorsReader.open(directory)) {
      assertThat(reader.entries()).containsOnlyKeys("a", "b", "z");
      assertThat(reader.placedIn("c")).isEqualTo("u");
      assertThat(reader.isUnlisted("z")).isTrue();
      assertThat(reader.isUnlisted("a")).isFalse();
    }
    Files.writeString(file, "{\"weight_map\":{\"a\":\"t\",\"b\":\"u\"}}");
    refused(directory, "places tensor 'a' in the shard t, and it stands in");
  }

  @Test
  void aSingleFileWinsOverAnIndexBesideIt() throws IOException {
    tensors("t", "b");
    tensors("model.safetensors", "a");
    Files.writeString(
        directory.resolve("model.safetensors.index.json"), "{\"weight_map\":{\"b\":\"t\"}}");
    try (SafetensorsReader reader = SafetensorsReader.open(directory)) {
      assertThat(reader.entries()).containsOnlyKeys("a");
    }
  }

  private void tensors(String shard, String... names) throws IOException {
    StringBuilder header = new StringBuilder("{");
    for (int i = 0; i < names.length; i++) {
      header.append(i == 0 ? "" : ",");
      header.append('"').append(names[i]).append("\":{\"dtype\":\"U8\",\"shape\":[1],");
      header.append("\"data_offsets\":[").append(i).append(',').append(i + 1).append("]}");
    }
    byte[] bytes = SafetensorsFiles.bytes(header.append('}').toString(), new byte[names.length]);
    Files.write(directory.resolve(shard), bytes);
  }

  private static byte[] length(long stated, String header) {
    byte[] bytes = SafetensorsFiles.bytes(header, new byte[0]);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(stated);
    assertThat(bytes.length).isEqualTo(8 + header.getBytes(StandardCharsets.UTF_8).length);
    return bytes;
  }

  private static void refused(Path path, String message) {
    assertThatThrownBy(() -> SafetensorsReader.open(path).close())
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining(path.toString())
        .hasMessageContaining(message)
        .hasMessageEndingWith(".");
  }
}
