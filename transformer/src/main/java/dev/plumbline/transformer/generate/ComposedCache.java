package dev.plumbline.transformer.generate;

import dev.plumbline.transformer.model.LlamaConfig;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The cache of {@link ComposedDecoder}: arrays that the graph and stock operations read and write
 * in place. A branch begins with a copy of the tokens that it continues, so that each sequence is
 * contiguous.
 */
final class ComposedCache implements Decoder.Cache {
  private final LlamaConfig config;
  private final int trunkCapacity;
  private final int branchCapacity;
  private final Store trunks;
  private final Store branches;

  ComposedCache(
      LlamaConfig config, int trunkSlots, int trunkCapacity, int branchSlots, int branchCapacity) {
    this.config = config;
    this.trunkCapacity = trunkCapacity;
    this.branchCapacity = branchCapacity;
    trunks = new Store(trunkSlots, trunkCapacity);
    branches = new Store(branchSlots, branchSlots == 0 ? 1 : trunkCapacity + branchCapacity);
  }

  @Override
  public int trunkCapacity() {
    return trunkCapacity;
  }

  @Override
  public int branchCapacity() {
    return branchCapacity;
  }

  /** The store of keys and values for trunks, or for branches. */
  Store store(boolean trunk) {
    return trunk ? trunks : branches;
  }

  /** Copies the first tokens of a trunk to the beginning of a branch. */
  void fork(int trunk, int branch, int tokens) {
    for (int l = 0; l < config.layers(); l++) {
      copy(trunks.keys[l], trunk, branches.keys[l], branch, tokens);
      copy(trunks.values[l], trunk, branches.values[l], branch, tokens);
    }
  }

  private void copy(INDArray from, int trunk, INDArray to, int branch, int tokens) {
    INDArray source = trunks.view(from, trunk, trunk + 1, tokens);
    branches.view(to, branch, branch + 1, tokens).assign(source);
  }

  @Override
  public void copyBranch(int from, int to, int trunkTokens, int tokens) {
    for (int l = 0; l < config.layers(); l++) {
      for (INDArray array : new INDArray[] {branches.keys[l], branches.values[l]}) {
        INDArray source = branches.view(array, from, from + 1, trunkTokens + tokens);
        branches.view(array, to, to + 1, trunkTokens + tokens).assign(source);
      }
    }
  }

  @Override
  public void close() {
    trunks.close();
    branches.close();
  }

  /** Keys and values of some slots, and of one spare slot for padding. */
  final class Store {
    final INDArray[] keys; // per layer [slots + 1, kvHeads, capacity, headDim]
    final INDArray[] values;
    private final int slots;
    private final int capacity;

    private Store(int slots, int capacity) {
      this.slots = slots;
      this.capacity = capacity;
      keys = arrays();
      values = arrays();
    }

    private INDArray[] arrays() {
      long[] shape = {slots + 1, config.kvHeads(), capacity, config.headDim()};
      return Stream.generate(() -> Nd4j.create(DataType.FLOAT, shape))
          .limit(config.layers())
          .toArray(INDArray[]::new);
    }

    /** A view of the first tokens of slots {@code [from, to)}: [b, kvHeads, tokens, headDim]. */
    INDArray view(INDArray array, int from, int to, int tokens) {
      long[] shape = {to - from, config.kvHeads(), tokens, config.headDim()};
      long[] strides = array.stride();
      return Nd4j.create(array.data(), shape, strides, from * strides[0], 'c', DataType.FLOAT);
    }

    /**
     * Row numbers of a step's new tokens [b, kvHeads, t] in keys or values, viewed as [(slots + 1)
     * * kvHeads * capacity, headDim]. Padding goes into the spare slot.
     */
    int[] places(ComposedStep step) {
      int t = step.t();
      int[] places = new int[step.b() * config.kvHeads() * t];
      int at = 0;
      for (int s = 0; s < step.b(); s++) {
        for (int head = 0; head < config.kvHeads(); head++) {
          for (int i = 0; i < t; i++) {
            boolean real = i < step.fed().get(s).length;
            int slot = real ? step.first() + s : slots;
            int token = real ? step.starts()[s] + i : 0;
            places[at++] = (slot * config.kvHeads() + head) * capacity + token;
          }
        }
      }
      return places;
    }

    /** Writes {@code rows} [b, kvHeads, t, headDim] to their places. */
    void put(INDArray array, INDArray places, INDArray rows) {
      long width = config.headDim();
      INDArray target = array.reshape('c', new long[] {array.length() / width, width});
      INDArray source = rows.reshape('c', new long[] {rows.length() / width, width});
      Nd4j.exec(
          DynamicCustomOp.builder("scatter_upd")
              .addInputs(target, places, source)
              .callInplace(true)
              .build());
    }

    private void close() {
      Stream.of(keys, values).flatMap(Stream::of).forEach(INDArray::close);
    }
  }
}
