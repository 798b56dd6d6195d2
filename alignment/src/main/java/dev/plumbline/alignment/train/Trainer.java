package dev.plumbline.alignment.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.run.Interrupt;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.RunLock;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.graph.LlamaGraph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The training loop: steps, metrics, snapshots and resumable state. A run that is killed at any
 * moment and started again writes the same bytes as an uninterrupted one.
 */
public final class Trainer {
  private final TrainSettings settings;
  private final Progress progress;

  /** Is notified of each step. */
  public interface Progress {
    /** Called once with the number of steps and the step that the run starts from. */
    void start(long steps, long from);

    /**
     * Called before the start with the number of rows that the reference model has scored, if there
     * is one.
     *
     * @param cached number of rows whose scores were in the cache
     */
    default void reference(int rows, int cached) {}

    /** Called after each step. */
    void step(long step, Map<String, Double> metrics);
  }

  /** The outcome of a run. */
  public record Outcome(
      long steps,
      long resumedFrom,
      double firstLoss,
      double lastLoss,
      TrainingData data,
      boolean alreadyComplete) {}

  /** Creates a run that notifies {@code progress} of its steps. */
  public Trainer(TrainSettings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Trains to the end; resumes from the last saved state if there is one.
   *
   * @throws UserError when the settings, the data or the model are invalid, or the output belongs
   *     to another run
   */
  public Outcome run() {
    Path output = settings.output().directory();
    if (RunFiles.sameDirectory(settings.from().model(), output)) {
      throw new UserError(
          "The output "
              + output
              + " is the directory of the starting model; choose another directory.");
    }
    settings.output().snapshots().check(settings.objective());
    boolean other = // where it is the starting model, that is checked when it is read
        settings.objective().needsReference()
            && !settings.from().reference().equals(settings.from().model());
    if (other && !Files.isDirectory(settings.from().reference())) {
      throw new UserError(
          "There is no model directory "
              + settings.from().reference()
              + " for the reference; check the path.");
    }
    if (other) {
      Checkpoint.checkSameTokens(settings.from().model(), settings.from().reference());
    }
    try (Checkpoint checkpoint = start()) {
      if (settings.from().adapter() != null) {
        Lora.check(checkpoint.config(), settings.from().adapter()); // before anything is written
      }
      TrainingData data =
          TrainingData.read(
              settings.rows().file(),
              settings.objective(),
              checkpoint,
              settings.rows().maxLength());
      ModelHash model = ModelHash.of(settings.from().model(), checkpoint.weights().hashes());
      ModelHash referenceHash = referenceHash(model);
      RunManifest run = RunManifest.of(settings, checkpoint, model, referenceHash);
      return run(checkpoint, data, run, referenceHash);
    }
  }

  private Outcome run(
      Checkpoint checkpoint, TrainingData data, RunManifest run, ModelHash referenceHash) {
    Path output = settings.output().directory();
    try {
      String fingerprint = run.fingerprint();
      Outcome complete = complete(data, fingerprint); // works even if nothing can be written
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

  /** The outcome of a run that is already complete, or null. */
  private Outcome complete(TrainingData data, String fingerprint) {
    Path output = settings.output().directory();
    JsonNode finished = RunFiles.readJson(output.resolve("result.json"));
    if (finished == null) {
      return null;
    }
    if (!fingerprint.equals(finished.path("fingerprint").asText())) {
      throw new UserError(
          "The directory "
              + output
              + " contains a finished run with other settings or data; choose another output or delete it.");
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
      RunManifest run,
      ModelHash referenceHash,
      String fingerprint)
      throws IOException {
    Path output = settings.output().directory();
    Outcome complete = complete(data, fingerprint);
    if (complete != null) {
      return complete;
    }
    if (!TrainState.check(output, fingerprint) && !run.began(output)) {
      RunFiles.refuseModel(output);
    }
    Map<String, byte[]> companions = Checkpoint.companions(settings.from().model());
    List<List<float[]>> reference = reference(checkpoint, data, referenceHash);
    run.write(output);
    Map<String, Object> rows = new LinkedHashMap<>();
    rows.put("file", settings.rows().file().toString());
    rows.put("sha256", run.dataSha256());
    rows.put("rows", data.rows());
    rows.put("used", data.examples().size());
    rows.put("skipped_too_long", data.tooLong());
    RunFiles.writeJson(output.resolve("data.json"), rows);
    return train(checkpoint, data, reference, companions, fingerprint);
  }

  /** Loads the starting model, whose weights are frozen if an adapter is trained. */
  private Checkpoint start() {
    boolean frozen =
        settings.from().adapter() != null && settings.execution().ops() == OpMode.FUSED;
    Checkpoint checkpoint = Checkpoint.hashed(settings.from().model(), frozen);
    if (settings.from().adapter() != null && checkpoint.weights().hasAdapter()) {
      checkpoint.close();
      throw new UserError(
          "The model "
              + settings.from().model()
              + " is an adapter beside a large base and cannot get a second adapter; merge it first with 'plumbline merge' "
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
    Path output = settings.output().directory();
    long start = System.nanoTime();
    try (Checkpoint live = liveReference();
        Lora adapter = adapter(checkpoint);
        LossModel model =
            new LossModel(
                checkpoint.weights(),
                settings.objective(),
                settings.execution().ops(),
                new LlamaGraph.GraphOptions(
                    adapter,
                    live == null ? null : live.weights(),
                    settings.execution().activationCheckpointing()));
        TrainingStep training =
            new TrainingStep(
                settings, model, trained(checkpoint, adapter), data.examples(), reference)) {
      Map<String, INDArray> weights = trained(checkpoint, adapter);
      long from = TrainState.read(output, weights, training.optimizer());
      long steps = training.steps();
      progress.start(steps, from);
      double first;
      double last;
      try (Interrupt interrupt = Interrupt.defer("the step and its state");
          Metrics metrics = new Metrics(output, from)) {
        for (long step = from; step < steps; step++) {
          Map<String, Double> row = training.run(step, steps);
          metrics.add(row);
          progress.step(step + 1, row);
          if (settings.output().snapshots().dueAfter(step, steps)) {
            write(Snapshots.directory(output, step + 1), checkpoint, adapter, companions);
            settings.output().snapshots().prune(output, metrics.rows(), steps);
          }
          boolean done = step + 1 == steps; // the following may fail, for example on a full disk
          if ((step + 1) % settings.output().saveEvery() == 0 || done || interrupt.requested()) {
            TrainState.write(output, weights, training.optimizer(), fingerprint);
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

  /** A new adapter if the settings ask for one, else null. */
  private Lora adapter(Checkpoint checkpoint) {
    return settings.from().adapter() == null
        ? null
        : Lora.random(
            checkpoint.weights(),
            settings.from().adapter(),
            RandomStream.of(settings.rows().seed(), "adapter"));
  }

  /** The arrays that training changes. */
  private static Map<String, INDArray> trained(Checkpoint checkpoint, Lora adapter) {
    return adapter == null ? checkpoint.weights().arrays() : adapter.arrays();
  }

  private void write(
      Path directory, Checkpoint checkpoint, Lora adapter, Map<String, byte[]> companions) {
    if (adapter == null) {
      Checkpoint.write(directory, checkpoint.weights(), companions, settings.output().dtype());
    } else {
      adapter.write(directory, settings.from().model(), settings.output().dtype());
    }
  }

  /** A frozen copy of the reference, or null if its scores are enough. */
  private Checkpoint liveReference() {
    return settings.objective().needsDistribution()
        ? Checkpoint.frozen(settings.from().reference(), settings.execution().ops())
        : null;
  }

  /** The reference's log-probabilities by example, or null if the objective has no reference. */
  private List<List<float[]>> reference(Checkpoint policy, TrainingData data, ModelHash hash) {
    if (!settings.objective().needsReference()) {
      return null;
    }
    ReferenceCache.Found found =
        new Reference(settings.from().reference(), policy, settings.execution().ops())
            .scores(data.examples(), settings.execution().referenceCache(), () -> hash);
    progress.reference(data.examples().size(), found.cached());
    return found.scores();
  }

  /** The reference's hash, or null if the objective has no reference; no file is read twice. */
  private ModelHash referenceHash(ModelHash model) {
    if (!settings.objective().needsReference()) {
      return null;
    }
    return RunFiles.sameDirectory(settings.from().reference(), settings.from().model())
        ? model
        : ModelHash.of(settings.from().reference());
  }
}
