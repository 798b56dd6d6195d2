package dev.plumbline.transformer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Hugging Face {@code tokenizer.json}, or a SentencePiece {@code tokenizer.model} where there is
 * none, with the three decisions that every caller shares: a prompt begins with exactly one BOS
 * when {@code tokenizer_config.json} says so; a response is encoded on its own, so that text is
 * never re-tokenised across the boundary between the two; and the text of a special token, such as
 * {@code </s>} in a solution, is text, unless {@link #encodeWithControl} is asked.
 */
public final class Tokenizer implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HuggingFaceTokenizer tokenizer; // knows no special tokens
  private final Map<Integer, String> special;
  private final Map<String, Integer> ids = new HashMap<>(); // of the special tokens
  private final Pattern control; // any of them
  private final boolean addBos;
  private final int bos;
  private final int eos;
  private final PromptFrame frame; // or null

  private Tokenizer(
      HuggingFaceTokenizer tokenizer,
      Map<Integer, String> special,
      boolean addBos,
      int bos,
      int eos,
      PromptFrame frame) {
    this.frame = frame;
    this.tokenizer = tokenizer;
    this.special = special;
    this.addBos = addBos;
    this.bos = bos;
    this.eos = eos;
    special.forEach((id, text) -> ids.put(text, id));
    control =
        Pattern.compile(
            special.isEmpty()
                ? "(?!)"
                : special.values().stream()
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .map(Pattern::quote)
                    .collect(Collectors.joining("|")));
  }

  /** Loads the tokenizer of a model directory; ids of BOS and EOS come from {@code config}. */
  public static Tokenizer read(Path directory, LlamaConfig config) {
    return read(directory, config.bosTokenId(), config.eosTokenIds());
  }

  static Tokenizer read(Path directory, int bos, List<Integer> eos) {
    Path file = directory.resolve("tokenizer.json");
    if (!Files.isRegularFile(file)) {
      file = directory.resolve("tokenizer.model");
    }
    if (!Files.isRegularFile(file)) {
      throw new ModelException(
          "The model directory " + directory + " has neither tokenizer.json nor tokenizer.model.");
    }
    // The library has a download path and telemetry: off before its first class is loaded.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      JsonNode config = config(directory);
      ObjectNode json = json(file, config);
      boolean known = TokenizerCheck.known(file, json);
      Map<Integer, String> special = takeSpecial(json);
      byte[] bytes = MAPPER.writeValueAsBytes(json);
      if (!known) {
        TokenizerTrial.pass(file, bytes);
      }
      // Its default silently truncates at 512 tokens.
      HuggingFaceTokenizer tokenizer =
          HuggingFaceTokenizer.newInstance(
              new ByteArrayInputStream(bytes),
              Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD"));
      boolean addBos = bos >= 0 && addsBos(config, json, tokenizer, bos);
      return new Tokenizer(
          tokenizer, special, addBos, bos, eos.isEmpty() ? -1 : eos.get(0), PromptFrame.of(config));
    } catch (JsonProcessingException e) {
      throw new ModelException(
          "The tokenizer of " + directory + " is not JSON: " + e.getOriginalMessage() + ".");
    } catch (IOException | RuntimeException e) {
      if (e instanceof ModelException own) {
        throw own;
      }
      throw new ModelException(
          "The file " + file + " cannot be read as a tokenizer: " + e.getMessage());
    }
  }

  private static JsonNode config(Path directory) throws IOException {
    Path file = directory.resolve("tokenizer_config.json");
    return Files.isRegularFile(file) ? MAPPER.readTree(file.toFile()) : MAPPER.createObjectNode();
  }

  private static ObjectNode json(Path file, JsonNode config) throws IOException {
    if (file.endsWith("tokenizer.json")) {
      if (MAPPER.readTree(file.toFile()) instanceof ObjectNode json) {
        return json;
      }
      throw new ModelException("The file " + file + " does not hold a JSON object.");
    }
    ObjectNode json = SentencePieceModel.read(file);
    // What was added later stands beside the model.
    for (Map.Entry<String, JsonNode> e : config.path("added_tokens_decoder").properties()) {
      String text = e.getValue().path("content").asText();
      if (!json.path("model").path("vocab").has(text)) {
        boolean special = e.getValue().path("special").asBoolean();
        added(json.withArray("added_tokens"), Integer.parseInt(e.getKey()), text, special);
      }
    }
    return json;
  }

  /** A token that {@code tokenizer_config.json} names as a text or as an object. */
  public static String named(JsonNode token) {
    return token.isObject() ? token.path("content").asText() : token.asText("");
  }

  /** Adds to {@code added_tokens}. */
  static void added(ArrayNode tokens, int id, String content, boolean special) {
    tokens
        .addObject()
        .put("id", id)
        .put("content", content)
        .put("single_word", false)
        .put("lstrip", false)
        .put("rstrip", false)
        .put("normalized", false)
        .put("special", special);
  }

  /**
   * Takes the special tokens out of a {@code tokenizer.json}, so that the library cannot find them
   * in text; returns them by id. Those that its vocabulary holds leave it, too, but for the token
   * of what is unknown.
   */
  private static Map<Integer, String> takeSpecial(ObjectNode json) {
    Map<Integer, String> special = new LinkedHashMap<>();
    JsonNode model = json.path("model");
    String unknown = model.path("unk_token").asText("");
    for (Iterator<JsonNode> all = json.path("added_tokens").iterator(); all.hasNext(); ) {
      JsonNode token = all.next();
      if (token.path("special").asBoolean()) {
        String text = token.path("content").asText();
        special.put(token.path("id").asInt(), text);
        all.remove();
        if (model.path("vocab") instanceof ObjectNode vocabulary && !text.equals(unknown)) {
          vocabulary.remove(text);
        }
      }
    }
    return special;
  }

  /**
   * {@code add_bos_token} of tokenizer_config.json; without that key, what the tokenizer's own
   * template does. The first files of Llama 3 have neither: there a prompt begins with the {@code
   * bos_token} that they name, as in Meta's own code.
   */
  private static boolean addsBos(
      JsonNode config, ObjectNode json, HuggingFaceTokenizer tokenizer, int bos) {
    JsonNode key = config.path("add_bos_token");
    if (key.isBoolean()) {
      return key.asBoolean();
    }
    boolean template = json.path("post_processor").toString().contains("TemplateProcessing");
    if (!template && config.path("tokenizer_class").asText().equals("PreTrainedTokenizerFast")) {
      return config.hasNonNull("bos_token");
    }
    long[] ids = tokenizer.encode("a", true, false).getIds();
    return ids.length > 0 && ids[0] == bos;
  }

  /**
   * Ids of a prompt: BOS when the model wants one, then the text, or its question in the frame that
   * the model has.
   */
  public int[] encodePrompt(String text) {
    int[] ids = frame == null ? encode(text) : framed(frame.question(text));
    if (!addBos || frame != null && !frame.bos()) {
      return ids;
    }
    int[] result = new int[ids.length + 1];
    result[0] = bos;
    System.arraycopy(ids, 0, result, 1, ids.length);
    return result;
  }

  /** The frame of the model's prompts, or null. */
  public PromptFrame frame() {
    return frame;
  }

  /** A question belongs to the text around it, up to the nearest special tokens. */
  private int[] framed(String question) {
    Ints all = new Ints();
    StringBuilder text = new StringBuilder();
    control(frame.before(), text, all);
    text.append(question);
    control(frame.after(), text, all);
    all.addAll(encode(text.toString()));
    return all.toArray();
  }

  /**
   * Ids of a complete response: the text, then EOS. In a frame it ends with the frame's token, and
   * the blank that the usual prompts leave to it does not belong to it.
   */
  public int[] encodeResponse(String text) {
    int end = frame == null || frame.end().isEmpty() ? eos : special(frame.end());
    if (end < 0) {
      throw new ModelException(
          "The model's config.json names no eos_token_id, so a text response cannot be ended.");
    }
    int[] ids = encode(frame != null && text.startsWith(" ") ? text.substring(1) : text);
    int[] result = Arrays.copyOf(ids, ids.length + 1);
    result[ids.length] = end;
    return result;
  }

  /** Ids of bare text, without BOS or EOS. */
  public int[] encode(String text) {
    if (text.isEmpty()) {
      return new int[0];
    }
    Encoding encoding = tokenizer.encode(text, false, false);
    return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
  }

  /**
   * Ids of text in which the texts of special tokens stand for them, such as what a chat template
   * made; without BOS or EOS of our own.
   */
  public int[] encodeWithControl(String text) {
    Ints all = new Ints();
    StringBuilder rest = new StringBuilder();
    control(text, rest, all);
    all.addAll(encode(rest.toString()));
    return all.toArray();
  }

  /** Adds the ids up to the last special token of a text; what follows it is added to the rest. */
  private void control(String text, StringBuilder rest, Ints all) {
    Matcher found = control.matcher(text);
    int from = 0;
    while (found.find()) {
      all.addAll(encode(rest.append(text, from, found.start()).toString()));
      rest.setLength(0);
      all.add(ids.get(found.group()));
      from = found.end();
    }
    rest.append(text.substring(from));
  }

  /** The id of a special token's text, or -1. */
  public int special(String text) {
    return ids.getOrDefault(text, -1);
  }

  /** The first special token in a text, or an empty text. */
  public String firstSpecial(String text) {
    Matcher found = control.matcher(text);
    return found.find() ? found.group() : "";
  }

  /** Text of ids, special tokens left out. */
  public String decode(int... ids) {
    return tokenizer.decode(
        Arrays.stream(ids).filter(id -> !special.containsKey(id)).asLongStream().toArray(), false);
  }

  /** Text of one token as the vocabulary holds it, for people. */
  public String token(int id) {
    if (special.containsKey(id)) {
      return special.get(id);
    }
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
