package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.RunLock;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.PublishedShapes;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline new-model}. */
@Command(
    name = "new-model",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Creates a Llama model with random weights for a tokenizer.")
final class NewModelCommand implements Callable<Integer> {
  private static final int NEW_BOS = 1; // of the tokenizers that 'problems' makes
  private static final int NEW_EOS = 2;

  @Option(
      names = "--tokenizer",
      required = true,
      paramLabel = "DIR",
      description = "Directory of tokenizer.json.")
  private Path tokenizer;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the new model.")
  private Path output;

  @Option(
      names = "--architecture",
      paramLabel = "NAME|FILE",
      description =
          "Shape of a published model, such as llama-3.2-1b ('plumbline plan --help' lists them), or of a config.json, instead of the sizes below.")
  private String architecture;

  @Option(
      names = "--hidden-size",
      defaultValue = "128",
      description = "Hidden size (default: ${DEFAULT-VALUE}).")
  private int hiddenSize;

  @Option(
      names = "--intermediate-size",
      defaultValue = "352",
      description = "Hidden size of the feed-forward layers (default: ${DEFAULT-VALUE}).")
  private int intermediateSize;

  @Option(
      names = "--layers",
      defaultValue = "4",
      description = "Number of layers (default: ${DEFAULT-VALUE}).")
  private int layers;

  @Option(
      names = "--heads",
      defaultValue = "4",
      description = "Number of attention heads (default: ${DEFAULT-VALUE}).")
  private int heads;

  @Option(
      names = "--kv-heads",
      defaultValue = "2",
      description = "Number of key/value heads (default: ${DEFAULT-VALUE}).")
  private int kvHeads;

  @Option(
      names = "--max-positions",
      defaultValue = "512",
      description = "Maximum sequence length in tokens (default: ${DEFAULT-VALUE}).")
  private int maxPositions;

  @Option(
      names = "--vocabulary",
      defaultValue = "0",
      description = "Vocabulary size, at least that of the tokenizer; 0 = the tokenizer's.")
  private int vocabulary;

  @Option(
      names = "--dtype",
      defaultValue = "F32",
      description =
          "Data type of the written weights: F32, BF16 or F16 (default: ${DEFAULT-VALUE}).")
  private Dtype dtype;

  @Option(names = "--seed", defaultValue = "0", description = "Seed (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() {
    Ranges.weights("dtype", dtype);
    JsonNode json = read("tokenizer.json");
    int words = words(json);
    LlamaConfig llama =
        architecture == null
            ? LlamaConfig.small(
                vocabulary == 0 ? words : vocabulary,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                kvHeads,
                maxPositions)
            : PublishedShapes.of(architecture);
    // The ends of a configuration belong to its own tokenizer.
    JsonNode ends = read("tokenizer_config.json");
    llama =
        llama.withEnds(
            id(json, ends.path("bos_token"), NEW_BOS), id(json, ends.path("eos_token"), NEW_EOS));
    if (llama.vocabSize() < words) {
      throw new UserError(
          "The vocabulary has "
              + llama.vocabSize()
              + " rows, and the tokenizer "
              + words
              + " words.");
    }
    RunFiles.refuseForeign(output);
    try (RunLock lock = RunLock.directory(output);
        Bar bar = new Bar("new-model", llama.weightShapes().size())) {
      Made made = new Made(llama.json().toString(), dtype, seed, RunFiles.sha256(file()));
      if (RunFiles.alreadyMade(output, "new-model", made)) {
        System.out.println("Already complete, in " + output);
        return 0;
      }
      RandomStream stream = RandomStream.of(seed, "weights");
      Checkpoint.writeRandom(output, llama, stream, tokenizer, dtype, bar::advance);
      RunFiles.made(output, "new-model");
    }
    System.out.printf("%,d parameters written to %s%n", llama.parameterCount(), output);
    return 0;
  }

  /** Settings that decide the result. */
  private record Made(String config, Dtype dtype, long seed, String tokenizer) {}

  private Path file() {
    return tokenizer.resolve("tokenizer.json");
  }

  private JsonNode read(String name) {
    Path file = tokenizer.resolve(name);
    if (!Files.isRegularFile(file)) {
      if (name.equals("tokenizer.json")) {
        throw new UserError("There is no " + file + "; 'plumbline tokenizer' trains one.");
      }
      return MissingNode.getInstance();
    }
    try {
      return new ObjectMapper().readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new UserError("The file " + file + " is not JSON: " + Jsonl.reason(e) + ".");
    } catch (IOException e) {
      throw new UserError("The file " + file + " cannot be read: " + SystemReason.of(e) + ".");
    }
  }

  private static int words(JsonNode json) {
    JsonNode vocabulary = json.path("model").path("vocab");
    int largest = vocabulary.isArray() ? vocabulary.size() - 1 : -1; // Unigram's is a list
    for (Map.Entry<String, JsonNode> word : vocabulary.properties()) {
      largest = Math.max(largest, word.getValue().asInt());
    }
    for (JsonNode token : json.path("added_tokens")) {
      largest = Math.max(largest, token.path("id").asInt());
    }
    return largest + 1;
  }

  /** The id of a token that tokenizer_config.json names. */
  private static int id(JsonNode json, JsonNode named, int otherwise) {
    String text = Tokenizer.named(named);
    for (JsonNode token : json.path("added_tokens")) {
      if (token.path("content").asText().equals(text)) {
        return token.path("id").asInt();
      }
    }
    return json.path("model").path("vocab").path(text).asInt(otherwise);
  }
}
