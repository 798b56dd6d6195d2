package dev.plumbline.data.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.AtomicFile;
import dev.plumbline.data.io.Jsonl;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Trains a byte-level BPE tokenizer (GPT-2's, Radford et al. 2019; BPE: Sennrich et al. 2016, arXiv
 * 1508.07909) and writes it as Hugging Face's {@code tokenizer.json} and {@code
 * tokenizer_config.json}.
 *
 * <p>Every digit is a separate token, as in Llama, because arithmetic is easier to learn digit by
 * digit. Ids 0 to 2 are {@code <pad>}, {@code <s>}, {@code </s>}; 3 to 258 are the bytes; the
 * merges follow in the order in which they were learned. The tokenizer puts {@code <s>} before
 * every text; the caller adds {@code </s>}.
 */
public final class BpeTokenizerTrainer {
  /** Padding token. */
  public static final String PAD = "<pad>";

  /** Token at the beginning of every text. */
  public static final String BOS = "<s>";

  /** Token at the end of a response. */
  public static final String EOS = "</s>";

  /** Id of {@link #PAD}. */
  public static final int PAD_ID = 0;

  /** Id of {@link #BOS}. */
  public static final int BOS_ID = 1;

  /** Id of {@link #EOS}. */
  public static final int EOS_ID = 2;

  /** Special tokens and bytes: the minimum vocabulary size. */
  public static final int MIN_VOCABULARY = 3 + 256;

  private static final int FIRST_BYTE_ID = 3;

  /** The value in {@code tokenizer_config.json} for a tokenizer without a length limit. */
  private static final int MODEL_MAX_LENGTH = 1 << 20;

  /** GPT-2's word pattern, which the pre-tokenizer ByteLevel applies with {@code use_regex}. */
  private static final Pattern WORD =
      Pattern.compile(
          "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
          Pattern.UNICODE_CHARACTER_CLASS);

  private static final Pattern DIGIT_OR_REST = Pattern.compile("\\p{N}|\\P{N}+");

  private BpeTokenizerTrainer() {}

  /**
   * Learns merges from {@code corpus} and writes both files into {@code directory}.
   *
   * @return the size of the vocabulary: {@code vocabSize}, or less if no pair of the corpus occurs
   *     twice any more
   * @throws UserError when the size is too small, the corpus is empty or a file cannot be written
   */
  public static int train(Iterable<String> corpus, int vocabSize, Path directory) {
    if (vocabSize < MIN_VOCABULARY) {
      throw new UserError(
          "The size of a byte-level vocabulary must be >= "
              + MIN_VOCABULARY
              + " (bytes and special tokens), but is "
              + vocabSize
              + ".");
    }
    PairCounts pairs = pairs(corpus);
    List<String> symbols = alphabet();
    List<String> merges = new ArrayList<>();
    while (symbols.size() < vocabSize) {
      long best = pairs.best();
      if (best < 0) {
        break;
      }
      String left = symbols.get(PairCounts.left(best));
      String right = symbols.get(PairCounts.right(best));
      pairs.merge(best, symbols.size());
      symbols.add(left + right);
      merges.add(left + " " + right);
    }
    ObjectMapper mapper = Jsonl.mapper();
    write(directory.resolve("tokenizer.json"), mapper, tokenizer(mapper, symbols, merges));
    write(directory.resolve("tokenizer_config.json"), mapper, config(mapper));
    return symbols.size();
  }

  private static PairCounts pairs(Iterable<String> corpus) {
    Map<String, Long> frequencies =
        new TreeMap<>(); // sorted, so that the result does not depend on hash order
    for (String text : corpus) {
      for (String word : words(text)) {
        frequencies.merge(word, 1L, Long::sum);
      }
    }
    if (frequencies.isEmpty()) {
      throw new UserError("The corpus contains no text; a tokenizer needs some to be trained on.");
    }
    PairCounts pairs = new PairCounts();
    frequencies.forEach(
        (word, frequency) -> {
          int[] symbols = ByteAlphabet.bytes(word);
          for (int i = 0; i < symbols.length; i++) {
            symbols[i] += FIRST_BYTE_ID;
          }
          pairs.addWord(symbols, frequency);
        });
    return pairs;
  }

