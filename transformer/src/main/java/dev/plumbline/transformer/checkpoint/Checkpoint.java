package dev.plumbline.transformer.checkpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.plumbline.data.io.AtomicFile;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import dev.plumbline.tensor.safetensors.SafetensorsWriter.Tensor;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import dev.plumbline.transformer.tokenizer.SpecialTokens;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import dev.plumbline.transformer.tokenizer.TokenizerFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model directory in Hugging Face layout: configuration, weights and tokenizer. */
public final class Checkpoint implements AutoCloseable {
  /** Files that are copied unchanged with the weights. */
  private static final List<String> TOKENIZER_FILES =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "tokenizer.model",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja",
          "generation_config.json",
          // Code of families that are not part of Hugging Face's library.
          "configuration_internlm2.py",
          "modeling_internlm2.py",
          "tokenization_internlm2.py",
          "tokenization_internlm2_fast.py");

  /** Size at which Hugging Face begins a new file. */
  private static final long SHARD_BYTES = 5_000_000_000L;

  /**
   * Number of parameters above which the memory of float32 matters more than the speed of packed
   * weights.
   */
  public static final long LARGE = 200_000_000;

  private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
  private static final Set<Path> WARNED = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final LlamaConfig config;
  private final LlamaWeights weights;
  private final Tokenizer tokenizer;

  private Checkpoint(
      Path directory, LlamaConfig config, LlamaWeights weights, Tokenizer tokenizer) {
    this.directory = directory;
    this.config = config;
    this.weights = weights;
    this.tokenizer = tokenizer;
  }

  /** Loads a model directory, or an adapter with its base ({@link Lora}), for training. */
  public static Checkpoint read(Path directory) {
    return read(directory, false, false);
  }

  /**
   * Loads a model that is not trained. Large bfloat16 weights stay in their mapped files if the
   * operations support it, so they need no more memory than their size on disk.
   */
  public static Checkpoint frozen(Path directory, OpMode ops) {
    return read(directory, ops == OpMode.FUSED, false);
  }

  /**
   * Loads a model and hashes its files in the same pass, see {@link LlamaWeights#hashes}.
   *
   * @param frozen as {@link #frozen} on the fused operations does, else as {@link #read}
   */
  public static Checkpoint hashed(Path directory, boolean frozen) {
    return read(directory, frozen, true);
  }

  private static Checkpoint read(Path directory, boolean frozen, boolean hashing) {
    if (!Files.isDirectory(directory)) {
      throw new ModelException("There is no model directory " + directory + ".");
    }
    Path files = files(directory);
    LlamaConfig own = LlamaConfig.read(files);
    Tokenizer tokenizer = Tokenizer.read(files, own);
    LlamaConfig config = own.withSpecialTokens(tokenizer.ends().bos(), tokenizer.ends().ends());
    warn(files, tokenizer.ends());
    warnOfOwnTokenizer(directory, files);
    try {
      boolean inPlace = frozen && config.parameterCount() >= LARGE && !onGpu();
      return new Checkpoint(
          directory, config, weights(directory, config, inPlace, hashing), tokenizer);
    } catch (RuntimeException e) {
      tokenizer.close();
      throw e;
    }
  }

  /** Warns where an adapter's tokenizer files differ from those of its base. */
  private static void warnOfOwnTokenizer(Path adapter, Path base) {
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Path own = adapter.resolve(name);
      try {
        boolean differs =
            Lora.isAdapter(adapter)
                && Files.isRegularFile(own)
                && Files.isRegularFile(base.resolve(name))
                && Files.mismatch(own, base.resolve(name)) >= 0;
        if (differs && WARNED.add(own.toAbsolutePath().normalize())) {
          LOG.warn(
              own + " is not the " + name + " of the adapter's base; that of the base is used.");
        }
      } catch (IOException e) {
        throw new UncheckedIOException("The file " + own + " cannot be read: " + e.getMessage(), e);
      }
    }
  }

  /** Warns once per directory, however often it is loaded. */
  private static void warn(Path files, SpecialTokens ends) {
    if (!WARNED.add(files.toAbsolutePath().normalize())) {
      return;
    }
    if (ends.bos() < 0 && ends.addBosSource().isEmpty()) {
      LOG.warn("No file in " + files + " names a BOS token; prompts begin without one.");
    }
    if (ends.eos() < 0) {
      LOG.warn(
          "No file in "
              + files
              + " names an end token; generation stops at its limit, and text responses are refused.");
    }
  }

  private static boolean onGpu() {
    Ops.install();
    return Memory.onGpu();
  }

  /**
   * Loads the weights. An adapter is merged into the weights of its base, or kept beside them if
   * they stay in their files.
   */
  private static LlamaWeights weights(
      Path directory, LlamaConfig config, boolean inPlace, boolean hashing) {
    if (!Lora.isAdapter(directory)) {
      return LlamaWeights.read(config, directory, inPlace, hashing);
    }
    Lora adapter = Lora.read(directory, config);
    boolean beside =
        inPlace
            && adapter.isSummand()
            && !Lora.isAdapter(Lora.base(directory))
            && !adapter.adapts(config.headName());
    LlamaWeights weights = null;
    try {
      weights = weights(Lora.base(directory), config, beside, hashing);
      adapter.replaceIn(weights);
      if (weights.inPlace()) {
        weights.putBeside(adapter);
      } else {
        adapter.mergeInto(weights);
        adapter.close();
      }
      return weights;
    } catch (RuntimeException e) {
      adapter.close();
      if (weights != null) {
        weights.close();
      }
      throw e;
    }
  }

  /** The directory of a model's configuration and tokenizer; for an adapter, that of its base. */
  private static Path files(Path directory) {
    return Lora.isAdapter(directory) ? files(Lora.base(directory)) : directory;
  }

  /** The directory that it was read from. */
  public Path directory() {
    return directory;
  }

  /**
   * Refuses a model that is to score another model's tokens, if an id has different texts in the
   * two. Tokens of only one of the models are ignored: the other model never gets them, or has no
   * row for them.
   *
   * @param own directory of the model whose tokenizer makes the ids
   * @param other directory of the model that reads them
   * @throws ModelException that names such an id
   */
  public static void checkSameTokens(Path own, Path other) {
    if (files(own).toAbsolutePath().equals(files(other).toAbsolutePath())) {
      return;
    }
    Map<Integer, String> ids = TokenizerFiles.vocabulary(files(own));
    Map<Integer, String> others = TokenizerFiles.vocabulary(files(other));
    ids.forEach(
        (id, text) -> {
          String there = others.getOrDefault(id, text);
          if (!there.equals(text)) {
            throw new ModelException(
                "The tokenizers of "
                    + own
                    + " and "
                    + other
                    + " differ: id "
                    + id
                    + " is '"
                    + text
                    + "' in one and '"
                    + there
                    + "' in the other, so that one model cannot score the other's tokens; give"
                    + " models of one tokenizer.");
          }
        });
  }

  /** Architecture. */
  public LlamaConfig config() {
    return config;
  }

  /** The live weights. */
  public LlamaWeights weights() {
    return weights;
  }

  /** The tokenizer. */
  public Tokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * Writes weights with the configuration and tokenizer files of {@code source}. Weights come last,
   * so that a directory with weights is complete.
   */
  public static void write(Path target, LlamaWeights weights, Path source, Dtype dtype) {
    write(target, weights, source, dtype, done -> {});
  }

  /** The same; {@code progress} is notified before each tensor. */
  public static void write(
      Path target, LlamaWeights weights, Path source, Dtype dtype, IntConsumer progress) {
    write(target, weights.config(), weights.asTensors(), companions(source), dtype, progress);
  }

  /**
   * The same with tokenizer files that were read before, so that their directory need not exist any
   * more.
   *
   * @param companions as {@link #companions(Path)} reads them
   */
  public static void write(
      Path target, LlamaWeights weights, Map<String, byte[]> companions, Dtype dtype) {
    write(target, weights.config(), weights.asTensors(), companions, dtype, done -> {});
  }

  /** The files of a model directory that are copied with its weights, by name. */
  public static Map<String, byte[]> companions(Path source) {
    Map<String, byte[]> companions = new LinkedHashMap<>();
    Path files = files(source);
    for (String name : TOKENIZER_FILES) {
      Path file = files.resolve(name);
      if (Files.isRegularFile(file)) {
        try {
          companions.put(name, Files.readAllBytes(file));
        } catch (IOException e) {
          throw new UncheckedIOException(
              "The file " + file + " cannot be read: " + e.getMessage(), e);
        }
      }
    }
    return companions;
  }

  /** Whether {@link #write} or {@link Lora#write} makes files of this name. */
  public static boolean isModelFile(String name) {
    return TOKENIZER_FILES.contains(name)
        || name.equals("config.json")
        || name.equals(Lora.CONFIG)
        || name.equals(Lora.WEIGHTS)
        || (name.startsWith("model") && name.endsWith(".safetensors"))
        || name.equals("model.safetensors.index.json");
  }

  /**
   * Writes a model of new weights ({@link LlamaWeights#random}), which are never in memory all at
   * once.
   *
   * @param source directory of the tokenizer files
   * @param progress is notified before each tensor
   */
  public static void writeRandom(
      Path target,
      LlamaConfig config,
      RandomStream stream,
      Path source,
      Dtype dtype,
      IntConsumer progress) {
    Map<String, Tensor> tensors = LlamaWeights.randomTensors(config, stream);
    write(target, config, tensors, companions(source), dtype, progress);
  }

  private static void write(
      Path target,
      LlamaConfig config,
      Map<String, Tensor> tensors,
      Map<String, byte[]> companions,
      Dtype dtype,
      IntConsumer progress) {
    Map<String, Tensor> watched = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) ->
            watched.put(
                name,
                new Tensor(
                    tensor.shape(),
                    () -> {
                      progress.accept(1);
                      return tensor.values().get();
                    },
                    tensor.temporary())));
    try {
      Files.createDirectories(target);
      for (Map.Entry<String, byte[]> file : companions.entrySet()) {
        AtomicFile.write(target.resolve(file.getKey()), file.getValue());
      }
      var json = config.json().deepCopy();
      json.put(
          json.has("dtype") ? "dtype" : "torch_dtype", // the newer key where a file has it
          switch (dtype) {
            case BF16 -> "bfloat16";
            case F16 -> "float16";
            default -> "float32";
          });
      AtomicFile.write(
          target.resolve("config.json"),
          new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(json));
      SafetensorsWriter.writeSharded(target, watched, dtype, Map.of("format", "pt"), SHARD_BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The checkpoint " + target + " could not be written: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    tokenizer.close();
    weights.close();
  }
}
