package dev.plumbline.alignment.bench;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Constraint;
import dev.plumbline.alignment.objective.Dpo;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.train.LossModel;
import dev.plumbline.tensor.graph.ForwardGraph;
import dev.plumbline.tensor.graph.GradientGraph.Arrays;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.optim.AdamW;
import dev.plumbline.tensor.optim.Gradients;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.graph.LlamaGraph;
import dev.plumbline.transformer.graph.PackedBatch;
import dev.plumbline.transformer.graph.PackedBatch.Layout;
import dev.plumbline.transformer.graph.TokenTree;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.RotaryTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A training step on random weights and random tokens: forward, backward, clipping and AdamW.
 *
 * @param name name on the command line
 * @param config shape of the model
 * @param objective the training objective
 * @param batch the examples of the step, with reference log-probabilities if the objective needs
 *     them
 */
record TrainingWorkload(String name, LlamaConfig config, Objective objective, MicroBatch batch) {
  /** The model of all workloads, for a vocabulary size and width. */
  static LlamaConfig model(int vocabulary, int width) {
    int hidden = (8 * width / 3 + 15) / 16 * 16; // 768 at width 288
    return LlamaConfig.small(vocabulary, width, hidden, 6, 6, 6, 2048);
  }

  /**
   * Fine-tuning on {@code sequences} sequences of {@code length} tokens, where every position is
   * trained.
   */
  static TrainingWorkload sft(
      String name, int vocabulary, int width, int heads, int sequences, int length) {
    RandomStream random = RandomStream.of(1, name);
    LlamaConfig standard = model(vocabulary, width);
    LlamaConfig config =
        LlamaConfig.small(
            vocabulary, width, standard.intermediateSize(), standard.layers(), heads, heads, 2048);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < sequences; i++) {
      Response response = Response.of(ids(random, length, vocabulary), Role.REFERENCE);
      examples.add(new Example(ids(random, 1, vocabulary), List.of(response)));
    }
    return new TrainingWorkload(name, config, new Vft(), MicroBatch.whole(examples, null));
  }

  /** 4 questions of 128 prompt tokens with 8 candidates of 64 to 128 tokens each. */
  static TrainingWorkload aft() {
    RandomStream random = RandomStream.of(1, "aft-step");
    List<Example> questions = new ArrayList<>();
    for (int q = 0; q < 4; q++) {
      List<Response> candidates = new ArrayList<>();
      for (int c = 0; c < 8; c++) {
        Role role = c % 2 == 0 ? Role.POSITIVE : Role.NEGATIVE;
        candidates.add(Response.of(ids(random, 64 + 64 * c / 7, 512), role));
      }
      questions.add(new Example(ids(random, 128, 512), candidates));
    }
    PreferenceObjective objective =
        PreferenceObjective.of(Aft.of(Constraint.BOUNDARY, Aft.DEFAULT_BOUNDARY_MARGIN));
    return new TrainingWorkload(
        "aft-step", model(512, 288), objective, MicroBatch.whole(questions, null));
  }

  /** 8 pairs with 192 shared prompt and step tokens and 64 tokens on each side. */
  static TrainingWorkload dpo() {
    RandomStream random = RandomStream.of(1, "dpo-step");
    List<Example> pairs = new ArrayList<>();
    List<List<float[]>> reference = new ArrayList<>();
    for (int p = 0; p < 8; p++) {
      pairs.add(
          new Example(
              ids(random, 192, 512),
              List.of(
                  Response.of(ids(random, 64, 512), Role.CHOSEN),
                  Response.of(ids(random, 64, 512), Role.REJECTED))));
      reference.add(
          List.of(
              new float[64], new float[64])); // cached before training; the values do not matter
    }
    return new TrainingWorkload(
        "dpo-step",
        model(512, 288),
        PreferenceObjective.of(new Dpo(Dpo.DEFAULT_BETA)),
        MicroBatch.whole(pairs, reference));
  }

  static int[] ids(RandomStream random, int count, int vocabulary) {
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = 3 + random.nextInt(vocabulary - 3); // 0 to 2 are unk, BOS and EOS
    }
    return ids;
  }

  /** Tokens of all sequences without sharing. */
  long tokens() {
    return batch.examples().stream()
        .flatMap(
            e -> e.responses().stream().map(r -> (long) e.prompt().length + r.ids().length - 1))
        .mapToLong(Long::longValue)
        .sum();
  }

  /** Opens the workload; the caller closes it. */
  Step open(OpMode mode) {
    return new Step(this, mode, Layout.SHARED, Arrays.POOLED, false);
  }

  /** Opens it on stock operations in SameDiff's own session, as for a SameDiff user. */
  Step openStock() {
    return new Step(this, OpMode.COMPOSED, Layout.SHARED, Arrays.STOCK, false);
  }

  /**
   * Opens it on the fused operations without sharing: padded rows, each with a copy of its prompt.
   *
   * @param uncached whether each step computes the reference's log-probabilities, as tools without
   *     a cache do
   */
  Step openUnshared(boolean uncached) {
    return new Step(this, OpMode.FUSED, Layout.PADDED, Arrays.POOLED, uncached);
  }

  /** An open workload: every run is one optimiser step on the same batch. */
  static final class Step implements Runnable, AutoCloseable {
    private final LlamaWeights weights;
    private final LossModel model;
    private final AdamW optimizer;
    private final MicroBatch batch;
    private final ForwardGraph reference; // null if its log-probabilities are cached
    private final RotaryTable rotary;

    private Step(
        TrainingWorkload workload, OpMode mode, Layout layout, Arrays arrays, boolean uncached) {
      weights = LlamaWeights.random(workload.config, RandomStream.of(1, "weights"));
      model =
          new LossModel(
              weights, workload.objective, mode, LlamaGraph.GraphOptions.NONE, layout, arrays);
      optimizer = new AdamW(AdamW.Settings.withDecay(0.01), weights.arrays());
      batch = workload.batch;
      rotary = new RotaryTable(workload.config);
      reference =
          uncached ? new ForwardGraph(new LlamaGraph(weights, mode, name -> false).graph()) : null;
    }

    @Override
    public void run() {
      if (reference != null) {
        List<TokenTree> trees = batch.examples().stream().map(Example::tree).toList();
        Map<String, INDArray> inputs =
            PackedBatch.of(trees, OpMode.FUSED, Layout.PADDED).placeholders(rotary);
        reference.run(inputs, arrays -> null, LlamaGraph.LOGPROBS);
        inputs.values().forEach(INDArray::close);
      }
      try (LossModel.Result result = model.run(batch)) {
        double norm = Gradients.globalNorm(result.gradients());
        optimizer.step(result.gradients(), 1e-4, Gradients.clipFactor(norm, 1));
      }
    }

    @Override
    public void close() {
      if (reference != null) {
        reference.close();
      }
      model.close();
      optimizer.close();
      weights.close();
    }
  }
}
