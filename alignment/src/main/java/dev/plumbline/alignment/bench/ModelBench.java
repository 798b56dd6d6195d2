package dev.plumbline.alignment.bench;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.plan.Machine;
import dev.plumbline.alignment.plan.Plan;
import dev.plumbline.alignment.plan.Resident;
import dev.plumbline.alignment.train.LossModel;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.optim.AdamW;
import dev.plumbline.tensor.optim.Gradients;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.SamplingOptions;
import dev.plumbline.transformer.graph.LlamaGraph;
import dev.plumbline.transformer.graph.Scorer;
import dev.plumbline.transformer.graph.TokenTree;
import dev.plumbline.transformer.model.LlamaConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Measures a user's model on this machine and compares with {@link Plan}: scoring, generation, and
 * training of a low-rank adapter, on random tokens.
 */
public final class ModelBench {
  private static final int PROMPT = 64;
  private static final int NEW_TOKENS = 32;
  private static final int SCORED_ROWS = 2;
  private static final int SCORED_TOKENS = 512;
  private static final Plan.Batch STEP = new Plan.Batch(2, 1, 1, 64, 64);
  private static final int RANK = 8;

  private final Path model;
  private final int steps;
  private final Consumer<String> progress;

  /**
   * The figures of one workload.
   *
   * @param workload its name
   * @param seconds seconds per forward pass, per token of each sequence, or per step
   * @param plannedSeconds prediction of {@link Plan}
   * @param tokens per forward pass, per token of each sequence, or per step
   * @param flopsShare share of the machine's peak rate of products
   * @param bandwidthShare share of the machine's peak rate of reading memory, or null if products
   *     limit the workload
   * @param peakBytes peak resident memory, including mapped files
   * @param plannedBytes prediction of {@link Plan}
   */
  public record Figures(
      String workload,
      double seconds,
      double plannedSeconds,
      long tokens,
      double flopsShare,
      Double bandwidthShare,
      long peakBytes,
      long plannedBytes) {
    /** Tokens per second. */
    public double tokensPerSecond() {
      return tokens / seconds;
    }
  }

  /**
   * Creates the workloads of a model.
   *
   * @param model directory
   * @param steps training steps; the median excludes the first one
   * @param progress is notified of the current measurement
   */
  public ModelBench(Path model, int steps, Consumer<String> progress) {
    this.model = model;
    this.steps = steps;
    this.progress = progress;
  }

  /** Runs all workloads, each with a freshly loaded model. */
  public List<Figures> run(Machine machine, Dtype stored) {
    List<Figures> figures = new ArrayList<>();
    figures.add(generate(1, machine, stored));
    figures.add(generate(8, machine, stored));
    figures.add(score(machine, stored));
    if (Lora.isAdapter(model)) {
      progress.accept("lora-step: left out, because the model is an adapter itself");
    } else {
      figures.add(train(machine, stored));
    }
    return figures;
  }

  private void begin(String what) {
    progress.accept(what);
    System.gc();
    Resident.resetPeak();
  }

  private Figures generate(int sequences, Machine machine, Dtype stored) {
    begin("generate: " + sequences + " sequences of " + NEW_TOKENS + " new tokens");
    try (Checkpoint checkpoint = Checkpoint.frozen(model, OpMode.FUSED);
        Sampler sampler = new Sampler(checkpoint.weights(), null, OpMode.FUSED, sequences)) {
      LlamaConfig config = checkpoint.config();
      Plan plan = new Plan(config, stored);
      sample(sampler, config, sequences, 4); // warms up
      double first = sample(sampler, config, sequences, 1).seconds();
      Drawn all = sample(sampler, config, sequences, 1 + NEW_TOKENS);
      double seconds = (all.seconds() - first) / Math.max(1, all.longest() - 1);
      double past = PROMPT + NEW_TOKENS / 2.0;
      double read = plan.generationBytes(sequences, past) / seconds;
      double flops = plan.scoringOperations(sequences, sequences, past) / seconds;
      return new Figures(
          "generate-" + sequences,
          seconds,
          plan.generationSeconds(sequences, past, machine),
          sequences,
          flops / machine.flopsPerSecond(),
          read / machine.bytesPerSecond(),
          Resident.peak(),
          Plan.total(plan.generationMemory(sequences, PROMPT + NEW_TOKENS)));
    }
  }

  /** The sampled tokens; a sequence may end early. */
  private record Drawn(double seconds, int longest) {}

