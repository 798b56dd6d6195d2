package dev.plumbline.alignment.bench;

import dev.plumbline.tensor.kernel.Profile;
import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.generate.Sampler;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.Pointer;

/**
 * The named workloads of {@code plumbline bench}, on random float32 weights of a model with width
 * 288, 6 layers, 6 heads and a feed-forward width of 768. Each is timed on the fused operations and
 * on stock SameDiff operations (training steps alternate, sampling runs follow each other).
 * Workloads with shared prefixes are also timed without sharing.
 */
public final class Bench {
  /** All workloads in order. */
  public static final List<String> WORKLOADS =
      List.of("sft-step", "sft-step-32k", "aft-step", "dpo-step", "sample-32", "rollouts");

  /**
   * Minimum runs and seconds before timing: the compiler improves the kernels during the first
   * dozens of runs.
   */
  private static final int WARM_UP = 8;

  private static final double WARM_UP_SECONDS = 12;
  private static final int PROFILED = 4;

  private final Consumer<String> progress;
  private final int rounds;
  private final boolean baselines;

  /**
   * Creates a benchmark.
   *
   * @param rounds number of times that fused and composed runs alternate
   * @param baselines whether to run anything except the fused operations
   * @param progress is notified of the current measurement
   */
  public Bench(int rounds, boolean baselines, Consumer<String> progress) {
    this.rounds = rounds;
    this.baselines = baselines;
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
              "There is no workload '" + workload + "'; the workloads are " + WORKLOADS + ".");
    };
  }

  private BenchFigures train(TrainingWorkload workload, boolean shares) {
    progress.accept(
        workload.name()
            + (baselines
                ? ": fused steps, then alternating with stock operations"
                : ": fused steps"));
    try (TrainingWorkload.Step fused = workload.open(OpMode.FUSED)) {
      warmUp(fused);
      long resident = Pointer.physicalBytes();
      Times times =
          baselines
              ? stock(workload, fused, shares)
              : new Times(Timing.medians(rounds, new Timing.Way(fused, 1, 5)));
      Times unshared = baselines && shares ? unshared(workload, fused, times.fused()) : null;
      Map<String, Double> milliseconds = new LinkedHashMap<>();
      double share = profile(fused, milliseconds);
      return new BenchFigures(
          workload.name(),
          times.fused(),
          workload.tokens(),
          times.other(1),
          times.other(2),
          1,
          unshared == null ? null : unshared.other(1),
          unshared == null ? null : unshared.other(2),
          null,
          1,
          share,
          resident,
          milliseconds);
    }
  }

  /** Median seconds of the fused steps, then of the ways that alternated with them. */
  private record Times(double... seconds) {
    double fused() {
      return seconds[0];
    }

    Double other(int i) {
      return i < seconds.length ? seconds[i] : null;
    }
  }

  /**
   * Times stock operations in SameDiff's session and, for workloads without sharing, on our array
   * pool.
   */
  private Times stock(TrainingWorkload workload, TrainingWorkload.Step fused, boolean shares) {
    try (TrainingWorkload.Step stock = workload.openStock();
        TrainingWorkload.Step pooled = shares ? null : workload.open(OpMode.COMPOSED)) {
      Timing.Way first = new Timing.Way(fused, 1, 3);
      Timing.Way second = new Timing.Way(stock, 1, 1);
      return new Times(
          shares
              ? Timing.medians(rounds, first, second)
              : Timing.medians(rounds, first, second, new Timing.Way(pooled, 1, 1)));
    }
  }

  /**
   * Times runs without sharing; for an objective with a reference, once with and once without its
   * forward pass. Scaled to {@code fusedSeconds}, because the speed of the machine may have changed
   * since.
   */
  private Times unshared(
      TrainingWorkload workload, TrainingWorkload.Step fused, double fusedSeconds) {
    boolean reference = workload.objective().needsReference();
    try (TrainingWorkload.Step step = workload.openUnshared(reference);
        TrainingWorkload.Step cached = reference ? workload.openUnshared(false) : null) {
      Timing.Way first = new Timing.Way(fused, 1, 2);
      Timing.Way second = new Timing.Way(step, 2, 2);
      double[] found =
          reference
              ? Timing.medians(rounds, first, second, new Timing.Way(cached, 2, 2))
              : Timing.medians(rounds, first, second);
      double measure = fusedSeconds / found[0];
      for (int i = 0; i < found.length; i++) {
        found[i] *= measure;
      }
      return new Times(found);
    }
  }

  private static void warmUp(Runnable run) {
    double spent = 0;
    for (int i = 0; i < WARM_UP || spent < WARM_UP_SECONDS; i++) {
      spent += Timing.seconds(run);
    }
  }

  /**
   * Returns the share of thread time in matrix products; fills in the wall time of each operation.
   */
  private static double profile(Runnable run, Map<String, Double> milliseconds) {
    Profile.enable(true);
    try {
      for (int i = 0; i < PROFILED; i++) {
        run.run(); // the counters trigger a recompilation
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
        sampler -> SamplingWorkload.rolloutsFromScratch(sampler, 8, SamplingWorkload.ROLLOUTS),
        1 / 8.0,
        sampler -> SamplingWorkload.rolloutsFromScratch(sampler, 32, 1),
        1 / 32.0);
  }

  /** Samples and returns the number of tokens. */
  @FunctionalInterface
  private interface Work {
    long tokens(Sampler sampler);
  }

  /**
   * Times sampling; {@code warmUp}, {@code composed} and {@code unshared} may do only a part of the
   * work.
   */
  private BenchFigures sampling(
      String name,
      Work work,
      Work warmUp,
      Work composedWork,
      double composedPart,
      Work unsharedWork,
      double unsharedPart,
      Work oneByOneWork,
      double oneByOnePart) {
    try (LlamaWeights weights =
            LlamaWeights.random(TrainingWorkload.model(512, 288), RandomStream.of(1, "weights"));
        Sampler sampler = new Sampler(weights, null, OpMode.FUSED, SamplingWorkload.SLOTS);
        Sampler composed = new Sampler(weights, null, OpMode.COMPOSED, SamplingWorkload.SLOTS)) {
      warmUp.tokens(sampler); // compiles the kernels
      if (baselines) {
        SamplingWorkload.sample(composed, 2);
      }
      long[] tokens = new long[1];
      double seconds =
          Timing.medians(rounds, new Timing.Way(() -> tokens[0] = work.tokens(sampler), 0, 1))[0];
      long resident = Pointer.physicalBytes();
      Double unshared = null;
      if (unsharedWork != null && baselines) {
        unshared = Timing.seconds(() -> unsharedWork.tokens(sampler)) / unsharedPart;
      }
      Double oneByOne = null;
      if (oneByOneWork != null && baselines) {
        oneByOne = Timing.seconds(() -> oneByOneWork.tokens(sampler)) / oneByOnePart;
      }
      Profile.enable(true);
      double share;
      try {
        Work part = unsharedWork == null ? work : composedWork;
        double wall = Timing.seconds(() -> part.tokens(sampler));
        share = Profile.threadNanoseconds(Profile.Part.PRODUCT) / 1e9 / Workers.threads() / wall;
      } finally {
        Profile.enable(false);
      }
      Double composedSeconds =
          baselines ? Timing.seconds(() -> composedWork.tokens(composed)) / composedPart : null;
      return new BenchFigures(
          name,
          seconds,
          tokens[0],
          composedSeconds,
          null,
          composedPart,
          unshared,
          null,
          oneByOne,
          unsharedPart,
          share,
          resident,
          Map.of());
    }
  }
}
