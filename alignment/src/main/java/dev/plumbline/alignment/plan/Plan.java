package dev.plumbline.alignment.plan;

import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelFamily;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Predicts memory and time of work with a model from its shape alone. With h = width, i = width
 * inside SwiGLU, q and k = widths of all queries and of all keys, L layers, vocabulary V, P
 * parameters, n tokens per forward pass (a shared prompt counts once), m of them scored:
 *
 * <pre>
 *   weights      4 P bytes; 2 P if large bfloat16 weights stay in their file
 *   training     4 + 8 bytes per trained parameter: its gradient, AdamW's two moments
 *   activations  4 n L (2h + 2q + 2k + 2i), or with checkpointing 4 n L h plus one layer;
 *                50 % more for arrays of other lengths
 *   products     2 operations per weight and token forward;
 *                backward twice that if the weight is trained, the same if it is frozen;
 *                forward once more with checkpointing
 *   generation   every weight is read once per token, whatever the number of parallel sequences
 * </pre>
 *
 * @param config shape of the model
 * @param stored number type of its weights in their files
 */
public record Plan(LlamaConfig config, Dtype stored) {
  /** A JVM with libraries, compiled code and a heap with room for garbage; measured. */
  private static final long JVM = 450L << 20;

  /** Factor for arrays of other batches' lengths that the pool keeps; measured. */
  private static final double POOL = 1.5;

  /** Share of the peak rate of products that training reaches; measured, see docs/models.md. */
  private static final double TRAINING_SHARE = 0.75;

  /** The same with an adapter beside bfloat16 weights, which are widened during the product. */
  private static final double BESIDE_SHARE = 0.6;

  /** Share of the peak rate of memory that generation reaches. */
  private static final double GENERATION_SHARE = 0.55;

  /** Share of the peak rate of products that generation of many sequences reaches. */
  private static final double SEQUENCES_SHARE = 0.75;

  /** The same with bfloat16 weights, which are widened during the product. */
  private static final double WIDENING_SHARE = 0.4;

  /** Vocabulary entries per block of the head, and number of rows whose logits exist at once. */
  private static final long BLOCK = 1024;

  private static final long FLOAT = Float.BYTES;

  /** Which parameters are trained. */
  public enum Trained {
    /** All weights. */
    WEIGHTS,
    /** A low-rank adapter of every linear layer of a block. */
    ADAPTER
  }

  /**
   * A way to train.
   *
   * @param trained all weights or an adapter
   * @param rank rank of the adapter
   * @param activationCheckpointing whether the backward pass recomputes layers
   * @param liveReference whether a reference model runs in each step, as for the tdpo objectives
   */
  public record Method(
      Trained trained, int rank, boolean activationCheckpointing, boolean liveReference) {}

  /**
   * The rows of a step.
   *
   * @param rows questions or pairs per forward pass
   * @param accumulate forward passes per step
   * @param responses per row
   * @param promptTokens per row
   * @param responseTokens per response
   */
  public record Batch(
      int rows, int accumulate, int responses, int promptTokens, int responseTokens) {
    /** n, the tokens of a forward pass. */
    public long tokens() {
      return (long) rows * (promptTokens + (long) responses * responseTokens);
    }

    /** m, the scored tokens of a forward pass. */
    public long scored() {
      return (long) rows * responses * responseTokens;
    }
  }

  /** Whether frozen weights are read from their files in place. */
  public boolean inPlace() {
    return stored == Dtype.BF16 && config.parameterCount() >= Checkpoint.LARGE;
  }

  private long h() {
    return config.hiddenSize();
  }

  private long i() {
    return config.intermediateSize();
  }

  private long q() {
    return (long) config.heads() * config.headDim();
  }

  private long k() {
    return (long) config.kvHeads() * config.headDim();
  }

  private long layers() {
    return config.layers();
  }

  private long head() {
    return h() * config.vocabSize();
  }

  /** Number of weights in the matrices of all layers. */
  private long matrices() {
    return layers() * (h() * (2 * q() + 2 * k()) + 3 * h() * i());
  }

  /** Number of parameters that a method trains. */
  public long trained(Method method) {
    return method.trained() == Trained.WEIGHTS
        ? config.parameterCount()
        : layers() * method.rank() * (7 * h() + 2 * q() + 2 * k() + 3 * i());
  }

  /**
   * Number of weights of q, k and v if the model family packs them; each is then copied as float32.
   */
  private long unpacked() {
    return config.family() == ModelFamily.INTERNLM2 ? layers() * h() * (q() + 2 * k()) : 0;
  }

  private long frozenBytes() {
    long copied = inPlace() ? unpacked() : config.parameterCount();
    long halves = inPlace() ? 2 * (config.parameterCount() - copied) : 0;
    return FLOAT * copied + halves;
  }

  /** Whether every matrix that is copied fits into a Java buffer as float32. */
  public boolean fitsBuffers() {
    return head() <= Memory.MAX_FLOATS;
  }

  /** Number of floats per token that one layer keeps for its backward pass. */
  private long keptByLayer(Method method) {
    boolean beside = method.trained() == Trained.ADAPTER && inPlace();
    return beside ? 6 * h() + 2 * q() + 2 * k() + 3 * i() : 2 * h() + 2 * q() + 2 * k() + 2 * i();
  }

