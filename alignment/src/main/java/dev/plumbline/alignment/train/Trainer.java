package dev.plumbline.alignment.train;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.alignment.run.Interrupt;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.RunLock;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.optim.AdamW;
import dev.plumbline.tensor.optim.Gradients;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.graph.LlamaGraph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The training loop: micro-batches, accumulation, clipping, AdamW, metrics and resumable state. A
 * run killed at any moment and started again ends in the same bytes as one that was left alone.
 */
public final class Trainer {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final TrainSettings settings;
  private final Progress progress;

  /** Hears of each step. */
  public interface Progress {
    /** Called once with the number of steps and the step that the run starts from. */
    void start(long steps, long from);

    /**
     * Called before the start with the rows that the reference model scored, when there is one.
     *
     * @param cached rows of which an earlier run had kept the scores
     */
    default void reference(int rows, int cached) {}

    /** Called after each step. */
    void step(long step, Map<String, Double> metrics);
  }

  /** What a run did. */
  public record Outcome(
      long steps,
      long resumedFrom,
      double firstLoss,
      double lastLoss,
      TrainingData data,
      boolean alreadyComplete) {}

  /** A run that tells {@code progress} of its steps. */
  public Trainer(TrainSettings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /** Runs to the end, from the last state where there is one. */
  public Outcome run() {
    Path output = settings.output();
    if (RunFiles.sameDirectory(settings.model(), output)) {
      throw new UserError(
          "The output " + output + " is the starting model itself; choose another directory.");
    }
    settings.snapshots().check(settings.objective());
    if (settings.objective().needsReference() && !Files.isDirectory(settings.reference())) {
      throw new UserError(
          "There is no model directory " + settings.reference() + " for the reference.");
    }
    if (settings.objective().needsReference()) {
      Checkpoint.checkSameTokens(settings.model(), settings.reference());
    }
    try (Checkpoint checkpoint = start()) {
      if (settings.lora() != null) {
        Lora.check(checkpoint.config(), settings.lora()); // before anything is written
      }
      TrainingData data =
          TrainingData.read(
              settings.data(), settings.objective(), checkpoint, settings.maxLength());
      ModelHash model = ModelHash.of(settings.model(), checkpoint.weights().hashes());
      ModelHash referenceHash = referenceHash(model);
      Map<String, Object> run = describe(model, referenceHash);
      if (checkpoint.tokenizer().frame() != null) {
        run.put("prompts", checkpoint.tokenizer().frame().toString());
      }
      return run(checkpoint, data, run, referenceHash);
    }
  }

  private Outcome run(
      Checkpoint checkpoint, TrainingData data, Map<String, Object> run, ModelHash referenceHash) {
    Path output = settings.output();
    try {
      String fingerprint = fingerprint(run);
      Outcome complete = complete(data, fingerprint); // also where nothing can be written
      if (complete != null) {
        return complete;
      }
      try (RunLock lock = RunLock.directory(output)) {
        return locked(checkpoint, data, run, referenceHash, fingerprint);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The output " + output + " cannot be written: " + SystemReason.of(e) + ".", e);
    }
  }

  /** What a run did that has finished before, or null. */
  private Outcome complete(TrainingData data, String fingerprint) {
    Path output = settings.output();
    JsonNode finished = RunFiles.readJson(output.resolve("result.json"));
    if (finished == null) {
      return null;
    }
    if (!fingerprint.equals(finished.path("fingerprint").asText())) {
      throw new UserError(
          "The directory "
              + output
              + " holds a finished run with other settings or data; choose another output or delete it.");
    }
    RunFiles.verify(output, finished);
    return new Outcome(
        finished.path("steps").asLong(),
        0,
        finished.path("first_loss").asDouble(),
        finished.path("last_loss").asDouble(),
        data,
        true);
  }

  private Outcome locked(
      Checkpoint checkpoint,
      TrainingData data,
      Map<String, Object> run,
      ModelHash referenceHash,
      String fingerprint)
      throws IOException {
    Path output = settings.output();
    Outcome complete = complete(data, fingerprint);
    if (complete != null) {
      return complete;
    }
    if (!TrainState.check(output, fingerprint) && !began(output, fingerprint)) {
      RunFiles.refuseModel(output);
    }
    Map<String, byte[]> companions = Checkpoint.companions(settings.model());
    List<List<float[]>> reference = reference(checkpoint, data, referenceHash);
    RunFiles.writeJson(output.resolve("run.json"), run);
    Map<String, Object> rows = new LinkedHashMap<>();
    rows.put("file", settings.data().toString());
    rows.put("sha256", run.get("data_sha256"));
    rows.put("rows", data.rows());
    rows.put("used", data.examples().size());
    rows.put("skipped_too_long", data.tooLong());
    RunFiles.writeJson(output.resolve("data.json"), rows);
    return train(checkpoint, data, reference, companions, fingerprint);
  }

  /** What decides the result: not how paths were typed. */
  private static String fingerprint(Map<String, Object> run) throws IOException {
    Map<String, Object> identity = new LinkedHashMap<>(run);
    identity.keySet().removeAll(List.of("model", "reference", "data"));
    return RunFiles.sha256(MAPPER.writeValueAsString(identity).getBytes(StandardCharsets.UTF_8));
  }

  /** Whether a directory is this run's, which has begun there and may have lost its files. */
  private static boolean began(Path output, String fingerprint) throws IOException {
    JsonNode run = RunFiles.readJson(output.resolve("run.json"));
    if (run == null || !run.isObject()) {
      return false;
    }
    if (!run.path("command").asText().equals("train")) {
      throw new UserError(
          "The directory "
              + output
              + " holds a run of '"
              + run.path("command").asText()
              + "'; choose another output or delete it.");
    }
    Map<String, Object> described =
        MAPPER.convertValue(run, new TypeReference<LinkedHashMap<String, Object>>() {});
    return fingerprint(described).equals(fingerprint);
  }

  /** The starting model, which stays as it is where an adapter is trained. */
  private Checkpoint start() {
    boolean frozen = settings.lora() != null && settings.ops() == OpMode.FUSED;
    Checkpoint checkpoint = Checkpoint.hashed(settings.model(), frozen);
    if (settings.lora() != null && checkpoint.weights().hasAdapter()) {
      checkpoint.close();
      throw new UserError(
          "The model "
              + settings.model()
              + " is an adapter beside a large base, which cannot get another one; make a model of it with 'plumbline merge' "
              + "first.");
    }
    return checkpoint;
  }

  private Outcome train(
      Checkpoint checkpoint,
      TrainingData data,
      List<List<float[]>> reference,
      Map<String, byte[]> companions,
      String fingerprint)
      throws IOException {
    Path output = settings.output();
    long start = System.nanoTime();
    try (Checkpoint live = liveReference();
        Lora adapter = adapter(checkpoint);
        AdamW optimizer =
            new AdamW(
                AdamW.Settings.withDecay(settings.weightDecay()), trained(checkpoint, adapter));
        Gradients sums =
            settings.accumulate() == 1 ? null : new Gradients(trained(checkpoint, adapter));
        LossModel model =
            new LossModel(
                checkpoint.weights(),
                settings.objective(),
                settings.ops(),
                new LlamaGraph.Extras(
                    adapter,
                    live == null ? null : live.weights(),
                    settings.activationCheckpointing()))) {
      Map<String, INDArray> weights = trained(checkpoint, adapter);
      long from = TrainState.read(output, weights, optimizer);
      int perStep = Math.multiplyExact(settings.batchSize(), settings.accumulate());
      long stepsPerEpoch = ((long) data.examples().size() + perStep - 1) / perStep;
      long steps =
          settings.steps() > 0
              ? settings.steps()
              : (long) Math.ceil(settings.epochs() * stepsPerEpoch);
      progress.start(steps, from);
      double first;
      double last;
      try (Interrupt interrupt = Interrupt.defer("the step and its state");
          Metrics metrics = new Metrics(output, from)) {
        for (long step = from; step < steps; step++) {
          List<Integer> batch = batch(step, stepsPerEpoch, perStep, data.examples().size());
          Map<String, Double> row =
              step(model, sums, optimizer, data, reference, batch, step, steps);
          row.put("epoch", (double) (step + 1) / stepsPerEpoch);
          metrics.add(row);
          progress.step(step + 1, row);
          if (settings.snapshots().dueAfter(step, steps)) {
            write(Snapshots.directory(output, step + 1), checkpoint, adapter, companions);
            settings.snapshots().prune(output, metrics.rows(), steps);
          }
          boolean done = step + 1 == steps; // what follows may fail, on a full disk, say
          if ((step + 1) % settings.saveEvery() == 0 || done || interrupt.requested()) {
            TrainState.write(output, weights, optimizer, fingerprint);
          }
          if (interrupt.requested() && !done) {
            throw interrupt.interrupted(
                String.format(
                    Locale.ROOT,
                    "Interrupted after step %d of %d; the state is in %s. Run the same command again to resume.",
                    step + 1,
                    steps,
                    output));
          }
        }
        first = metrics.rows().get(0).get("loss");
        last = metrics.rows().get(metrics.rows().size() - 1).get("loss");
      }
      write(output, checkpoint, adapter, companions);
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("steps", steps);
      result.put("first_loss", first);
      result.put("last_loss", last);
      result.put("resumed_from", from);
      result.put("wall_seconds", (System.nanoTime() - start) / 1e9);
      result.put("fingerprint", fingerprint);
      result.put(
          "files",
          RunFiles.contents(
              output, name -> Checkpoint.isModelFile(name) || name.equals(Metrics.FILE)));
      RunFiles.writeJson(output.resolve("result.json"), result);
      Files.deleteIfExists(output.resolve(TrainState.FILE));
      return new Outcome(steps, from, first, last, data, false);
    }
  }

  /** A new adapter where the settings ask for one, else null. */
  private Lora adapter(Checkpoint checkpoint) {
    return settings.lora() == null
        ? null
        : Lora.random(
            checkpoint.weights(), settings.lora(), RandomStream.of(settings.seed(), "adapter"));
  }

  /** The arrays that training changes. */
  private static Map<String, INDArray> trained(Checkpoint checkpoint, Lora adapter) {
    return adapter == null ? checkpoint.weights().arrays() : adapter.arrays();
  }

  private void write(
      Path directory, Checkpoint checkpoint, Lora adapter, Map<String, byte[]> companions) {
    if (adapter == null) {
      Checkpoint.write(directory, checkpoint.weights(), companions, settings.dtype());
    } else {
      adapter.write(directory, settings.model(), settings.dtype());
    }
  }

  /** A copy of the reference that stays as it is, or null where its scores are enough. */
  private Checkpoint liveReference() {
    return settings.objective().needsDistribution()
        ? Checkpoint.frozen(settings.reference(), settings.ops())
        : null;
  }

  /** One optimiser step over a batch of example indices. */
  private Map<String, Double> step(
      LossModel model,
      Gradients sums,
      AdamW optimizer,
      TrainingData data,
      List<List<float[]>> reference,
      List<Integer> batch,
      long step,
      long steps) {
    List<Example> all = batch.stream().map(data.examples()::get).toList();
    int targetTokens = MicroBatch.targetTokens(all);
    int responses = MicroBatch.responses(all);
    List<TokenScores> scores = new ArrayList<>();
    double loss = 0;
    double norm = 0;
    double rate =
        settings
            .schedule()
            .rate(step, steps, Math.round(settings.warmupRatio() * steps), settings.learningRate());
    boolean single = all.size() <= settings.batchSize();
    if (!single) {
      sums.clear();
    }
    for (int at = 0; at < all.size(); at += settings.batchSize()) {
      List<Integer> part = batch.subList(at, Math.min(all.size(), at + settings.batchSize()));
      MicroBatch micro =
          new MicroBatch(
              part.stream().map(data.examples()::get).toList(),
              reference == null ? null : part.stream().map(reference::get).toList(),
              all.size(),
              targetTokens,
              responses);
      int seed = RandomStream.of(settings.seed(), "dropout").child(step).child(at).nextInt(1 << 30);
      try (LossModel.Result result = model.run(micro, seed)) {
        loss += result.loss();
        scores.addAll(result.scores());
        if (single) {
          norm = update(optimizer, result.gradients(), rate, loss, step);
        } else {
          sums.add(result.gradients());
        }
      }
    }
    if (!single) {
      norm = update(optimizer, sums.arrays(), rate, loss, step);
    }
    Map<String, Double> row = new LinkedHashMap<>();
    row.put("step", (double) (step + 1));
    row.put("loss", loss);
    row.put("grad_norm", norm);
    row.put("learning_rate", rate);
    row.putAll(settings.objective().metrics(all, scores));
    return row;
  }

  private double update(
      AdamW optimizer, Map<String, INDArray> gradients, double rate, double loss, long step) {
    double norm = Gradients.globalNorm(gradients);
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new UserError(
          "Step "
              + (step + 1)
              + " has loss "
              + loss
              + " and gradient norm "
              + norm
              + "; the weights were left as they were. Lower the learning rate, or clip with max-grad-norm.");
    }
    optimizer.step(gradients, rate, Gradients.clipFactor(norm, settings.maxGradNorm()));
    return norm;
  }

  /** Indices of the examples of a step: position and order follow from seed and step alone. */
  private List<Integer> batch(long step, long stepsPerEpoch, int perStep, int examples) {
    long epoch = step / stepsPerEpoch;
    int first = (int) (step % stepsPerEpoch) * perStep;
    int[] order =
        settings.shuffle()
            ? RandomStream.of(settings.seed(), "data order").child(epoch).permutation(examples)
            : null;
    List<Integer> batch = new ArrayList<>();
    for (int i = first; i < Math.min(examples, first + perStep); i++) {
      batch.add(order == null ? i : order[i]);
    }
    return batch;
  }

  /** The reference's log-probabilities by example, or null when the objective has none. */
  private List<List<float[]>> reference(Checkpoint policy, TrainingData data, ModelHash hash) {
    if (!settings.objective().needsReference()) {
      return null;
    }
    ReferenceCache.Found found =
        new Reference(settings.reference(), policy, settings.ops())
            .scores(data.examples(), settings.referenceCache(), () -> hash);
    progress.reference(data.examples().size(), found.cached());
    return found.scores();
  }

  /** The reference's hash, or null when the objective has none; a file is read once. */
  private ModelHash referenceHash(ModelHash model) {
    if (!settings.objective().needsReference()) {
      return null;
    }
    return RunFiles.sameDirectory(settings.reference(), settings.model())
        ? model
        : ModelHash.of(settings.reference());
  }

  private Map<String, Object> describe(ModelHash model, ModelHash reference) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("command", "train");
    run.put("plumbline", RunFiles.PROGRAM_VERSION);
    run.put("model", settings.model().toString());
    run.put("model_sha256", model.weights());
    run.put("model_config_sha256", model.config());
    run.put("tokenizer_sha256", model.tokenizer());
    if (reference != null) {
      run.put("reference", settings.reference().toString());
      run.put("reference_sha256", reference.weights());
      run.put("reference_config_sha256", reference.config());
    }
    run.put("objective", settings.objective().name());
    run.put("objective_settings", settings.objective().toString());
    run.put("data", settings.data().toString());
    run.put("data_sha256", RunFiles.sha256(settings.data()));
    run.put("steps", settings.steps());
    run.put("epochs", settings.epochs());
    run.put("batch-size", settings.batchSize());
    run.put("accumulate", settings.accumulate());
    run.put("learning-rate", settings.learningRate());
    run.put("schedule", settings.schedule().label());
    run.put("warmup-ratio", settings.warmupRatio());
    run.put("weight-decay", settings.weightDecay());
    run.put("max-grad-norm", settings.maxGradNorm());
    run.put("seed", settings.seed());
    run.put("shuffle", settings.shuffle());
    run.put("max-length", settings.maxLength());
    if (settings.snapshots().count() > 0) {
      run.put("snapshots", settings.snapshots().count());
    }
    if (settings.lora() != null) {
      run.put("lora", settings.lora().toString());
    }
    run.put("ops", settings.ops().name().toLowerCase(Locale.ROOT));
    run.put("dtype", settings.dtype().name());
    return run;
  }
}
