package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.tensor.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** What makes a token suspicious, by estimate; higher is more suspicious. */
final class Suspicion {
  static final String CONTRASTIVE = "contrastive score, low";
  private static final String CONTRAST = "contrast without the softmax, low";

  /** Estimates that contrastive estimation is compared with. */
  static final List<String> BASELINES =
      List.of(
          "probability under the policy, low",
          "entropy of the policy, high",
          "position, early",
          "random");

  private Suspicion() {}

  /** All estimates of some trajectories. */
  static Map<String, List<double[]>> of(CriticalStages.Estimates e, int[] trajectories) {
    Map<String, List<double[]>> all = new LinkedHashMap<>();
    all.put(CONTRASTIVE, pick(e.logScore(), trajectories, -1));
    all.put(CONTRAST, pick(e.contrast(), trajectories, -1));
    all.put(BASELINES.get(0), pick(e.logProb(), trajectories, -1));
    all.put(BASELINES.get(1), pick(e.entropy(), trajectories, 1));
    List<double[]> position = new ArrayList<>();
    List<double[]> random = new ArrayList<>();
    for (int i : trajectories) {
      int n = e.logProb().get(i).length;
      RandomStream stream = RandomStream.of(0, "random estimator").child(i);
      position.add(IntStream.range(0, n).mapToDouble(t -> -t).toArray());
      random.add(IntStream.range(0, n).mapToDouble(t -> stream.nextDouble()).toArray());
    }
    all.put(BASELINES.get(2), position);
    all.put(BASELINES.get(3), random);
    return all;
  }

  /** Values of some trajectories, times {@code sign}. */
  static List<double[]> pick(List<double[]> values, int[] trajectories, int sign) {
    return Arrays.stream(trajectories)
        .mapToObj(i -> Arrays.stream(values.get(i)).map(v -> sign * v).toArray())
        .toList();
  }
}
