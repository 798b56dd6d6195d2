package dev.plumbline.alignment.train;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.TokenLogProbs;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.tensor.graph.GradientGraph;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.graph.LlamaGraph;
import dev.plumbline.transformer.graph.PackedBatch;
import dev.plumbline.transformer.model.RotaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A model with an objective: computes loss, token log-probabilities and gradients of a micro-batch.
 */
public final class LossModel implements AutoCloseable {
  private static final String LOSS = "loss";

  private final Objective objective;
  private final OpMode mode;
  private final PackedBatch.Layout layout;
  private final RotaryTable rotary;
  private final LlamaGraph model;
  private final GradientGraph gradients;
  private final LlamaWeights weights;
  private final Lora adapter; // or null

  /** Builds and differentiates the graph on live weights. */
  public LossModel(LlamaWeights weights, Objective objective, OpMode mode) {
    this(weights, objective, mode, LlamaGraph.GraphOptions.NONE);
  }

  /**
   * The same with the further options of a run; an objective that compares distributions needs the
   * reference's weights.
   */
  public LossModel(
      LlamaWeights weights, Objective objective, OpMode mode, LlamaGraph.GraphOptions options) {
    this(weights, objective, mode, options, PackedBatch.Layout.SHARED, GradientGraph.Arrays.POOLED);
  }

  /** The same with a given batch layout and source of arrays, for comparisons. */
  public LossModel(
      LlamaWeights weights,
      Objective objective,
      OpMode mode,
      LlamaGraph.GraphOptions options,
      PackedBatch.Layout layout,
      GradientGraph.Arrays arrays) {
    this.weights = weights;
    this.adapter = options.adapter();
    this.objective = objective;
    this.layout = layout;
    this.mode = mode;
    this.rotary = new RotaryTable(weights.config());
    this.model = new LlamaGraph(weights, mode, options);
    try {
      objective.build(new TokenLogProbs(model)).rename(LOSS);
      this.gradients = new GradientGraph(model.graph(), LOSS, model.trained(), arrays);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * The result of one micro-batch; the caller closes it.
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

  /** Runs the forward and the backward pass. */
  public Result run(MicroBatch batch) {
    return run(batch, 0);
  }

  /** The same with a seed for the adapter's dropout. */
  public Result run(MicroBatch batch, int seed) {
    if (adapter != null) {
      adapter.measure(weights);
    }
    PackedBatch packed =
        PackedBatch.of(batch.examples().stream().map(Example::tree).toList(), mode, layout);
    Map<String, INDArray> inputs = packed.placeholders(rotary);
    inputs.put(LlamaGraph.DROPOUT_SEED, Nd4j.createFromArray(seed));
    Placeholders feed = new Placeholders(inputs, packed.scoredTokens());
    TokenLogProbs.feed(packed, feed);
    objective.feed(batch, feed);
    List<String> unused =
        inputs.keySet().stream().filter(name -> !gradients.hasInput(name)).toList();
    unused.forEach(
        name -> inputs.remove(name).close()); // an objective without sums does not need membership
    try {
      List<String> outputs = new ArrayList<>(List.of(LOSS, LlamaGraph.LOGPROBS));
      if (objective.needsDistribution()) {
        outputs.add(LlamaGraph.REFERENCE_KL);
      }
      GradientGraph.Result result = gradients.run(inputs, outputs);
      List<List<float[]>> policy = byResponse(batch, packed, result, LlamaGraph.LOGPROBS);
      List<List<float[]>> kl =
          objective.needsDistribution()
              ? byResponse(batch, packed, result, LlamaGraph.REFERENCE_KL)
              : null;
      List<TokenScores> scores = new ArrayList<>();
      for (int q = 0; q < policy.size(); q++) {
        scores.add(
            new TokenScores(
                policy.get(q),
                batch.reference() == null ? null : batch.reference().get(q),
                kl == null ? null : kl.get(q)));
      }
      return new Result(result.values().get(LOSS).getDouble(0), scores, result);
    } finally {
      inputs.values().forEach(INDArray::close);
    }
  }

  /** Splits a column of tokens [m] by example and response. */
  private static List<List<float[]>> byResponse(
      MicroBatch batch, PackedBatch packed, GradientGraph.Result result, String name) {
    float[] all = new float[packed.scoredTokens()];
    Memory.view(result.values().get(name)).get(0, all);
    List<List<float[]>> examples = new ArrayList<>();
    int r = 0;
    for (Example example : batch.examples()) {
      List<float[]> responses = new ArrayList<>();
      for (int i = 0; i < example.responses().size(); i++, r++) {
        responses.add(
            Arrays.copyOfRange(all, packed.responseStart(r), packed.responseStart(r + 1)));
      }
      examples.add(responses);
    }
    return examples;
  }

  @Override
  public void close() {
    gradients.close();
    model.close();
  }
}
