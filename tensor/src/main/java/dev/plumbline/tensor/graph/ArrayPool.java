package dev.plumbline.tensor.graph;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.nd4j.autodiff.samediff.internal.memory.AbstractMemoryMgr;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Provides the arrays of a session. SameDiff's own manager reuses an array only for exactly the
 * same shape, and leaves the arrays that it loses track of to the garbage collector. A training run
 * with a new length in each step would then hold gigabytes, and fresh pages cost a fifth of a step.
 * Here a buffer serves any shape that fills at least half of it, and {@link #reclaim} takes back
 * every array of a run, even those that SameDiff has lost.
 */
final class ArrayPool extends AbstractMemoryMgr {
  /** Number of runs after which an unused buffer is released. */
  private static final long IDLE_RUNS = 32;

  /** A buffer and the last run that used it. */
  private record Free(DataBuffer buffer, long run) {}

  private final Map<DataType, TreeMap<Long, Deque<Free>>> free = new EnumMap<>(DataType.class);
  private final IdentityHashMap<DataBuffer, DataBuffer> taken = new IdentityHashMap<>();
  private long run;

  @Override
  public INDArray allocate(boolean detached, DataType type, long... shape) {
    return allocate(detached, LongShapeDescriptor.fromShape(shape, type));
  }

  @Override
  public INDArray allocate(boolean detached, LongShapeDescriptor descriptor) {
    long[] shape = descriptor.getShape();
    long length = 1;
    for (long size : shape) {
      length *= size;
    }
    if (descriptor.isEmpty() || length == 0 || descriptor.dataType() == DataType.UTF8) {
      return Nd4j.create(descriptor);
    }
    DataBuffer buffer = find(descriptor.dataType(), length);
    if (buffer == null) {
      long step =
          Math.max(
              16,
              Long.highestOneBit(length) / 8); // few different sizes, each at most 1/8 too large
      long capacity = (length + step - 1) / step * step;
      buffer = Nd4j.createUninitialized(descriptor.dataType(), capacity).data();
    }
    taken.put(buffer, buffer);
    return Nd4j.create(buffer, shape, Nd4j.getStrides(shape, 'c'), 0, 'c', descriptor.dataType());
  }

  /** The smallest free buffer that is large enough and not more than twice as large. */
  private DataBuffer find(DataType type, long length) {
    TreeMap<Long, Deque<Free>> sizes = free.get(type);
    Map.Entry<Long, Deque<Free>> entry = sizes == null ? null : sizes.ceilingEntry(length);
    if (entry == null || entry.getKey() > 2 * length + 64) {
      return null;
    }
    Free found = entry.getValue().pop();
    if (entry.getValue().isEmpty()) {
      sizes.remove(entry.getKey());
    }
    return found.buffer();
  }

  @Override
  public void release(INDArray array) {
    DataBuffer buffer = array.isEmpty() ? null : array.data();
    if (buffer != null && taken.remove(buffer) != null) {
      giveBack(buffer);
    }
  }

  private void giveBack(DataBuffer buffer) {
    if (!buffer.wasClosed()) {
      free.computeIfAbsent(buffer.dataType(), t -> new TreeMap<>())
          .computeIfAbsent(buffer.length(), l -> new ArrayDeque<>())
          .push(new Free(buffer, run));
    }
  }

  /** Ends the run and takes back all its arrays, including the results. */
  void reclaim() {
    taken.keySet().forEach(this::giveBack);
    taken.clear();
    run++;
    for (TreeMap<Long, Deque<Free>> sizes : free.values()) {
      for (Iterator<Deque<Free>> i = sizes.values().iterator(); i.hasNext(); ) {
        Deque<Free> stack = i.next();
        while (!stack.isEmpty() && stack.peekLast().run() < run - IDLE_RUNS) {
          stack.removeLast().buffer().close();
        }
        if (stack.isEmpty()) {
          i.remove();
        }
      }
    }
  }

  /** Forgets arrays that were not taken back; their users keep them. */
  void forget() {
    taken.clear();
  }

  @Override
  public void close() {
    taken.clear();
    free.values().forEach(sizes -> sizes.values().forEach(s -> s.forEach(f -> f.buffer().close())));
    free.clear();
  }
}
