package dev.plumbline.transformer.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.transformer.model.ConfigReader;
import dev.plumbline.transformer.model.Ints;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
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
 * none, with the decisions that every caller shares: a prompt begins with exactly one BOS when the
 * model's files say so ({@link SpecialTokens}); a response has the ids that it has in the joint
 * text of prompt and response, as long as that leaves the prompt's ids alone ({@link
 * #encodeResponse}); and the text of a special token, such as {@code </s>} in a solution, is text,
 * unless {@link #encodeWithControl} is asked.
 *
 * <p>Tokenizers made from SentencePiece put a space (a dummy prefix) before a text. It belongs to
 * the beginning of a sequence, so what continues one is encoded and decoded without it.
 */
public final class Tokenizer implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final double IMPOSSIBLE = -1e6; // log-probability of a piece that text never has

  private final HuggingFaceTokenizer tokenizer; // knows no special tokens
  private final HuggingFaceTokenizer continuing; // the same without a dummy prefix
  private final DummyPrefix prefix;
  private final Map<Integer, String> special;
  private final Map<String, Integer> ids = new HashMap<>(); // of the special tokens
  private final Pattern control; // any of them
  private final SpecialTokens ends;
  private final PromptFrame frame; // or null

  private Tokenizer(
      HuggingFaceTokenizer tokenizer,
      HuggingFaceTokenizer continuing,
      DummyPrefix prefix,
      Map<Integer, String> special,
      SpecialTokens ends,
      PromptFrame frame) {
    this.frame = frame;
    this.tokenizer = tokenizer;
    this.continuing = continuing;
    this.prefix = prefix;
    this.special = special;
    this.ends = ends;
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

  /**
   * Loads the tokenizer of a model directory.
   *
   * @param model the last source of BOS and end tokens, see {@link SpecialTokens}
   */
  public static Tokenizer read(Path directory, LlamaConfig model) {
    Path file = file(directory);
    // The library has a download path and telemetry: off before its first class is loaded.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      JsonNode config = config(directory);
      ObjectNode json = json(file, config);
      boolean known = TokenizerCheck.known(file, json);
      Map<Integer, String> special = takeSpecial(json);
      if (!known) {
        TokenizerTrial.pass(file, MAPPER.writeValueAsBytes(json));
      }
      SpecialTokens ends = SpecialTokens.read(directory, model, config, json, special);
      HuggingFaceTokenizer tokenizer = load(json);
      DummyPrefix prefix = DummyPrefix.take(json);
      Tokenizer made =
          new Tokenizer(
              tokenizer,
              prefix == DummyPrefix.NONE ? tokenizer : load(json),
              prefix,
              special,
              ends,
              PromptFrame.of(config));
      made.checkAdded(json.path("added_tokens"), file);
      return made;
    } catch (JsonProcessingException e) {
      throw new ModelException(
          "The tokenizer of " + directory + " is not JSON: " + ConfigReader.reason(e) + ".");
    } catch (IOException | RuntimeException e) {
      if (e instanceof ModelException own) {
        throw own;
      }
      throw new ModelException(
          "The file " + file + " cannot be read as a tokenizer: " + e.getMessage());
    }
  }

  /** Texts of all tokens of a model directory by their ids, as its files spell them. */
  public static Map<Integer, String> vocabulary(Path directory) {
    Path file = file(directory);
    try {
      ObjectNode json = json(file, config(directory));
      Map<Integer, String> texts = new HashMap<>();
      JsonNode vocabulary = json.path("model").path("vocab");
      int next = 0;
      for (JsonNode unigram : vocabulary.isArray() ? vocabulary : List.<JsonNode>of()) {
        texts.put(next++, unigram.path(0).asText());
      }
      vocabulary.properties().forEach(e -> texts.put(e.getValue().asInt(-1), e.getKey()));
      json.path("added_tokens")
          .forEach(t -> texts.put(t.path("id").asInt(-1), t.path("content").asText()));
      return texts;
    } catch (JsonProcessingException e) {
      throw new ModelException(
          "The tokenizer of " + directory + " is not JSON: " + ConfigReader.reason(e) + ".");
    } catch (IOException e) {
      throw new ModelException("The file " + file + " cannot be read: " + e.getMessage());
    }
  }

  private static Path file(Path directory) {
    for (String name : List.of("tokenizer.json", "tokenizer.model")) {
      if (Files.isRegularFile(directory.resolve(name))) {
        return directory.resolve(name);
      }
    }
    throw new ModelException(
        "The model directory " + directory + " has neither tokenizer.json nor tokenizer.model.");
  }

  private static HuggingFaceTokenizer load(ObjectNode json) throws IOException {
    // Its default silently truncates at 512 tokens.
    return HuggingFaceTokenizer.newInstance(
        new ByteArrayInputStream(MAPPER.writeValueAsBytes(json)),
        Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD"));
  }

  private static JsonNode config(Path directory) throws IOException {
    Path file = directory.resolve("tokenizer_config.json");
    if (!Files.isRegularFile(file)) {
      return MAPPER.createObjectNode();
    }
    JsonNode json = MAPPER.readTree(file.toFile());
    if (!json.isObject()) {
      throw new ModelException("The file " + file + " does not hold a JSON object.");
    }
    return json;
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
    keepIds(json);
    return special;
  }

  /**
   * The library numbers added tokens behind the vocabulary, unless the vocabulary holds them: those
   * that are no special tokens get a place there, by their own ids.
   */
  private static void keepIds(ObjectNode json) {
    JsonNode vocabulary = json.path("model").path("vocab");
    for (JsonNode token : json.path("added_tokens")) {
      String text = token.path("content").asText();
      int id = token.path("id").asInt(-1);
      if (vocabulary instanceof ObjectNode words && !words.has(text)) {
        words.put(text, id);
      } else if (vocabulary instanceof ArrayNode pieces && id >= pieces.size()) {
        while (pieces.size() < id) {
          pieces
              .addArray()
              .add("\u0000" + pieces.size())
              .add(IMPOSSIBLE); // a special token's place
        }
        pieces.addArray().add(text).add(IMPOSSIBLE);
      }
    }
  }

  /** Refuses a file whose added tokens come out with other ids than it gives them. */
  private void checkAdded(JsonNode added, Path file) {
    for (JsonNode token : added) {
      String text = token.path("content").asText();
      int id = token.path("id").asInt(-1);
      if (!text.isEmpty() && Arrays.stream(encodeContinuation(text)).noneMatch(one -> one == id)) {
        throw new ModelException(
            "The file "
                + file
                + " gives the added token '"
                + text
                + "' the id "
                + id
                + ", and encodes it as "
                + Arrays.toString(encodeContinuation(text))
                + "; its vocabulary and its added_tokens do not agree.");
      }
    }
  }

  /**
   * Ids of a prompt: BOS when the model wants one, then the text, or its question in the frame that
   * the model has.
   */
  public int[] encodePrompt(String text) {
    Ints all = new Ints();
    if (ends.addBos() && (frame == null || frame.bos())) {
      all.add(ends.bos());
    }
    Open open = open(text, all);
    all.addAll(segment(open.text(), open.atStart()));
    return all.toArray();
  }

  /** The frame of the model's prompts, or null. */
  public PromptFrame frame() {
    return frame;
  }

  /**
   * Text behind the last special token so far.
   *
   * @param atStart whether there is none
   */
  private record Open(String text, boolean atStart) {}

  /**
   * The part of a prompt that the response continues, up to the nearest special token; what stands
   * before it is added to {@code all}. A question belongs to the text around it.
   */
  private Open open(String prompt, Ints all) {
    if (frame == null) {
      return new Open(prompt, true);
    }
    String question = frame.question(prompt);
    Open before = control(frame.before(), new Open("", true), all);
    return control(frame.after(), new Open(before.text() + question, before.atStart()), all);
  }

  /**
   * Ids of a complete response to a prompt, then EOS: those that it has in the joint text. Where
   * the joint text begins with other ids than the prompt ({@link #joins}), such as after a prompt
   * that ends in half a word, the prompt keeps its own and the response is encoded as its
   * continuation, without a dummy prefix.
   *
   * <p>In a frame a response ends with the frame's token, and the space that the usual prompts
   * leave to it does not belong to it.
   */
  public int[] encodeResponse(String prompt, String text) {
    String response = framed(text);
    Open open = open(prompt, new Ints());
    int[] joint = joint(open, response);
    return ended(joint != null ? joint : encodeContinuation(response));
  }

  /** The same behind a prompt that is known by its ids. */
  public int[] encodeResponse(int[] prompt, String text) {
    String response = framed(text);
    boolean beginning = prompt.length == 0 || prompt.length == 1 && prompt[0] == ends.bos();
    boolean special = prompt.length > 0 && this.special.containsKey(prompt[prompt.length - 1]);
    return ended(
        beginning || special ? segment(response, beginning) : encodeContinuation(response));
  }

  /** Whether the joint text of a prompt and a response begins with the ids of the prompt. */
  public boolean joins(String prompt, String text) {
    return joint(open(prompt, new Ints()), framed(text)) != null;
  }

  /** Ids of a response in the joint text, or null where that has other ids for the prompt. */
  private int[] joint(Open open, String response) {
    int[] before = segment(open.text(), open.atStart());
    int[] whole = segment(open.text() + response, open.atStart());
    boolean joins =
        whole.length >= before.length
            && Arrays.equals(whole, 0, before.length, before, 0, before.length);
    return joins ? Arrays.copyOfRange(whole, before.length, whole.length) : null;
  }

  private String framed(String response) {
    return frame != null && response.startsWith(" ") ? response.substring(1) : response;
  }

  private int[] ended(int[] response) {
    int end = frame == null || frame.end().isEmpty() ? ends.eos() : special(frame.end());
    if (end < 0) {
      throw new ModelException(
          "No file of the model names an end token (eos_token in tokenizer_config.json, or"
              + " eos_token_id in generation_config.json or config.json), so a text response cannot"
              + " be ended; add one, or give response_ids.");
    }
    int[] result = Arrays.copyOf(response, response.length + 1);
    result[response.length] = end;
    return result;
  }

  /** Ids of bare text at the beginning of a sequence, without BOS or EOS. */
  public int[] encode(String text) {
    return encode(tokenizer, text);
  }

  /** Ids of text that continues other text; without EOS. */
  public int[] encodeContinuation(String text) {
    return encode(continuing, text);
  }

  private static int[] encode(HuggingFaceTokenizer tokenizer, String text) {
    if (text.isEmpty()) {
      return new int[0];
    }
    Encoding encoding = tokenizer.encode(text, false, false);
    return Arrays.stream(encoding.getIds()).mapToInt(Math::toIntExact).toArray();
  }

  /** Ids of text at the beginning of a sequence, or behind a special token. */
  private int[] segment(String text, boolean atStart) {
    return atStart || prefix == DummyPrefix.EVERY_SEGMENT ? encode(text) : encodeContinuation(text);
  }

  /**
   * Ids of text in which the texts of special tokens stand for them, such as what a chat template
   * made; without BOS or EOS of our own.
   */
  public int[] encodeWithControl(String text) {
    Ints all = new Ints();
    Open rest = control(text, new Open("", true), all);
    all.addAll(segment(rest.text(), rest.atStart()));
    return all.toArray();
  }

  /** Adds the ids up to the last special token of a text behind {@code open}; returns the rest. */
  private Open control(String text, Open open, Ints all) {
    Matcher found = control.matcher(text);
    Open rest = open;
    int from = 0;
    while (found.find()) {
      all.addAll(segment(rest.text() + text.substring(from, found.start()), rest.atStart()));
      all.add(ids.get(found.group()));
      rest = new Open("", false);
      from = found.end();
    }
    return new Open(rest.text() + text.substring(from), rest.atStart());
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

  /** Text of ids that continue other text, special tokens left out. */
  public String decode(int... ids) {
    return continuing.decode(
        Arrays.stream(ids).filter(id -> !special.containsKey(id)).asLongStream().toArray(), false);
  }

  /** Text of one token as the vocabulary holds it, for people. */
  public String token(int id) {
    if (special.containsKey(id)) {
      return special.get(id);
    }
    String text = continuing.decode(new long[] {id}, false);
    return text == null ? "" : text;
  }

  /** The id that ends a response, -1 for none. */
  public int eos() {
    return ends.eos();
  }

  /** The tokens that begin and end a sequence, and where they come from. */
  public SpecialTokens ends() {
    return ends;
  }

  @Override
  public void close() {
    tokenizer.close();
    if (continuing != tokenizer) {
      continuing.close();
    }
  }
}
