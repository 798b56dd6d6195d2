package dev.plumbline.tensor.safetensors;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.io.AtomicFile;
import dev.plumbline.tensor.kernel.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes float32 arrays as safetensors files that Hugging Face's libraries read: {@code
 * __metadata__} first with {@code "format": "pt"}, the header padded with spaces so that the data
 * begin at a multiple of 8 bytes, the tensors contiguous in the given order.
 *
 * <p>Values are rounded to nearest, ties to even. A finite value that would become infinite in F16
 * or BF16 is an error, because the checkpoint would be broken.
 */
public final class SafetensorsWriter {
  private static final int TILE_ELEMENTS = 1 << 16; // 256 KB of float32 per write

  private SafetensorsWriter() {}

  /**
   * A tensor to write. Its values are computed only when it is written, so that a model larger than
   * memory can be written.
   *
   * @param shape its shape, known in advance
   * @param values makes float32 values of that shape
   * @param temporary whether the array is closed after it was written
   */
  @SuppressWarnings("ArrayRecordComponent") // read only, here
  public record Tensor(long[] shape, Supplier<INDArray> values, boolean temporary) {
    /** An existing array; views are allowed. */
    public static Tensor of(String name, INDArray array) {
      if (array.dataType() != DataType.FLOAT) {
        throw new IllegalArgumentException(
            "The tensor '" + name + "' is " + array.dataType() + "; cast it to FLOAT.");
      }
      return new Tensor(array.shape(), () -> array, false);
    }

    /** Number of elements; 0 if a dimension is 0. */
    long elements() {
      long elements = 1;
      for (long dimension : shape) {
        elements *= dimension;
      }
      return elements;
    }
  }

