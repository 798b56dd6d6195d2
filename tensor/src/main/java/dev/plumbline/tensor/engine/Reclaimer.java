package dev.plumbline.tensor.engine;

import org.bytedeco.javacpp.Pointer;

/**
 * Returns off-heap memory that SameDiff leaves to the garbage collector. A run of a graph drops
 * some of its arrays without closing them; they are small objects on the heap, so the collector
 * hardly ever runs, and gigabytes stay behind them. This asks for a collection whenever resident
 * memory has grown by half a gigabyte since it was lowest.
 */
public final class Reclaimer {
  private static final long STEP_BYTES = 512L << 20;
  private long lowest = Long.MAX_VALUE;

  /** Call between runs; costs a look at the process's resident memory, rarely a collection. */
  public void between() {
    long resident = Pointer.physicalBytes();
    if (lowest == Long.MAX_VALUE || resident < lowest) {
      lowest = resident;
    } else if (resident > lowest + STEP_BYTES) {
      System.gc();
      lowest = Math.max(lowest, Pointer.physicalBytes()); // what is in use now is the new ground
    }
  }
}
