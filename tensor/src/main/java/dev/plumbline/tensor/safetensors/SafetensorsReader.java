package dev.plumbline.tensor.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.tensor.engine.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.MappedByteBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reads weights from one safetensors file or from a directory with shards. Tensors are memory-mapped one at a time. */
public final class SafetensorsReader implements AutoCloseable {
  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final int TILE = 1 << 16;

  private final Map<String, TensorEntry> entries;
  private final Map<String, String> metadata;
  private final Map<Path, FileChannel> channels = new HashMap<>();

  private SafetensorsReader(Map<String, TensorEntry> entries, Map<String, String> metadata) {
    this.entries = Collections.unmodifiableMap(entries);
    this.metadata = Collections.unmodifiableMap(metadata);
  }

  /** Opens a file, or a directory that holds {@value #INDEX} or {@value #SINGLE}. Reads headers only. */
  public static SafetensorsReader open(Path fileOrDirectory) {
    Map<String, TensorEntry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    Path index = fileOrDirectory.resolve(INDEX);
    if (Files.isDirectory(fileOrDirectory) && Files.isRegularFile(index)) {
      openShards(index, entries, metadata);
      return new SafetensorsReader(entries, metadata);
    }
    Path file = Files.isDirectory(fileOrDirectory) ? fileOrDirectory.resolve(SINGLE) : fileOrDirectory;
    if (!Files.isRegularFile(file)) {
      throw new SafetensorsException(
          "There is no file " + file + "; a model directory needs " + SINGLE + " or " + INDEX + ".");
    }
    add(Header.read(file), entries, metadata);
    return new SafetensorsReader(entries, metadata);
  }

  private static void openShards(Path index, Map<String, TensorEntry> entries, Map<String, String> metadata) {
    JsonNode map;
    try {
      map = new ObjectMapper().readTree(index.toFile()).path("weight_map");
    } catch (IOException e) {
      throw new SafetensorsException("The index " + index + " is not JSON.");
    }
    if (!map.isObject() || map.isEmpty()) {
      throw new SafetensorsException("The index " + index + " has no weight_map.");
    }
    Map<String, TensorEntry> found = new LinkedHashMap<>();
    Map<String, Boolean> read = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : map.properties()) {
      String shard = field.getValue().asText();
      if (shard.isEmpty() || shard.contains("/") || shard.contains("\\") || shard.contains("..")) {
        throw new SafetensorsException("The index " + index + " names the shard '" + shard + "', which is no plain file name.");
      }
      Path file = index.resolveSibling(shard);
      if (read.putIfAbsent(shard, true) == null) {
        if (!Files.isRegularFile(file)) {
          throw new SafetensorsException("The shard " + file + ", which " + index + " names, is missing.");
        }
        add(Header.read(file), found, metadata);
      }
      TensorEntry entry = found.get(field.getKey());
      if (entry == null || !entry.file().equals(file)) {
        throw new SafetensorsException("The tensor '" + field.getKey() + "' is not in the shard " + file + " that " + index + " names.");
      }
      entries.put(field.getKey(), entry);
    }
  }

  private static void add(Header header, Map<String, TensorEntry> entries, Map<String, String> metadata) {
    metadata.putAll(header.metadata());
    for (TensorEntry entry : header.entries()) {
      if (entries.putIfAbsent(entry.name(), entry) != null) {
        throw new SafetensorsException("The tensor '" + entry.name() + "' of " + entry.file() + " stands in another shard too.");
      }
    }
  }

  /** All tensors by name, in file order. */
  public Map<String, TensorEntry> entries() {
    return entries;
  }

  /** The {@code __metadata__} of the file, or of all shards together. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** A new off-heap float32 array with a tensor's values; the caller closes it. */
  public INDArray read(String name) {
    TensorEntry entry = entry(name);
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, entry.shape(), 'c');
    readInto(entry, array);
    return array;
  }

  /** Fills an array of the tensor's shape. */
  public void readInto(String name, INDArray array) {
    TensorEntry entry = entry(name);
    if (array.length() != entry.elements()) {
      throw new SafetensorsException("The tensor '" + name + "' of " + entry.file() + " has " + entry.elements()
          + " elements where " + array.length() + " are expected.");
    }
    readInto(entry, array);
  }

  private void readInto(TensorEntry entry, INDArray array) {
    ByteBuffer bytes = map(entry);
    FloatBuffer target = Memory.view(array);
    switch (entry.dtype()) {
      case F32 -> target.put(bytes.asFloatBuffer());
      case F16, BF16 -> widen(bytes.asShortBuffer(), target, entry.dtype() == Dtype.BF16);
      default -> throw Header.error(entry.file(), "holds tensor '" + entry.name() + "' as " + entry.dtype()
          + ", and weights are read from F32, F16 or BF16");
    }
  }

  private static void widen(ShortBuffer from, FloatBuffer into, boolean bfloat) {
    short[] half = new short[TILE];
    float[] full = new float[TILE];
    while (from.hasRemaining()) {
      int n = Math.min(TILE, from.remaining());
      from.get(half, 0, n);
      for (int i = 0; i < n; i++) {
        full[i] = bfloat ? Float.intBitsToFloat(half[i] << 16) : HalfFloat.toFloat(half[i]);
      }
      into.put(full, 0, n);
    }
  }

  private TensorEntry entry(String name) {
    TensorEntry entry = entries.get(name);
    if (entry == null) {
      throw new SafetensorsException("There is no tensor '" + name + "' in the checkpoint.");
    }
    return entry;
  }

  private MappedByteBuffer map(TensorEntry entry) {
    if (entry.bytes() > Integer.MAX_VALUE) {
      throw Header.error(entry.file(), "holds tensor '" + entry.name() + "' of " + entry.bytes() + " bytes, and 2 GiB is the most");
    }
    try {
      FileChannel channel = channels.get(entry.file());
      if (channel == null) {
        channel = FileChannel.open(entry.file(), StandardOpenOption.READ);
        channels.put(entry.file(), channel);
      }
      MappedByteBuffer buffer = channel.map(FileChannel.MapMode.READ_ONLY, entry.offset(), entry.bytes());
      buffer.order(ByteOrder.LITTLE_ENDIAN);
      return buffer;
    } catch (IOException e) {
      throw Header.error(entry.file(), "cannot be mapped: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    for (FileChannel channel : channels.values()) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
