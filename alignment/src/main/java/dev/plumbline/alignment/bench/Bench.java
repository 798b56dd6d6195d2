package dev.plumbline.alignment.bench;

import dev.plumbline.tensor.engine.Profile;
import dev.plumbline.tensor.engine.Workers;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.LlamaWeights;
import dev.plumbline.transformer.Sampler;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.bytedeco.javacpp.Pointer;

/**
 * The named workloads of {@code plumbline bench}: random weights in float32, a model of width 288
 * with 6 layers, 6 heads and 768 inside the feed-forward. Each is timed on the fused operations and
 * on stock SameDiff operations in turn, those that share prefixes also with nothing shared.
 */
public final class Bench {
  /** All workloads in their order. */
  public static final List<String> WORKLOADS =
      List.of("sft-step", "sft-step-32k", "aft-step", "dpo-step", "sample-32", "rollouts");

  /** Runs and seconds before timing: the compiler improves the kernels over the first dozens. */
  private static final int WARM_UP = 8;

  private static final double WARM_UP_SECONDS = 12;
  private static final int PROFILED = 4;

  private final Consumer<String> progress;
  private final int rounds;

  /**
   * A bench.
   *
   * @param rounds times that fused and composed runs alternate
   * @param progress is told what is being measured
   */
  public Bench(int rounds, Consumer<String> progress) {
    this.rounds = rounds;
    this.progress = progress;
  }

  /** Measures one workload. */
  public BenchFigures run(String workload) {
    return switch (workload) {
      case "sft-step" -> train(TrainingWorkload.sft(workload, 512, 288, 6, 8, 256), false);
      case "sft-step-32k" -> train(TrainingWorkload.sft(workload, 32_000, 288, 6, 8, 256), false);
      case "aft-step" -> train(TrainingWorkload.aft(), true);
      case "dpo-step" -> train(TrainingWorkload.dpo(), true);
      case "sample-32" -> sample();
      case "rollouts" -> rollouts();
      default ->
          throw new IllegalArgumentException(
              "There is no workload '" + workload + "'; there are " + WORKLOADS + ".");
    };
  }

  private BenchFigures train(TrainingWorkload workload, boolean shares) {
    progress.accept(workload.name() + ": fused steps, then the same on stock operations in turn");
    boolean reference = workload.objective().needsReference();
    try (TrainingWorkload.Step fused = workload.open(OpMode.FUSED)) {
      warmUp(fused);
      long resident = Pointer.physicalBytes();
      double[] seconds;
      try (TrainingWorkload.Step stock = workload.openStock();
          TrainingWorkload.Step pooled = shares ? null : workload.open(OpMode.COMPOSED)) {
        Timing.Way first = new Timing.Way(fused, 1, 3);
        Timing.Way second = new Timing.Way(stock, 1, 1);
        seconds =
            shares
                ? Timing.medians(rounds, first, second)
                : Timing.medians(rounds, first, second, new Timing.Way(pooled, 1, 1));
      }
      Double unshared = null;
      Double cached = null;
      if (shares) {
        try (TrainingWorkload.Step step = workload.openUnshared(reference);
            TrainingWorkload.Step other = reference ? workload.openUnshared(false) : null) {
          double[] found =
              reference
                  ? Timing.medians(
                      rounds,
                      new Timing.Way(fused, 1, 2),
                      new Timing.Way(step, 2, 2),
                      new Timing.Way(other, 2, 2))
                  : Timing.medians(rounds, new Timing.Way(fused, 1, 2), new Timing.Way(step, 2, 2));
          double slower = seconds[0] / found[0]; // both pairs of times to one measure
          unshared = found[1] * slower;
          cached = reference ? found[2] * slower : null;
        }
      }
      Map<String, Double> milliseconds = new LinkedHashMap<>();
      double share = profile(fused, milliseconds);
      return new BenchFigures(
          workload.name(),
          seconds[0],
          workload.tokens(),
          seconds[1],
          shares ? null : seconds[2],
          1,
          unshared,
          cached,
          1,
          share,
          resident,
          milliseconds);
    }
  }