  /**
   * Splits a text into the pieces that merges never cross: single digits first, then GPT-2's words
   * between them.
   */
  static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher pieces = DIGIT_OR_REST.matcher(text);
    while (pieces.find()) {
      Matcher matcher = WORD.matcher(pieces.group());
      while (matcher.find()) {
        words.add(matcher.group());
      }
    }
    return words;
  }

  private static List<String> alphabet() {
    List<String> symbols = new ArrayList<>(List.of(PAD, BOS, EOS));
    ByteAlphabet alphabet = new ByteAlphabet();
    for (int b = 0; b < 256; b++) {
      symbols.add(String.valueOf(alphabet.character(b)));
    }
    return symbols;
  }

  private static ObjectNode tokenizer(
      ObjectMapper mapper, List<String> symbols, List<String> merges) {
    ObjectNode json = mapper.createObjectNode();
    json.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    for (int id = PAD_ID; id <= EOS_ID; id++) {
      ObjectNode token = added.addObject().put("id", id).put("content", symbols.get(id));
      token.put("single_word", false).put("lstrip", false).put("rstrip", false);
      token.put("normalized", false).put("special", true);
    }
    json.putNull("normalizer");
    ObjectNode split = json.putObject("pre_tokenizer").put("type", "Sequence");
    ArrayNode splits = split.putArray("pretokenizers");
    splits.addObject().put("type", "Digits").put("individual_digits", true);
    byteLevel(splits.addObject(), false);
    bosInFront(json.putObject("post_processor"));
    byteLevel(json.putObject("decoder"), true);

    ObjectNode model = json.putObject("model").put("type", "BPE");
    model.putNull("dropout").putNull("unk_token").putNull("continuing_subword_prefix");
    model.putNull("end_of_word_suffix").put("fuse_unk", false).put("byte_fallback", false);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < symbols.size(); id++) {
      vocabulary.put(symbols.get(id), id);
    }
    // "a b" instead of ["a", "b"]: every release of the library reads this older form, and no byte
    // is written as a blank.
    ArrayNode list = model.putArray("merges");
    merges.forEach(list::add);
    return json;
  }

  private static void byteLevel(ObjectNode json, boolean addPrefixSpace) {
    json.put("type", "ByteLevel").put("add_prefix_space", addPrefixSpace);
    json.put("trim_offsets", true).put("use_regex", true);
  }

  private static void bosInFront(ObjectNode json) {
    json.put("type", "TemplateProcessing");
    ArrayNode single = json.putArray("single");
    special(single);
    sequence(single, "A", 0);
    ArrayNode pair = json.putArray("pair");
    special(pair);
    sequence(pair, "A", 0);
    sequence(pair, "B", 1);
    ObjectNode bos = json.putObject("special_tokens").putObject(BOS).put("id", BOS);
    bos.putArray("ids").add(BOS_ID);
    bos.putArray("tokens").add(BOS);
  }

  private static void special(ArrayNode template) {
    template.addObject().putObject("SpecialToken").put("id", BOS).put("type_id", 0);
  }

  private static void sequence(ArrayNode template, String id, int type) {
    template.addObject().putObject("Sequence").put("id", id).put("type_id", type);
  }

  private static ObjectNode config(ObjectMapper mapper) {
    ObjectNode json = mapper.createObjectNode();
    json.put("add_bos_token", true).put("add_eos_token", false);
    json.put("bos_token", BOS).put("eos_token", EOS).put("pad_token", PAD);
    json.put("clean_up_tokenization_spaces", false);
    json.put("model_max_length", MODEL_MAX_LENGTH);
    return json.put("tokenizer_class", "PreTrainedTokenizerFast");
  }

  private static void write(Path file, ObjectMapper mapper, JsonNode json) {
    try {
      AtomicFile.write(file, mapper.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The content of " + file + " cannot be JSON.", e);
    }
  }
}
