package dev.plumbline.alignment.train;

import dev.plumbline.alignment.objective.Example;
import dev.plumbline.alignment.objective.Feed;
import dev.plumbline.alignment.objective.LossGraph;
import dev.plumbline.alignment.objective.MicroBatch;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.TokenScores;
import dev.plumbline.tensor.engine.GradientGraph;
import dev.plumbline.tensor.engine.Memory;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.LlamaGraph;
import dev.plumbline.transformer.LlamaWeights;
import dev.plumbline.transformer.PackedBatch;
import dev.plumbline.transformer.RotaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A model with an objective on top: loss, token log-probabilities and gradients of a micro-batch.
 */
public final class LossModel implements AutoCloseable {
  private static final String LOSS = "loss";

  private final Objective objective;
  private final OpMode mode;
  private final PackedBatch.Layout layout;
  private final RotaryTable rotary;
  private final GradientGraph gradients;

  /** Builds and differentiates the graph on live weights. */
  public LossModel(LlamaWeights weights, Objective objective, OpMode mode) {
    this(weights, objective, mode, PackedBatch.Layout.SHARED, GradientGraph.Arrays.POOLED);
  }

  /** The same with batches in a layout and arrays from a place, for comparisons. */
  public LossModel(
      LlamaWeights weights,
      Objective objective,
      OpMode mode,
      PackedBatch.Layout layout,
      GradientGraph.Arrays arrays) {
    this.objective = objective;
    this.layout = layout;
    this.mode = mode;
    this.rotary = new RotaryTable(weights.config());
    LlamaGraph model = new LlamaGraph(weights, mode);
    objective.build(new LossGraph(model)).rename(LOSS);
    this.gradients = new GradientGraph(model.graph(), LOSS, model.trained(), arrays);
  }

  /**
   * Result of one micro-batch. Close it.
   *
   * @param loss this micro-batch's share of the step's loss
   * @param scores token log-probabilities by example
   * @param arrays gradients by parameter name
   */
  public record Result(double loss, List<TokenScores> scores, GradientGraph.Result arrays)
      implements AutoCloseable {
    /** Gradients by Hugging Face parameter name. */
    public Map<String, INDArray> gradients() {
      return arrays.gradients();
    }

    @Override
    public void close() {
      arrays.close();
    }
  }

  /** Runs forward and backward. */
  public Result run(MicroBatch batch) {
    PackedBatch packed =
        PackedBatch.of(batch.examples().stream().map(Example::tree).toList(), mode, layout);
    Map<String, INDArray> inputs = packed.placeholders(rotary);
    Feed feed = new Feed(inputs, packed.scoredTokens());
    LossGraph.feed(packed, feed);
    objective.feed(batch, feed);
    List<String> unused =
        inputs.keySet().stream().filter(name -> !gradients.hasInput(name)).toList();
    unused.forEach(
        name -> inputs.remove(name).close()); // an objective without sums needs no membership
    try {
      GradientGraph.Result result = gradients.run(inputs, List.of(LOSS, LlamaGraph.LOGPROBS));
      float[] logProbs = new float[packed.scoredTokens()];
      Memory.view(result.values().get(LlamaGraph.LOGPROBS)).get(0, logProbs);
      double loss = result.values().get(LOSS).getDouble(0);
      return new Result(loss, scores(batch, packed, logProbs), result);
    } finally {
      inputs.values().forEach(INDArray::close);
    }
  }

  private static List<TokenScores> scores(MicroBatch batch, PackedBatch packed, float[] logProbs) {
    List<TokenScores> scores = new ArrayList<>();
    int r = 0;
    for (int q = 0; q < batch.examples().size(); q++) {
      List<float[]> policy = new ArrayList<>();
      for (int i = 0; i < batch.examples().get(q).responses().size(); i++, r++) {
        policy.add(
            Arrays.copyOfRange(logProbs, packed.responseStart(r), packed.responseStart(r + 1)));
      }
      scores.add(
          new TokenScores(policy, batch.reference() == null ? null : batch.reference().get(q)));
    }
    return scores;
  }

  @Override
  public void close() {
    gradients.close();
  }
}
