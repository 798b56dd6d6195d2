package dev.plumbline.alignment.train;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.graph.Scorer;
import dev.plumbline.transformer.graph.TokenTree;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The frozen reference model of an objective.
 *
 * @param directory directory of the reference model
 * @param policy the policy before training; its weights are used if the directory is the same
 * @param ops fused or composed operations
 */
public record Reference(Path directory, Checkpoint policy, OpMode ops) {
  /**
   * Returns the log-probabilities of all examples. The model is loaded only if the cache lacks
   * some.
   *
   * @param cache directory of the cache, or null for none
   * @param hash hash of the reference model, called only if there is a cache
   */
  public ReferenceCache.Found scores(List<Example> examples, Path cache, Supplier<ModelHash> hash) {
    List<TokenTree> rows = examples.stream().map(Example::tree).toList();
    if (cache == null) {
      return new ReferenceCache.Found(score(rows), 0);
    }
    String arithmetic =
        "float32 "
            + ops.name().toLowerCase(Locale.ROOT)
            + ", "
            + Kernels.PRODUCTS.describe()
            + adapted();
    return new ReferenceCache(cache, hash.get(), arithmetic).find(rows, this::score);
  }

  /**
   * An adapter may be merged into the policy's weights or kept beside frozen weights, which gives
   * different bits.
   */
  private String adapted() {
    if (!Lora.isAdapter(directory)) {
      return "";
    }
    boolean own = RunFiles.sameDirectory(directory, policy.directory());
    return own && !policy.weights().hasAdapter() ? ", adapter merged" : ", adapter as frozen";
  }

  private List<List<float[]>> score(List<TokenTree> rows) {
    if (RunFiles.sameDirectory(directory, policy.directory())) {
      return Scorer.score(policy.weights(), ops, rows);
    }
    try (Checkpoint checkpoint = Checkpoint.frozen(directory, ops)) {
      return Scorer.score(checkpoint.weights(), ops, rows);
    }
  }
}
