package dev.plumbline.tests.benchmarks;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.train.LossModel;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.optim.AdamW;
import dev.plumbline.tensor.optim.Gradients;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.generate.Decoder;
import dev.plumbline.transformer.model.LlamaConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A training step and a decoding step of a small model, with fused and with stock operations. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "-XX:+UseSerialGC"})
public class StepBenchmark {
  /** Which operations. */
  @Param({"FUSED", "COMPOSED"})
  public OpMode ops;

  private LlamaWeights weights;
  private LossModel model;
  private AdamW optimizer;
  private MicroBatch batch;
  private Decoder decoder;
  private Decoder.Cache cache;

  /** 4 sequences of 128 tokens; 16 sequences that decode their 65th token. */
  @Setup
  public void open() {
    RandomStream random = RandomStream.of(1, "step benchmark");
    LlamaConfig config = LlamaConfig.small(512, 144, 384, 4, 3, 3, 256);
    weights = LlamaWeights.random(config, random.child("weights"));
    model = new LossModel(weights, new Vft(), ops);
    optimizer = new AdamW(AdamW.Settings.withDecay(0), weights.arrays());
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Response response = Response.of(ids(random, 128), Role.REFERENCE);
      examples.add(new Example(ids(random, 1), List.of(response)));
    }
    batch = MicroBatch.whole(examples, null);
    decoder = Decoder.of(weights, ops);
    cache = decoder.newCache(16, 64, 16, 8);
    for (int slot = 0; slot < 16; slot++) {
      decoder.forward(Decoder.Rows.ofTrunk(slot, 0, ids(random, 64)), cache);
    }
  }

  private static int[] ids(RandomStream random, int count) {
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> 3 + random.nextInt(509));
    return ids;
  }

  /** Frees what {@link #open} made. */
  @TearDown
  public void close() {
    cache.close();
    decoder.close();
    model.close();
    optimizer.close();
    weights.close();
  }

  /** Forward, backward, clipping and AdamW. */
  @Benchmark
  public double train() {
    try (LossModel.Result result = model.run(batch)) {
      double norm = Gradients.globalNorm(result.gradients());
      optimizer.step(result.gradients(), 1e-5, Gradients.clipFactor(norm, 1));
      return norm;
    }
  }

  /** One token of each of 16 sequences behind prompts of 64. */
  @Benchmark
  public Object decode() {
    int[] all = new int[16];
    Arrays.setAll(all, i -> i);
    int[] positions = new int[16];
    Arrays.fill(positions, 64);
    return decoder.forward(new Decoder.Rows(all, positions, all, positions, all), cache, all);
  }
}