  private static Drawn sample(Sampler sampler, LlamaConfig config, int sequences, int newTokens) {
    RandomStream random = RandomStream.of(1, "generate");
    List<Sampler.Request> requests = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      int[] prompt = TrainingWorkload.ids(random, PROMPT, config.vocabSize());
      requests.add(new Sampler.Request(prompt, 1, random.child(i)));
    }
    List<List<Sample>> drawn = new ArrayList<>();
    double seconds =
        Timing.seconds(
            () ->
                drawn.addAll(
                    sampler.sample(requests, SamplingOptions.at(1, newTokens), done -> {})));
    int longest =
        drawn.stream().flatMap(List::stream).mapToInt(s -> s.ids().length).max().orElse(0);
    return new Drawn(seconds, longest);
  }

  private Figures score(Machine machine, Dtype stored) {
    begin("score: " + SCORED_ROWS + " rows of " + SCORED_TOKENS + " tokens");
    try (Checkpoint checkpoint = Checkpoint.frozen(model, OpMode.FUSED)) {
      LlamaConfig config = checkpoint.config();
      Plan plan = new Plan(config, stored);
      RandomStream random = RandomStream.of(1, "score");
      List<TokenTree> rows = new ArrayList<>();
      for (int i = 0; i < SCORED_ROWS; i++) {
        rows.add(
            new TokenTree(
                TrainingWorkload.ids(random, 1, config.vocabSize()),
                List.of(TrainingWorkload.ids(random, SCORED_TOKENS, config.vocabSize()))));
      }
      Scorer.score(checkpoint.weights(), OpMode.FUSED, rows.subList(0, 1)); // warms up
      double seconds = Timing.seconds(() -> Scorer.score(checkpoint.weights(), OpMode.FUSED, rows));
      long tokens = (long) SCORED_ROWS * SCORED_TOKENS;
      double length = SCORED_TOKENS;
      return new Figures(
          "score",
          seconds,
          plan.scoringSeconds(tokens, tokens, length, machine),
          tokens,
          plan.scoringOperations(tokens, tokens, length) / seconds / machine.flopsPerSecond(),
          null,
          Resident.peak(),
          Plan.total(plan.scoringMemory(tokens)));
    }
  }

  private Figures train(Machine machine, Dtype stored) {
    begin("lora-step: " + steps + " steps of " + STEP.tokens() + " tokens, rank " + RANK);
    Plan.Method method = new Plan.Method(Plan.Trained.ADAPTER, RANK, true, false);
    Lora.Settings settings = new Lora.Settings(RANK, 2 * RANK, 0, Lora.ALL);
    try (Checkpoint checkpoint = Checkpoint.frozen(model, OpMode.FUSED);
        Lora adapter = Lora.random(checkpoint.config(), settings, RandomStream.of(1, "adapter"));
        AdamW optimizer = new AdamW(AdamW.Settings.withDecay(0), adapter.arrays());
        LossModel loss =
            new LossModel(
                checkpoint.weights(),
                new Vft(),
                OpMode.FUSED,
                new LlamaGraph.GraphOptions(adapter, null, method.activationCheckpointing()))) {
      Plan plan = new Plan(checkpoint.config(), stored);
      MicroBatch batch = batch(checkpoint.config().vocabSize());
      List<Double> seconds = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        double took =
            Timing.seconds(
                () -> {
                  try (LossModel.Result result = loss.run(batch)) {
                    double norm = Gradients.globalNorm(result.gradients());
                    optimizer.step(result.gradients(), 1e-4, Gradients.clipFactor(norm, 1));
                  }
                });
        progress.accept(String.format(Locale.ROOT, "  step %d: %.1f s", step + 1, took));
        if (step > 0 || steps == 1) {
          seconds.add(took);
        }
      }
      double median = Timing.median(seconds);
      return new Figures(
          "lora-step",
          median,
          plan.seconds(method, STEP, machine),
          STEP.tokens(),
          plan.operations(method, STEP) / median / machine.flopsPerSecond(),
          null,
          Resident.peak(),
          Plan.total(plan.memory(method, STEP)));
    }
  }

  private static MicroBatch batch(int vocabulary) {
    RandomStream random = RandomStream.of(1, "lora-step");
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < STEP.rows(); i++) {
      int[] response = TrainingWorkload.ids(random, STEP.responseTokens(), vocabulary);
      examples.add(
          new Example(
              TrainingWorkload.ids(random, STEP.promptTokens(), vocabulary),
              List.of(Response.of(response, Role.REFERENCE))));
    }
    return MicroBatch.whole(examples, null);
  }
}
