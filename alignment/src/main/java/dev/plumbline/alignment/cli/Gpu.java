package dev.plumbline.alignment.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A GPU as its driver reports it.
 *
 * @param name such as {@code NVIDIA A100-SXM4-40GB}
 * @param capability compute capability, such as {@code 8.0}
 */
record Gpu(String name, String capability) {
  /**
   * Compute capabilities in ND4J 1.0.0-M2.1's natives for CUDA 11.6, which have no PTX for others.
   */
  private static final String HELD = "compute capability 3.7 to 8.6";

  private static final int SECONDS = 10;

  /** The GPUs of this machine; none without a driver. */
  static List<Gpu> found() {
    try {
      Process process =
          new ProcessBuilder("nvidia-smi", "--query-gpu=name,compute_cap", "--format=csv,noheader")
              .redirectErrorStream(true)
              .start();
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return List.of();
      }
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.exitValue() == 0 ? parse(text) : List.of();
    } catch (IOException e) {
      return List.of(); // no driver
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /** Parses one GPU per line: name and capability. */
  static List<Gpu> parse(String text) {
    List<Gpu> all = new ArrayList<>();
    for (String line : text.split("\n")) {
      int comma = line.lastIndexOf(',');
      if (comma > 0 && line.substring(comma + 1).strip().matches("\\d+\\.\\d+")) {
        all.add(new Gpu(line.substring(0, comma).strip(), line.substring(comma + 1).strip()));
      }
    }
    return all;
  }

  /** Machine code runs on later GPUs of the same generation only. */
  boolean runs() {
    String[] parts = capability.split("\\.");
    int version = 10 * Integer.parseInt(parts[0]) + Integer.parseInt(parts[1]);
    return version >= 37 && version < 90;
  }

  /** One line that says whether ND4J runs on it. */
  String describe() {
    return name
        + ", compute capability "
        + capability
        + (runs()
            ? ": ND4J's natives for CUDA 11.6 run on it (mvn -Pcuda -Dcuda; ops=composed)"
            : ": ND4J's natives for CUDA 11.6 hold code for "
                + HELD
                + " and cannot run on it; use the processor, or try ND4J 1.0.0-M1.1 (nd4j-cuda-11.2), which carries PTX");
  }
}
