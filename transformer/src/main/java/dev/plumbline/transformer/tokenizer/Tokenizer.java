package dev.plumbline.transformer.tokenizer;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.transformer.model.ConfigReader;
import dev.plumbline.transformer.model.Ints;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Hugging Face {@code tokenizer.json}, or a SentencePiece {@code tokenizer.model} where there is
 * none. It makes the decisions that all callers share:
 *
 * <ul>
 *   <li>A prompt begins with exactly one BOS when the model's files say so ({@link SpecialTokens}).
 *   <li>A response has the ids that it has in the joint text of prompt and response, as long as the
 *       joint text begins with the prompt's own ids ({@link #encodeResponse}).
 *   <li>The text of a special token, such as {@code </s>} in a solution, is encoded as text. Only a
 *       {@link PromptFrame} may hold special tokens.
 * </ul>
 *
 * <p>Tokenizers made from SentencePiece put a space (a dummy prefix) before a text. It belongs to
 * the beginning of a sequence. So text that continues a sequence is encoded and decoded without it.
 */
public final class Tokenizer implements AutoCloseable {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HuggingFaceTokenizer tokenizer; // without special tokens
  private final HuggingFaceTokenizer continuing; // the same without a dummy prefix
  private final DummyPrefix prefix;
  private final Map<Integer, String> special;
  private final Map<String, Integer> ids = new HashMap<>(); // of the special tokens
  private final Pattern control; // matches each of them
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
    Path file = TokenizerFiles.file(directory);
    // Turn off the library's downloads and telemetry before its first class is loaded.
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      JsonNode config = TokenizerFiles.config(directory);
      ObjectNode json = TokenizerFiles.json(file, config);
      boolean known = TokenizerCheck.known(file, json);
      Map<Integer, String> special = TokenizerFiles.takeSpecial(json);
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

  private static HuggingFaceTokenizer load(ObjectNode json) throws IOException {
    // By default the library silently truncates at 512 tokens.
    return HuggingFaceTokenizer.newInstance(
        new ByteArrayInputStream(MAPPER.writeValueAsBytes(json)),
        Map.of("truncation", "DO_NOT_TRUNCATE", "padding", "DO_NOT_PAD"));
  }

  /** A token that {@code tokenizer_config.json} names as a text or as an object. */
  public static String named(JsonNode token) {
    return token.isObject() ? token.path("content").asText() : token.asText("");
  }

  /** Refuses a file whose added tokens are encoded with other ids than it gives them. */
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
   * Ids of a prompt: BOS if the model uses one, then the text, or its question in the model's
   * prompt template.
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

  /** The prompt template of the model, or null. */
  public PromptFrame frame() {
    return frame;
  }

  /**
   * The text after the last special token so far.
   *
   * @param atStart whether there is no special token
   */
  private record Open(String text, boolean atStart) {}

  /**
   * The end of a prompt, after its last special token, which the response continues; the ids before
   * it are added to {@code all}. A question is joined with the text around it.
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
   * Ids of a complete response to a prompt, as in the joint text of both, then EOS. If the joint
   * text begins with other ids than the prompt ({@link #joins}), for example because the prompt
   * ends within a word, the prompt keeps its ids and the response is encoded as a continuation,
   * without a dummy prefix.
   *
   * <p>With a prompt template, a response ends with the template's token, and the space before it
   * in plain prompts is removed.
   */
  public int[] encodeResponse(String prompt, String text) {
    String response = framed(text);
    Open open = open(prompt, new Ints());
    int[] joint = joint(open, response);
    return ended(joint != null ? joint : encodeContinuation(response));
  }

  /** The same for a prompt of given ids. */
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

  /** Ids of a response in the joint text, or null if the prompt has other ids there. */
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

  /** Ids of text at the beginning of a sequence, or after a special token. */
  private int[] segment(String text, boolean atStart) {
    return atStart || prefix == DummyPrefix.EVERY_SEGMENT ? encode(text) : encodeContinuation(text);
  }

  /** Adds the ids of {@code open} and of a text up to its last special token; returns the rest. */
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

  /** The first special token in a text, or an empty string. */
  public String firstSpecial(String text) {
    Matcher found = control.matcher(text);
    return found.find() ? found.group() : "";
  }

  /** Text of ids that continue other text, without special tokens. */
  public String decode(int... ids) {
    return continuing.decode(
        Arrays.stream(ids).filter(id -> !special.containsKey(id)).asLongStream().toArray(), false);
  }

  /** Text of one token, for display. */
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
