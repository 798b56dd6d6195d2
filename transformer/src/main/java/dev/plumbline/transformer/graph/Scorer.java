package dev.plumbline.transformer.graph;

import dev.plumbline.tensor.graph.ForwardGraph;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.RotaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Log-probabilities of given responses under a model. */
public final class Scorer implements AutoCloseable {
  /** Target number of tokens per forward pass. */
  private static final int TOKENS_PER_PASS = 4096;

  private final ForwardGraph graph;
  private final RotaryTable rotary;
  private final OpMode mode;
  private final LlamaConfig config;

  /**
   * Scores trees; up to rounding, the result of a tree does not depend on the other trees of its
   * pass.
   */
  public interface Trees {
    /** As {@link Scorer#score(LlamaWeights, OpMode, List)}. */
    List<List<float[]>> score(LlamaWeights weights, OpMode mode, List<TokenTree> trees);
  }

  /** A scorer on the current weights. */
  public Scorer(LlamaWeights weights, OpMode mode) {
    this.graph = new ForwardGraph(new LlamaGraph(weights, mode, name -> false).graph());
    this.rotary = new RotaryTable(weights.config());
    this.mode = mode;
    this.config = weights.config();
  }

  /**
   * Log-probabilities of each response of each tree: result[tree][response][scored token], natural
   * logarithm.
   */
  public static List<List<float[]>> score(
      LlamaWeights weights, OpMode mode, List<TokenTree> trees) {
    return score(weights, mode, trees, done -> {});
  }

  /** The same; {@code progress} is notified after each pass of its number of trees. */
  public static List<List<float[]>> score(
      LlamaWeights weights, OpMode mode, List<TokenTree> trees, IntConsumer progress) {
    List<List<float[]>> result = new ArrayList<>();
    try (Scorer scorer = new Scorer(weights, mode)) {
      for (List<TokenTree> pass : passes(trees)) {
        result.addAll(scorer.pass(pass));
        progress.accept(pass.size());
      }
    }
    return result;
  }

  /** The trees of each pass. */
  public static List<List<TokenTree>> passes(List<TokenTree> trees) {
    List<List<TokenTree>> passes = new ArrayList<>();
    for (int from = 0; from < trees.size(); ) {
      int to = from + 1;
      int tokens = trees.get(from).sharedTokens();
      while (to < trees.size()) {
        tokens += trees.get(to).sharedTokens();
        if (tokens > TOKENS_PER_PASS) {
          break;
        }
        to++;
      }
      passes.add(trees.subList(from, to));
      from = to;
    }
    return passes;
  }

  /** One pass: result[tree][response][scored token]. */
  public List<List<float[]>> pass(List<TokenTree> trees) {
    for (TokenTree tree : trees) {
      config.checkIds(tree.prompt());
      tree.responses().forEach(config::checkIds);
    }
    List<List<float[]>> result = new ArrayList<>();
    PackedBatch batch = PackedBatch.of(trees, mode);
    Map<String, INDArray> inputs = batch.placeholders(rotary);
    float[] all = new float[batch.scoredTokens()];
    try {
      graph.run(
          inputs,
          arrays -> Memory.view(arrays.get(LlamaGraph.LOGPROBS)).get(0, all),
          LlamaGraph.LOGPROBS);
    } finally {
      inputs.values().forEach(INDArray::close);
    }
    int r = 0;
    for (TokenTree tree : trees) {
      List<float[]> responses = new ArrayList<>();
      for (int i = 0; i < tree.responses().size(); i++, r++) {
        responses.add(Arrays.copyOfRange(all, batch.responseStart(r), batch.responseStart(r + 1)));
      }
      result.add(responses);
    }
    return result;
  }

  @Override
  public void close() {
    graph.close();
  }
}
