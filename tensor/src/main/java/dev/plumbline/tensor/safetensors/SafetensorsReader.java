package dev.plumbline.tensor.safetensors;

import dev.plumbline.tensor.kernel.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Reads weights from a safetensors file or from a directory with one file or several shards.
 *
 * <p>{@link #open} reads and checks headers only. Data is memory-mapped tensor by tensor in windows
 * of at most 1 GiB, and widened to float32 directly into its destination. Arrays that were read are
 * copies and outlive the reader. Several threads may read at once. Do not shorten a file while it
 * is read: the JVM answers an access beyond the new end with an {@link InternalError}.
 */
public final class SafetensorsReader implements AutoCloseable {
  /** The name that Hugging Face gives an unsharded checkpoint. */
  static final String SINGLE = "model.safetensors";

  private static final int WINDOW_ELEMENTS = 1 << 28; // 1 GiB of float32

  private final Path source;
  private final Map<Path, FileChannel> channels = new LinkedHashMap<>();
  private final Map<String, TensorEntry> entries = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<Path, FileDigest> digests = new LinkedHashMap<>(); // where hashing is on
  private ShardIndex index = new ShardIndex(Map.of());
  private boolean finite;

  private SafetensorsReader(Path source) {
    this.source = source;
  }

  /**
   * Opens a file, or a directory that holds {@code model.safetensors} or else {@code
   * model.safetensors.index.json}: where both exist, it reads the single file, as Transformers
   * does.
   *
   * @throws SafetensorsException if something is missing or malformed
   */
  public static SafetensorsReader open(Path fileOrDirectory) {
    SafetensorsReader reader = new SafetensorsReader(fileOrDirectory);
    try {
      Path index = fileOrDirectory.resolve(ShardIndex.FILE_NAME);
      Path single = fileOrDirectory.resolve(SINGLE);
      if (!Files.isDirectory(fileOrDirectory)) {
        reader.add(fileOrDirectory);
      } else if (Files.exists(index) && !Files.exists(single)) {
        reader.addShards(index, ShardIndex.read(index));
      } else {
        reader.add(single);
      }
      return reader;
    } catch (RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /**
   * Hashes the data that is read from now on, so that {@link #sha256} need not read a file again if
   * its tensors were read in order.
   */
  public SafetensorsReader hashing() {
    channels.forEach((file, channel) -> digests.put(file, new FileDigest(channel)));
    return this;
  }

  /** From now on, reading a value that is not finite is an error that names its tensor. */
  public SafetensorsReader finite() {
    finite = true;
    return this;
  }

  /** SHA-256 of each file in hexadecimal; call {@link #hashing} first and read all tensors. */
  public Map<Path, String> sha256() {
    Map<Path, String> found = new LinkedHashMap<>();
    digests.forEach(
        (file, digest) -> {
          try {
            found.put(file, digest.finish());
          } catch (IOException e) {
            throw Header.error(file, "cannot be read", e);
          }
        });
    return found;
  }

  private void add(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new SafetensorsException(
          "There is no file "
              + file
              + "; give a safetensors file, or a directory with "
              + SINGLE
              + " or "
              + ShardIndex.FILE_NAME
              + ".");
    }
    Header header;
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      channels.put(file, channel);
      header = Header.read(file, channel);
    } catch (IOException e) {
      throw Header.error(file, "cannot be opened", e);
    }
    for (TensorEntry entry : header.entries()) {
      TensorEntry other = entries.putIfAbsent(entry.name(), entry);
      if (other != null) {
        throw Header.error(
            file, "holds tensor '" + entry.name() + "', which stands in " + other.file() + " too");
      }
    }
    header.metadata().forEach(metadata::putIfAbsent);
  }

  private void addShards(Path index, ShardIndex shards) {
    for (String shard : shards.weightMap().values()) {
      Path file = index.resolveSibling(shard);
      if (!channels.containsKey(file)) {
        if (!Files.isRegularFile(file)) {
          throw ShardIndex.error(index, "names the shard " + file + ", which is missing; fetch it");
        }
        add(file);
      }
    }
    shards
        .weightMap()
        .forEach(
            (name, shard) -> {
              TensorEntry entry = entries.get(name);
              if (entry != null && !entry.file().equals(index.resolveSibling(shard))) {
                throw ShardIndex.error(
                    index,
                    "places tensor '"
                        + name
                        + "' in the shard "
                        + shard
                        + ", and it stands in "
                        + entry.file());
              }
            });
    this.index = shards;
  }

  /**
   * The shard in which the index places a tensor, or null if the index does not name the tensor.
   * Published indexes name tensors that no shard holds, and leave out some that one holds; neither
   * matters if the tensor is not needed.
   */
  public String placedIn(String tensor) {
    return index.weightMap().get(tensor);
  }

  /** Whether a tensor of a shard is missing in the index. */
  public boolean isUnlisted(String tensor) {
    return !index.weightMap().isEmpty() && !index.weightMap().containsKey(tensor);
  }

  /**
   * The tensors by name in the order of their bytes in the file, the shards in the order in which
   * the index first names them. Unmodifiable.
   */
  public Map<String, TensorEntry> entries() {
    return Collections.unmodifiableMap(entries);
  }

  /** The {@code __metadata__} of the file; of several shards, the first one's value of each key. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  /**
   * Reads elements {@code [elementOffset, elementOffset + count)} of a tensor in C order, widened
   * exactly from F32, F16 or BF16, to {@code into[intoOffset ...]}.
   *
   * @throws SafetensorsException if the tensor is missing or of another dtype
   * @throws IndexOutOfBoundsException if a range leaves the tensor or the array
   */
  public void readFloat(String name, float[] into, int intoOffset, long elementOffset, int count) {
    TensorEntry entry = weight(name);
    Objects.checkFromIndexSize(elementOffset, count, entry.elements());
    Objects.checkFromIndexSize(intoOffset, count, into.length);
    read(entry, elementOffset, FloatBuffer.wrap(into, intoOffset, count));
  }

  /**
   * A new off-heap float32 array in C order with the tensor's shape; the caller owns and closes it.
   * It is outside any ND4J workspace. A tensor with a dimension of 0 gives an empty array.
   */
  public INDArray read(String name) {
    TensorEntry entry = weight(name);
    INDArray array =
        entry.elements() == 0
            ? Nd4j.create(DataType.FLOAT, entry.shape()) // ND4J's empty array has no memory
            : Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', entry.shape());
    readInto(name, array);
    return array;
  }

  /**
   * A bfloat16 tensor in the mapped file, read-only and without a copy. It stays valid as long as
   * the result is referenced, even after the reader is closed.
   *
   * @throws SafetensorsException if the tensor is missing, of another dtype, or larger than a
   *     buffer
   */
  public Mapped map(String name) {
    TensorEntry entry = weight(name);
    if (entry.dtype() != Dtype.BF16 || entry.bytes() > Integer.MAX_VALUE) {
      throw Header.error(
          entry.file(),
          "holds tensor '"
              + name
              + "' as "
              + entry.describe()
              + ", and only BF16 of less than 2 GiB can be used where it lies");
    }
    BytePointer bytes = new BytePointer(map(entry, 0, (int) entry.elements()));
    long[] shape = entry.shape();
    INDArray array =
        Nd4j.create(
            Nd4j.createBuffer(bytes, entry.elements(), DataType.BFLOAT16),
            shape,
            Nd4j.getStrides(shape, 'c'),
            0,
            'c',
            DataType.BFLOAT16);
    return new Mapped(array, bytes);
  }

  /** A tensor in a mapped file and what keeps it mapped. */
  public record Mapped(INDArray array, Pointer memory) {}

  /** Fills a dense float32 array in C order with a tensor of the same number of elements. */
  public void readInto(String name, INDArray array) {
    TensorEntry entry = weight(name);
    if (array.length() != entry.elements() && !(array.isEmpty() && entry.elements() == 0)) {
      throw Header.error(
          entry.file(),
          "holds tensor '"
              + name
              + "' as "
              + entry.describe()
              + ", which does not fill an array of "
              + array.length()
              + " elements");
    }
    if (!isDense(array)) {
      throw new IllegalArgumentException(
          "The array for tensor '" + name + "' is a strided view; give a dense one in C order.");
    }
    if (entry.elements() > 0) {
      fill(entry, Memory.pointer(array));
    }
  }

  /** Whether elements in C order touch; a dimension of 1 may have any stride. */
  private static boolean isDense(INDArray array) {
    long expected = 1;
    for (int d = array.rank() - 1; d >= 0; d--) {
      if (array.size(d) != 1 && array.stride(d) != expected) {
        return array.isEmpty();
      }
      expected *= array.size(d);
    }
    return true;
  }

  private void fill(TensorEntry entry, FloatPointer into) {
    for (long at = 0; at < entry.elements(); at += WINDOW_ELEMENTS) {
      int count = (int) Math.min(WINDOW_ELEMENTS, entry.elements() - at);
      read(entry, at, Memory.view(into, at, count));
    }
  }

  /**
   * Fills {@code into} from the element on; at most one window, in which an int counts the bytes.
   */
  private void read(TensorEntry entry, long element, FloatBuffer into) {
    while (into.hasRemaining()) {
      int count = Math.min(WINDOW_ELEMENTS, into.remaining());
      ByteBuffer bytes = map(entry, element, count);
      switch (entry.dtype()) {
        case F32 -> into.put(bytes.asFloatBuffer());
        case F16, BF16 -> HalfFloat.widen(bytes.asShortBuffer(), into, entry.dtype());
        default -> throw new AssertionError(entry.dtype());
      }
      element += count;
    }
  }

  private ByteBuffer map(TensorEntry entry, long element, int count) {
    long size = entry.dtype().bytes();
    long offset = entry.offset() + element * size;
    try {
      ByteBuffer bytes =
          channels.get(entry.file()).map(FileChannel.MapMode.READ_ONLY, offset, count * size);
      FileDigest digest = digests.get(entry.file());
      if (digest != null) {
        digest.see(offset, bytes.duplicate());
      }
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      if (finite) {
        checkFinite(entry, element, bytes);
      }
      return bytes;
    } catch (IOException e) {
      throw Header.error(
          entry.file(),
          "cannot be mapped at tensor '" + entry.name() + "'; was it closed or cut short?",
          e);
    }
  }

  private static void checkFinite(TensorEntry entry, long element, ByteBuffer bytes) {
    int at = Finite.firstOther(bytes, entry.dtype());
    if (at >= 0) {
      throw Header.error(
          entry.file(),
          "holds tensor '"
              + entry.name()
              + "' whose value "
              + (element + at)
              + " is "
              + Finite.value(bytes, entry.dtype(), at)
              + ", and weights must be finite; the model that wrote them has diverged or the file"
              + " is damaged");
    }
  }

  private TensorEntry weight(String name) {
    TensorEntry entry = entries.get(name);
    if (entry == null) {
      throw new SafetensorsException(
          "There is no tensor '" + name + "' among the " + entries.size() + " of " + source + ".");
    }
    if (!entry.dtype().isWeight()) {
      throw Header.error(
          entry.file(),
          "holds tensor '"
              + name
              + "' as "
              + entry.describe()
              + " at byte "
              + entry.offset()
              + ", and only F32, F16 and BF16 are read as float32; convert the checkpoint");
    }
    if (entry.elements() > Integer.MAX_VALUE) {
      throw Header.error(
          entry.file(),
          "holds tensor '"
              + name
              + "' of "
              + entry.elements()
              + " elements, and 2^31 - 1 are the most");
    }
    return entry;
  }

  /** Closes the files. Arrays that were read stay valid. */
  @Override
  public void close() {
    IOException first = null;
    for (FileChannel channel : channels.values()) {
      try {
        channel.close();
      } catch (IOException e) {
        first = e;
      }
    }
    if (first != null) {
      throw new SafetensorsException(
          "The checkpoint " + source + " cannot be closed: " + first + ".", first);
    }
  }
}
