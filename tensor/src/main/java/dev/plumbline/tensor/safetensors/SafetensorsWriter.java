package dev.plumbline.tensor.safetensors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.engine.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Writes safetensors files as Hugging Face's own writer lays them out: beside, forced to disk, then renamed. */
public final class SafetensorsWriter {
  private static final int TILE = 1 << 16;

  private SafetensorsWriter() {}

  /** Writes one file with the tensors in the map's order; {@code dtype} is F32, F16 or BF16. */
  public static void write(Path file, Map<String, INDArray> tensors, Dtype dtype, Map<String, String> metadata) {
    if (dtype != Dtype.F32 && dtype != Dtype.F16 && dtype != Dtype.BF16) {
      throw new IllegalArgumentException("Weights are written as F32, F16 or BF16, not as " + dtype + ".");
    }
    Path beside = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(
              beside, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
        writeFully(channel, header(tensors, dtype, metadata));
        ByteBuffer tile = ByteBuffer.allocateDirect(TILE * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (INDArray tensor : tensors.values()) {
          writeTensor(channel, tensor, dtype, tile);
        }
        channel.force(true);
      }
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("The file " + file + " could not be written: " + e.getMessage(), e);
    }
  }

  /** Writes one file, or shards of at most {@code maxShardBytes} with their index. */
  public static void writeSharded(
      Path directory, Map<String, INDArray> tensors, Dtype dtype, Map<String, String> metadata, long maxShardBytes) {
    List<Map<String, INDArray>> shards = new ArrayList<>();
    long total = 0;
    long room = 0;
    for (Map.Entry<String, INDArray> tensor : tensors.entrySet()) {
      long bytes = tensor.getValue().length() * dtype.bytes();
      if (shards.isEmpty() || bytes > room) {
        shards.add(new LinkedHashMap<>());
        room = maxShardBytes;
      }
      shards.get(shards.size() - 1).put(tensor.getKey(), tensor.getValue());
      room -= bytes;
      total += bytes;
    }
    if (shards.size() <= 1) {
      write(directory.resolve("model.safetensors"), tensors, dtype, metadata);
      return;
    }
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode index = mapper.createObjectNode();
    index.putObject("metadata").put("total_size", total);
    ObjectNode map = index.putObject("weight_map");
    for (int i = 0; i < shards.size(); i++) {
      String name = String.format("model-%05d-of-%05d.safetensors", i + 1, shards.size());
      write(directory.resolve(name), shards.get(i), dtype, metadata);
      shards.get(i).keySet().forEach(tensor -> map.put(tensor, name));
    }
    Path file = directory.resolve("model.safetensors.index.json");
    Path beside = directory.resolve("model.safetensors.index.json.tmp");
    try {
      Files.write(beside, mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(index));
      Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("The index " + file + " could not be written: " + e.getMessage(), e);
    }
  }

  private static ByteBuffer header(Map<String, INDArray> tensors, Dtype dtype, Map<String, String> metadata)
      throws IOException {
    ObjectMapper mapper = new ObjectMapper();
    ObjectNode root = mapper.createObjectNode();
    ObjectNode meta = root.putObject("__metadata__");
    metadata.forEach(meta::put);
    long at = 0;
    for (Map.Entry<String, INDArray> tensor : tensors.entrySet()) {
      ObjectNode node = root.putObject(tensor.getKey());
      node.put("dtype", dtype.name());
      var shape = node.putArray("shape");
      for (long dimension : tensor.getValue().shape()) {
        shape.add(dimension);
      }
      long end = at + tensor.getValue().length() * dtype.bytes();
      node.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    byte[] json = mapper.writeValueAsBytes(root);
    int padded = (json.length + 7) / 8 * 8; // data begin at a multiple of 8 bytes
    ByteBuffer buffer = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putLong(padded).put(json).put(" ".repeat(padded - json.length).getBytes(StandardCharsets.UTF_8));
    return buffer.flip();
  }

  private static void writeTensor(FileChannel channel, INDArray tensor, Dtype dtype, ByteBuffer tile) throws IOException {
    FloatBuffer values = Memory.view(Memory.dense(tensor));
    while (values.hasRemaining()) {
      int n = Math.min(TILE, values.remaining());
      tile.clear();
      for (int i = 0; i < n; i++) {
        float value = values.get();
        switch (dtype) {
          case F16 -> tile.putShort(HalfFloat.toHalf(value));
          case BF16 -> tile.putShort(HalfFloat.toBfloat(value));
          default -> tile.putFloat(value);
        }
      }
      writeFully(channel, tile.flip());
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
