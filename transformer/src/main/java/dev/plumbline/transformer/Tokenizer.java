package dev.plumbline.transformer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * A Hugging Face {@code tokenizer.json} with the two decisions that every caller shares: a prompt
 * begins with exactly one BOS when {@code tokenizer_config.json} says so, and a response is encoded
 * on its own, so that text is never re-tokenised across the boundary between the two.
 */
public final class Tokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer tokenizer;
  private final boolean addBos;
  private final int bos;
  private final int eos;

  private Tokenizer(HuggingFaceTokenizer tokenizer, boolean addBos, int bos, int eos) {
    this.tokenizer = tokenizer;
    this.addBos = addBos;
    this.bos = bos;
    this.eos = eos;
  }

  /** Loads the tokenizer of a model directory; ids of BOS and EOS come from {@code config}. */
  public static Tokenizer read(Path directory, LlamaConfig config) {
    Path file = directory.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      throw new ModelException("The model directory " + directory + " has no tokenizer.json.");
    }
    // The library has a download path and telemetry: off before its first class is loaded.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      // Its default silently truncates at 512 tokens.
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(
              file, Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD"));
      boolean addBos =
          config.bosTokenId() >= 0 && addsBos(directory, tokenizer, config.bosTokenId());
      int eos = config.eosTokenIds().isEmpty() ? -1 : config.eosTokenIds().get(0);
      return new Tokenizer(tokenizer, addBos, config.bosTokenId(), eos);
    } catch (IOException | RuntimeException e) {
      throw new ModelException(
          "The file " + file + " cannot be read as a tokenizer: " + e.getMessage());
    }
  }

  /**
   * {@code add_bos_token} of tokenizer_config.json; without that key, what the tokenizer's own
   * template does.
   */
  private static boolean addsBos(Path directory, HuggingFaceTokenizer tokenizer, int bos)
      throws IOException {
    Path config = directory.resolve("tokenizer_config.json");
    if (Files.isRegularFile(config)) {
      JsonNode key = new ObjectMapper().readTree(config.toFile()).path("add_bos_token");
      if (key.isBoolean()) {
        return key.asBoolean();
      }
    }
    long[] ids = tokenizer.encode("a", true, false).getIds();
    return ids.length > 0 && ids[0] == bos;
  }

  /** Ids of a prompt: BOS when the model wants one, then the text. */
  public int[] encodePrompt(String text) {
    int[] ids = encode(text);
    if (!addBos) {
      return ids;
    }
    int[] result = new int[ids.length + 1];
    result[0] = bos;
    System.arraycopy(ids, 0, result, 1, ids.length);
    return result;
  }

  /** Ids of a complete response: the text, then EOS. */
  public int[] encodeResponse(String text) {
    if (eos < 0) {
      throw new ModelException(
          "The model's config.json names no eos_token_id, so a text response cannot be ended.");
    }
    int[] ids = encode(text);
    int[] result = Arrays.copyOf(ids, ids.length + 1);
    result[ids.length] = eos;
    return result;
  }

  /** Ids of bare text, without BOS or EOS. */
  public int[] encode(String text) {
    Encoding encoding = tokenizer.encode(text, false, false);
    return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
  }

  /** Text of ids, special tokens left out. */
  public String decode(int... ids) {
    return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
  }

  /** Text of one token as the vocabulary holds it, for people. */
  public String token(int id) {
    String text = tokenizer.decode(new long[] {id}, false);
    return text == null ? "" : text;
  }

  /** The id that ends a response, -1 for none. */
  public int eos() {
    return eos;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
