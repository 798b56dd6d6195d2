package dev.plumbline.alignment.train;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.optim.AdamW;
import dev.plumbline.tensor.optim.Gradients;
import dev.plumbline.tensor.random.RandomStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One optimiser step: the micro-batches of its examples, their summed gradients, clipping, AdamW,
 * and the metrics. The examples of a step depend only on the seed and the step, so that a resumed
 * run continues with the same ones.
 */
final class TrainingStep implements AutoCloseable {
  private final TrainSettings settings;
  private final LossModel model;
  private final List<Example> examples;
  private final List<List<float[]>> reference; // by example, or null
  private final AdamW optimizer;
  private final Gradients sums; // sums over micro-batches; null for one micro-batch per step
  private final long stepsPerEpoch;

  /**
   * @param trained the arrays that the optimiser changes
   * @param reference log-probabilities by example, or null if the objective has no reference
   */
  TrainingStep(
      TrainSettings settings,
      LossModel model,
      Map<String, INDArray> trained,
      List<Example> examples,
      List<List<float[]>> reference) {
    this.settings = settings;
    this.model = model;
    this.examples = examples;
    this.reference = reference;
    this.optimizer =
        new AdamW(AdamW.Settings.withDecay(settings.optimiser().weightDecay()), trained);
    this.sums = settings.budget().accumulate() == 1 ? null : new Gradients(trained);
    int perStep = settings.budget().perStep();
    this.stepsPerEpoch = ((long) examples.size() + perStep - 1) / perStep;
  }

  /** The optimiser, whose moments are part of a resumable state. */
  AdamW optimizer() {
    return optimizer;
  }

  /** Number of steps of the whole run. */
  long steps() {
    TrainSettings.Budget budget = settings.budget();
    return budget.steps() > 0 ? budget.steps() : (long) Math.ceil(budget.epochs() * stepsPerEpoch);
  }

  /** Performs a step, counted from 0, and returns its metrics. */
  Map<String, Double> run(long step, long steps) {
    List<Integer> batch = batch(step);
    List<Example> all = batch.stream().map(examples::get).toList();
    int targetTokens = MicroBatch.targetTokens(all);
    int responses = MicroBatch.responses(all);
    int batchSize = settings.budget().batchSize();
    List<TokenScores> scores = new ArrayList<>();
    double loss = 0;
    double norm = 0;
    double rate = learningRate(step, steps);
    boolean single = all.size() <= batchSize;
    if (!single) {
      sums.clear();
    }
    for (int at = 0; at < all.size(); at += batchSize) {
      List<Integer> part = batch.subList(at, Math.min(all.size(), at + batchSize));
      MicroBatch micro =
          new MicroBatch(
              part.stream().map(examples::get).toList(),
              reference == null ? null : part.stream().map(reference::get).toList(),
              all.size(),
              targetTokens,
              responses);
      int seed = random("dropout").child(step).child(at).nextInt(1 << 30);
      try (LossModel.Result result = model.run(micro, seed)) {
        loss += result.loss();
        scores.addAll(result.scores());
        if (single) {
          norm = update(result.gradients(), rate, loss, step);
        } else {
          sums.add(result.gradients());
        }
      }
    }
    if (!single) {
      norm = update(sums.arrays(), rate, loss, step);
    }
    Map<String, Double> row = new LinkedHashMap<>();
    row.put("step", (double) (step + 1));
    row.put("loss", loss);
    row.put("grad_norm", norm);
    row.put("learning_rate", rate);
    row.putAll(settings.objective().metrics(all, scores));
    row.put("epoch", (double) (step + 1) / stepsPerEpoch);
    return row;
  }

  private double learningRate(long step, long steps) {
    TrainSettings.Optimiser optimiser = settings.optimiser();
    return optimiser
        .schedule()
        .rate(step, steps, Math.round(optimiser.warmupRatio() * steps), optimiser.learningRate());
  }

  private double update(Map<String, INDArray> gradients, double rate, double loss, long step) {
    double norm = Gradients.globalNorm(gradients);
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new UserError(
          "Step "
              + (step + 1)
              + " has loss "
              + loss
              + " and gradient norm "
              + norm
              + "; the weights were not updated. Lower the learning rate, or clip with max-grad-norm.");
    }
    double clip = Gradients.clipFactor(norm, settings.optimiser().maxGradNorm());
    optimizer.step(gradients, rate, clip);
    return norm;
  }

  /** Indices of the examples of a step. */
  private List<Integer> batch(long step) {
    int perStep = settings.budget().perStep();
    long epoch = step / stepsPerEpoch;
    int first = (int) (step % stepsPerEpoch) * perStep;
    int[] order =
        settings.rows().shuffle()
            ? random("data order").child(epoch).permutation(examples.size())
            : null;
    List<Integer> batch = new ArrayList<>();
    for (int i = first; i < Math.min(examples.size(), first + perStep); i++) {
      batch.add(order == null ? i : order[i]);
    }
    return batch;
  }

  private RandomStream random(String name) {
    return RandomStream.of(settings.rows().seed(), name);
  }

  @Override
  public void close() {
    optimizer.close();
    if (sums != null) {
      sums.close();
    }
  }
}