  /** Bytes of a training run by purpose, in order. */
  public Map<String, Long> memory(Method method, Batch batch) {
    Map<String, Long> parts = new LinkedHashMap<>();
    boolean adapter = method.trained() == Trained.ADAPTER;
    long trained = trained(method);
    if (adapter) {
      parts.put(inPlace() ? "weights, in their file" : "weights", frozenBytes());
      parts.put("adapter", FLOAT * trained);
      if (!inPlace()) {
        long adapted = 2 * FLOAT * matrices(); // W' and its difference from W
        parts.put(
            "weights with the adapter",
            method.activationCheckpointing() ? adapted / layers() : adapted);
      }
    } else {
      parts.put("weights", FLOAT * trained);
    }
    if (method.liveReference()) {
      parts.put("reference model", frozenBytes());
    }
    long tied =
        !adapter && config.tiedEmbeddings()
            ? 2 * FLOAT * head()
            : 0; // two gradients, and their sum
    parts.put("gradients", FLOAT * trained * (batch.accumulate() > 1 ? 2 : 1) + tied);
    parts.put("moments of AdamW", 2 * FLOAT * trained);
    long layer = FLOAT * batch.tokens() * keptByLayer(method);
    long kept =
        method.activationCheckpointing()
            ? FLOAT * batch.tokens() * h() * layers() + layer
            : layer * layers();
    parts.put("activations", (long) (POOL * kept));
    parts.put("gradients of activations", layer);
    parts.put("work space", workSpace(adapter && inPlace(), batch));
    parts.put("Java", JVM);
    return parts;
  }

  /** Bytes of the packed weights of the largest operation, and its rows. */
  private long workSpace(boolean beside, Batch batch) {
    long weights = Math.max((beside ? 2 : 3) * h() * i(), 2 * BLOCK * h());
    long rows = batch.tokens() * (beside ? i() : 2 * h() + 3 * i()) + 3 * batch.scored() * h();
    return FLOAT * (weights + rows) * 5 / 4;
  }

  /** Bytes to score responses with {@code tokens} tokens per forward pass. */
  public Map<String, Long> scoringMemory(long tokens) {
    Map<String, Long> parts = new LinkedHashMap<>();
    parts.put(inPlace() ? "weights, in their file" : "weights", frozenBytes());
    parts.put("activations", FLOAT * tokens * (3 * h() + 2 * q() + 2 * k() + 2 * i()));
    parts.put("work space", FLOAT * (3 * h() * i() + 2 * BLOCK * h() + tokens * h()) * 5 / 4);
    parts.put("Java", JVM);
    return parts;
  }

  /**
   * Bytes to generate {@code sequences} sequences with {@code tokens} tokens each in the KV cache.
   */
  public Map<String, Long> generationMemory(long sequences, long tokens) {
    Map<String, Long> parts = new LinkedHashMap<>();
    parts.put(inPlace() ? "weights, in their file" : "weights", frozenBytes());
    long packed = inPlace() ? unpacked() : matrices() + head();
    if (packed > 0) {
      parts.put("packed weights", FLOAT * packed);
    }
    parts.put("keys and values", FLOAT * sequences * tokens * 2 * k() * layers());
    parts.put("Java", JVM);
    return parts;
  }

  /** Floating-point operations of a training step. */
  public double operations(Method method, Batch batch) {
    boolean adapter = method.trained() == Trained.ADAPTER;
    double passes = (adapter ? 2 : 3) + (method.activationCheckpointing() ? 1 : 0);
    double reference = method.liveReference() ? 1 : 0;
    double headPasses = (adapter ? 3 : 4) + 2 * reference;
    double length = batch.promptTokens() + batch.responseTokens();
    double attention =
        2 * length * q() * layers(); // per token: scores and values, over half a square
    return batch.accumulate()
        * (2.0 * matrices() * batch.tokens() * (passes + reference)
            + 2.0 * head() * batch.scored() * headPasses
            + attention * batch.tokens() * (passes + 1 + reference));
  }

  /** Seconds of a training step. */
  public double seconds(Method method, Batch batch, Machine machine) {
    double update = 7.0 * FLOAT * trained(method); // w, g, m, v read; w, m, v written
    boolean beside = method.trained() == Trained.ADAPTER && inPlace();
    double share = beside ? BESIDE_SHARE : TRAINING_SHARE;
    return operations(method, batch) / (share * machine.flopsPerSecond())
        + update / machine.bytesPerSecond();
  }

  /** Floating-point operations of scoring: one forward pass. */
  public double scoringOperations(long tokens, long scored, double length) {
    return 2.0 * matrices() * tokens + 2.0 * head() * scored + 2 * length * q() * layers() * tokens;
  }

  /** Seconds of scoring. */
  public double scoringSeconds(long tokens, long scored, double length, Machine machine) {
    return scoringOperations(tokens, scored, length) / (TRAINING_SHARE * machine.flopsPerSecond());
  }

  /**
   * Bytes that one step of generation reads, with {@code past} tokens in the KV cache of each
   * sequence.
   */
  public double generationBytes(long sequences, double past) {
    double weights =
        inPlace()
            ? 2.0 * (matrices() + head() - unpacked()) + FLOAT * unpacked()
            : FLOAT * (matrices() + head());
    return weights + FLOAT * 2.0 * k() * layers() * sequences * past;
  }

  /** Seconds of one step of generation: one token of each sequence. */
  public double generationSeconds(long sequences, double past, Machine machine) {
    double reading =
        generationBytes(sequences, past) / (GENERATION_SHARE * machine.bytesPerSecond());
    double share = inPlace() ? WIDENING_SHARE : SEQUENCES_SHARE;
    double products = 2.0 * (matrices() + head()) * sequences / (share * machine.flopsPerSecond());
    return Math.max(reading, products);
  }

  /** Returns the sum of all parts. */
  public static long total(Map<String, Long> parts) {
    return parts.values().stream().mapToLong(Long::longValue).sum();
  }
}