  /**
   * Writes one file completely or not at all: to a temporary file beside it, which is forced to
   * disk and then renamed.
   *
   * @param tensors float32 arrays in the order in which they are laid out; views are allowed
   * @param dtype F32, F16 or BF16
   * @param metadata further entries of {@code __metadata__}; may replace {@code format}
   * @throws SafetensorsException if a value does not fit the dtype
   * @throws dev.plumbline.data.UserError if the file cannot be written
   */
  public static void write(
      Path file, Map<String, INDArray> tensors, Dtype dtype, Map<String, String> metadata) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    tensors.forEach((name, array) -> all.put(name, Tensor.of(name, array)));
    writeTensors(file, all, dtype, metadata);
  }

  private static void writeTensors(
      Path file, Map<String, Tensor> tensors, Dtype dtype, Map<String, String> metadata) {
    check(tensors, dtype);
    AtomicFile.write(
        file,
        channel -> {
          AtomicFile.writeFully(channel, header(tensors, dtype, metadata));
          for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
            if (tensor.getValue().elements() > 0) {
              writeData(channel, file, tensor.getKey(), tensor.getValue(), dtype);
            }
          }
        });
  }

  /**
   * Writes {@code model.safetensors} where all data fit {@code maxShardBytes}, else {@code
   * model-00001-of-0000N.safetensors} and so on with their index. Shards are filled in the order
   * given; a tensor larger than the limit gets a shard of its own.
   *
   * <p>Every file is written completely or not at all. The index is removed first and written last,
   * so that a crash leaves no index that mixes old shards with new ones. A stale file that would be
   * read in place of the new checkpoint is removed; stale shards that no index names are left
   * alone.
   */
  public static void writeSharded(
      Path directory,
      Map<String, Tensor> tensors,
      Dtype dtype,
      Map<String, String> metadata,
      long maxShardBytes) {
    check(tensors, dtype);
    List<Map<String, Tensor>> shards = shards(tensors, dtype, maxShardBytes);
    Path index = directory.resolve(ShardIndex.FILE_NAME);
    Path single = directory.resolve(SafetensorsReader.SINGLE);
    if (shards.size() <= 1) {
      writeTensors(single, tensors, dtype, metadata);
      remove(index);
      return;
    }
    remove(index);
    Map<String, String> weightMap = new LinkedHashMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String name =
          String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
      writeTensors(directory.resolve(name), shards.get(i), dtype, metadata);
      shards.get(i).keySet().forEach(tensor -> weightMap.put(tensor, name));
    }
    long total = tensors.values().stream().mapToLong(t -> t.elements() * dtype.bytes()).sum();
    remove(single); // it would be read in place of the shards
    AtomicFile.write(
        index,
        channel ->
            AtomicFile.writeFully(channel, ByteBuffer.wrap(new ShardIndex(weightMap).json(total))));
  }

  private static List<Map<String, Tensor>> shards(
      Map<String, Tensor> tensors, Dtype dtype, long maxShardBytes) {
    if (maxShardBytes <= 0) {
      throw new IllegalArgumentException(
          "A shard holds at most " + maxShardBytes + " bytes; give a positive number.");
    }
    List<Map<String, Tensor>> shards = new ArrayList<>();
    long room = -1;
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      long bytes = tensor.getValue().elements() * dtype.bytes();
      if (shards.isEmpty() || bytes > room) {
        shards.add(new LinkedHashMap<>());
        room = maxShardBytes;
      }
      shards.get(shards.size() - 1).put(tensor.getKey(), tensor.getValue());
      room -= bytes;
    }
    return shards;
  }

  private static void check(Map<String, Tensor> tensors, Dtype dtype) {
    if (!dtype.isWeight()) {
      throw new IllegalArgumentException(
          "Weights are written as F32, F16 or BF16, not as " + dtype + ".");
    }
    if (tensors.containsKey(Header.METADATA)) {
      throw new IllegalArgumentException("No tensor can have the name " + Header.METADATA + ".");
    }
  }

  private static ByteBuffer header(
      Map<String, Tensor> tensors, Dtype dtype, Map<String, String> metadata) throws IOException {
    JsonMapper mapper = new JsonMapper();
    ObjectNode root = mapper.createObjectNode();
    ObjectNode texts = root.putObject(Header.METADATA).put("format", "pt");
    metadata.forEach(texts::put);
    long at = 0;
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      long end = at + tensor.getValue().elements() * dtype.bytes();
      ObjectNode node = root.putObject(tensor.getKey()).put("dtype", dtype.name());
      ArrayNode shape = node.putArray("shape");
      for (long dimension : tensor.getValue().shape()) {
        shape.add(dimension);
      }
      node.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    byte[] json = mapper.writeValueAsBytes(root);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer bytes = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(padded).put(json);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.flip();
  }

  private static void writeData(
      FileChannel channel, Path file, String name, Tensor tensor, Dtype dtype) throws IOException {
    INDArray array = tensor.values().get();
    INDArray dense = Memory.dense(array);
    try {
      ByteBuffer bytes =
          ByteBuffer.allocateDirect(TILE_ELEMENTS * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      float[] values = new float[TILE_ELEMENTS];
      for (long at = 0; at < dense.length(); at += TILE_ELEMENTS) {
        int count = (int) Math.min(TILE_ELEMENTS, dense.length() - at);
        Memory.view(Memory.pointer(dense), at, count).get(values, 0, count);
        bytes.clear();
        int bad = narrow(values, count, dtype, bytes);
        if (bad >= 0) {
          throw Header.error(
              file,
              "cannot hold element "
                  + (at + bad)
                  + " of tensor '"
                  + name
                  + "': "
                  + values[bad]
                  + " is beyond the range of "
                  + dtype
                  + "; write F32, or BF16 in place of F16");
        }
        AtomicFile.writeFully(channel, bytes.position(0).limit(count * dtype.bytes()));
      }
    } finally {
      if (dense != array) {
        dense.close();
      }
      if (tensor.temporary()) {
        array.close();
      }
    }
  }

  /**
   * Encodes a tile; returns the index of the first finite value that would become infinite, or -1.
   */
  private static int narrow(float[] values, int count, Dtype dtype, ByteBuffer into) {
    if (dtype == Dtype.F32) {
      FloatBuffer floats = into.asFloatBuffer();
      floats.put(values, 0, count);
      return -1;
    }
    int infinity = dtype == Dtype.F16 ? 0x7c00 : 0x7f80;
    for (int i = 0; i < count; i++) {
      float value = values[i];
      short narrow = dtype == Dtype.F16 ? HalfFloat.toHalf(value) : HalfFloat.toBfloat(value);
      if ((narrow & 0x7fff) == infinity && Float.isFinite(value)) {
        return i;
      }
      into.putShort(2 * i, narrow);
    }
    return -1;
  }

  private static void remove(Path file) {
    try {
      if (Files.deleteIfExists(file)) {
        AtomicFile.forceDirectory(file.toAbsolutePath().getParent());
      }
    } catch (IOException e) {
      throw Header.error(file, "is stale and cannot be removed", e);
    }
  }
}
