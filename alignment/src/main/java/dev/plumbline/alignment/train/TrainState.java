package dev.plumbline.alignment.train;

import dev.plumbline.data.UserError;
import dev.plumbline.tensor.optim.AdamW;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Everything that a killed run needs to resume: weights, both moments and the number of steps. They
 * are in one safetensors file, so that a kill cannot separate weights from moments. The order of
 * the data depends on seed and step only.
 */
final class TrainState {
  static final String FILE = "training-state.safetensors";

  private TrainState() {}

  static void write(
      Path directory, Map<String, INDArray> weights, AdamW optimizer, String fingerprint) {
    SafetensorsWriter.write(
        directory.resolve(FILE),
        arrays(weights, optimizer),
        Dtype.F32,
        Map.of(
            "format", "pt", "step", Long.toString(optimizer.steps()), "fingerprint", fingerprint));
  }

  /**
   * Whether a directory contains an unfinished run with this fingerprint. Reads only a header and
   * writes nothing.
   *
   * @throws UserError when it contains an unfinished run with another fingerprint
   */
  static boolean check(Path directory, String fingerprint) {
    Path file = directory.resolve(FILE);
    boolean present = Files.isRegularFile(file);
    if (present) {
      try (SafetensorsReader reader = SafetensorsReader.open(file)) {
        if (!fingerprint.equals(reader.metadata().get("fingerprint"))) {
          throw new UserError(
              "The directory "
                  + directory
                  + " contains an unfinished run with other settings or data; choose another output or delete it.");
        }
      }
    }
    return present;
  }

  /**
   * Restores a state and returns its step, or 0 if there is none; the caller has called {@link
   * #check}.
   */
  static long read(Path directory, Map<String, INDArray> weights, AdamW optimizer) {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return 0;
    }
    try (SafetensorsReader reader = SafetensorsReader.open(file).finite()) {
      String steps = String.valueOf(reader.metadata().get("step"));
      if (!steps.matches("[1-9]\\d{0,17}")) {
        throw new UserError(
            "The state "
                + file
                + " is damaged: its number of steps is '"
                + steps
                + "'. Delete it to start again.");
      }
      arrays(weights, optimizer).forEach(reader::readInto);
      long step = Long.parseLong(steps);
      optimizer.restore(step);
      return step;
    }
  }

  private static Map<String, INDArray> arrays(Map<String, INDArray> weights, AdamW optimizer) {
    Map<String, INDArray> all = new LinkedHashMap<>(weights);
    optimizer.firstMoments().forEach((name, array) -> all.put("adam.m." + name, array));
    optimizer.secondMoments().forEach((name, array) -> all.put("adam.v." + name, array));
    return all;
  }
}