  private static void warmUp(Runnable run) {
    double spent = 0;
    for (int i = 0; i < WARM_UP || spent < WARM_UP_SECONDS; i++) {
      spent += Timing.seconds(run);
    }
  }

  /** Share of thread time in matrix products; fills in the wall time of each operation. */
  private static double profile(Runnable run, Map<String, Double> milliseconds) {
    Profile.enable(true);
    try {
      for (int i = 0; i < PROFILED; i++) {
        run.run(); // the counters change the compiled code, which is made anew
      }
      Profile.enable(true);
      double wall = 0;
      for (int i = 0; i < PROFILED; i++) {
        wall += Timing.seconds(run);
      }
      Profile.operations().entrySet().stream()
          .sorted(Comparator.comparingLong(e -> -e.getValue().nanoseconds()))
          .forEach(e -> milliseconds.put(e.getKey(), e.getValue().nanoseconds() / 1e6 / PROFILED));
      return Profile.threadNanoseconds(Profile.Part.PRODUCT) / 1e9 / Workers.threads() / wall;
    } finally {
      Profile.enable(false);
    }
  }

  private BenchFigures sample() {
    progress.accept("sample-32: on the KV cache of the fused decoder, then of the composed one");
    return sampling(
        "sample-32",
        sampler -> SamplingWorkload.sample(sampler, SamplingWorkload.NEW_TOKENS),
        sampler -> SamplingWorkload.sample(sampler, SamplingWorkload.NEW_TOKENS),
        sampler -> SamplingWorkload.sample(sampler, SamplingWorkload.NEW_TOKENS),
        1,
        null,
        1);
  }

  private BenchFigures rollouts() {
    progress.accept("rollouts: forked from one cache, from scratch (1 in 8), composed (1 in 16)");
    return sampling(
        "rollouts",
        sampler -> SamplingWorkload.rollouts(sampler, 1),
        sampler -> SamplingWorkload.rollouts(sampler, 8),
        sampler -> SamplingWorkload.rollouts(sampler, 16),
        1 / 16.0,
        sampler -> SamplingWorkload.rolloutsFromScratch(sampler, 8),
        1 / 8.0);
  }

  /** {@code warmUp}, {@code composed} and {@code unshared} may do a part of the work only. */
  private BenchFigures sampling(
      String name,
      ToLongFunction<Sampler> work,
      ToLongFunction<Sampler> warmUp,
      ToLongFunction<Sampler> composedWork,
      double composedPart,
      ToLongFunction<Sampler> unsharedWork,
      double unsharedPart) {
    try (LlamaWeights weights =
            LlamaWeights.random(TrainingWorkload.model(512, 288), RandomStream.of(1, "weights"));
        Sampler sampler = new Sampler(weights, null, OpMode.FUSED, SamplingWorkload.SLOTS);
        Sampler composed = new Sampler(weights, null, OpMode.COMPOSED, SamplingWorkload.SLOTS)) {
      warmUp.applyAsLong(sampler); // compiles the kernels
      long[] tokens = new long[1];
      double seconds =
          Timing.medians(rounds, new Timing.Way(() -> tokens[0] = work.applyAsLong(sampler), 0, 1))[
              0];
      long resident = Pointer.physicalBytes();
      Double unshared = null;
      if (unsharedWork != null) {
        unshared = Timing.seconds(() -> unsharedWork.applyAsLong(sampler)) / unsharedPart;
      }
      Profile.enable(true);
      double share;
      try {
        ToLongFunction<Sampler> part = unsharedWork == null ? work : composedWork;
        double wall = Timing.seconds(() -> part.applyAsLong(sampler));
        share = Profile.threadNanoseconds(Profile.Part.PRODUCT) / 1e9 / Workers.threads() / wall;
      } finally {
        Profile.enable(false);
      }
      double composedSeconds =
          Timing.seconds(() -> composedWork.applyAsLong(composed)) / composedPart;
      return new BenchFigures(
          name,
          seconds,
          tokens[0],
          composedSeconds,
          null,
          composedPart,
          unshared,
          null,
          unsharedPart,
          share,
          resident,
          Map.of());
    }
  }
}
