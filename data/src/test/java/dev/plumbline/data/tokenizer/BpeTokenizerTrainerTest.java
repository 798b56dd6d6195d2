package dev.plumbline.data.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.problem.Prompts;
import dev.plumbline.data.wordproblems.WordProblems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BpeTokenizerTrainerTest {
  private static final long SEED = Long.getLong("plumbline.seed", 20_231L);

  @TempDir Path folder;

  @BeforeAll
  static void stayOffline() {
    System.setProperty("ai.djl.offline", "true");
  }

  private static List<String> corpus(int problems) {
    return WordProblems.of(1).train(problems).stream()
        .map(problem -> Prompts.question(problem.question()) + Prompts.response(problem.solution()))
        .toList();
  }

  private static HuggingFaceTokenizer load(Path folder) throws IOException {
    return HuggingFaceTokenizer.builder()
        .optTokenizerPath(folder)
        .optTruncation(false)
        .optPadding(false)
        .build();
  }

  @Test
  void encodingAndDecodingRestoreTheText() throws IOException {
    System.out.println("Tokenizer: replay with -Dplumbline.seed=" + SEED);
    assertThat(BpeTokenizerTrainer.train(corpus(300), 512, folder)).isEqualTo(512);
    Random random = new Random(SEED);
    try (HuggingFaceTokenizer tokenizer = load(folder)) {
      for (int round = 0; round < 500; round++) {
        String text = randomText(random);
        long[] ids = tokenizer.encode(text).getIds();
        assertThat(ids[0]).isEqualTo(BpeTokenizerTrainer.BOS_ID);
        assertThat(Arrays.stream(ids).max().orElseThrow()).isLessThan(512);
        assertThat(tokenizer.decode(ids, true)).as("round %d: %s", round, text).isEqualTo(text);
      }
      for (String text : corpus(50)) {
        assertThat(tokenizer.decode(tokenizer.encode(text).getIds(), true)).isEqualTo(text);
      }
    }
  }

  /**
   * Blanks, digits, letters of all planes, emoji, control characters; no lone surrogates, which are
   * not valid text.
   */
  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(40);
    while (text.codePointCount(0, text.length()) < length) {
      int codePoint =
          switch (random.nextInt(6)) {
            case 0 -> ' ' + random.nextInt(95);
            case 1 -> '0' + random.nextInt(10);
            case 2 -> " \n\t\r\u00a0\u2003".charAt(random.nextInt(6));
            case 3 -> random.nextInt(0x800);
            case 4 -> 0x1F300 + random.nextInt(0x300);
            default -> random.nextInt(Character.MAX_CODE_POINT + 1);
          };
      if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
        text.appendCodePoint(codePoint);
      }
    }
    return text.toString();
  }

  @Test
  void digitsAreSeparateTokens() throws IOException {
    BpeTokenizerTrainer.train(
        List.of("123 123 123 = 123", "<<12*3=36>>36 36 36", " 12 12 12"), 600, folder);
    JsonNode model =
        Jsonl.mapper().readTree(folder.resolve("tokenizer.json").toFile()).get("model");
    model.get("merges").forEach(merge -> assertThat(merge.asText()).doesNotContainPattern("[0-9]"));
    try (HuggingFaceTokenizer tokenizer = load(folder)) {
      assertThat(tokenizer.encode("123").getTokens()).containsExactly("<s>", "1", "2", "3");
      assertThat(tokenizer.encode("123").getIds()).containsExactly(1, 3 + '1', 3 + '2', 3 + '3');
      assertThat(tokenizer.encode(" 12").getTokens()).containsExactly("<s>", "\u0120", "1", "2");
      assertThat(tokenizer.encode("</s>").getIds()).containsExactly(1, 2);
    }
  }

  @Test
  void mergesAreTheMostFrequentPairs() throws IOException {
    // "ab" three times, "bc" twice; then "abc" (ab + c) twice.
    int size = BpeTokenizerTrainer.train(List.of("abc", "abc", "ab"), 1_000, folder);
    JsonNode model =
        Jsonl.mapper().readTree(folder.resolve("tokenizer.json").toFile()).get("model");
    assertThat(model.get("merges")).extracting(JsonNode::asText).containsExactly("a b", "ab c");
    assertThat(size).isEqualTo(BpeTokenizerTrainer.MIN_VOCABULARY + 2);
    assertThat(model.get("vocab").get("abc").asInt()).isEqualTo(260);
    assertThat(model.get("vocab")).hasSize(size);
  }

  @Test
  void repeatedSymbolsAndTiesAreDeterministic() throws IOException {
    BpeTokenizerTrainer.train(List.of("aaaa", "zz", "zz", "yy", "yy"), 262, folder);
    JsonNode model =
        Jsonl.mapper().readTree(folder.resolve("tokenizer.json").toFile()).get("model");
    // "aa" occurs three times in "aaaa". "yy" and "zz" occur twice each, so the smaller id is
    // first. Merging "aa" leaves one pair "aa aa", which is too few.
    assertThat(model.get("merges"))
        .extracting(JsonNode::asText)
        .containsExactly("a a", "y y", "z z");
  }

  @Test
  void sameCorpusSameBytesInAnyOrder() throws IOException {
    Path other = folder.resolve("other");
    List<String> corpus = corpus(200);
    BpeTokenizerTrainer.train(corpus, 400, folder);
    BpeTokenizerTrainer.train(corpus.stream().sorted().toList(), 400, other);
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      assertThat(other.resolve(name)).hasSameBinaryContentAs(folder.resolve(name));
    }
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("tokenizer.json", "tokenizer_config.json", "other");
    }
  }

  @Test
  void configSaysWhatTheTokenizerDoes() throws IOException {
    BpeTokenizerTrainer.train(List.of("text"), 300, folder);
    JsonNode config = Jsonl.mapper().readTree(folder.resolve("tokenizer_config.json").toFile());
    assertThat(config.get("add_bos_token").asBoolean()).isTrue();
    assertThat(config.get("add_eos_token").asBoolean()).isFalse();
    assertThat(config.get("bos_token").asText()).isEqualTo("<s>");
    assertThat(config.get("eos_token").asText()).isEqualTo("</s>");
    assertThat(config.get("pad_token").asText()).isEqualTo("<pad>");
    assertThat(config.get("tokenizer_class").asText()).isEqualTo("PreTrainedTokenizerFast");
  }

  @Test
  void trainsOnTheWordsThatThePreTokenizerMakes() {
    assertThat(BpeTokenizerTrainer.words("It's 12 apples,  OK\n"))
        .containsExactly("It", "'s", " ", "1", "2", " apples", ",", " ", " OK", "\n");
    assertThat(BpeTokenizerTrainer.words("<<3*4=12>>12"))
        .containsExactly("<<", "3", "*", "4", "=", "1", "2", ">>", "1", "2");
  }

  @Test
  void impossibleRequestsAreRefused() {
    assertThatThrownBy(() -> BpeTokenizerTrainer.train(List.of("text"), 258, folder))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("258")
        .hasMessageContaining("259");
    assertThatThrownBy(() -> BpeTokenizerTrainer.train(List.of(), 300, folder))
        .isInstanceOf(UserError.class);
  }

  /**
   * Printed, because the length of a text in tokens decides the training time of the embedded
   * model.
   */
  @Test
  void tokensOfAProblem() throws IOException {
    List<Problem> problems = WordProblems.of(1).train(5_000);
    List<String> corpus = corpus(5_000);
    for (int vocabulary : new int[] {512, 1024}) {
      long start = System.nanoTime();
      int size = BpeTokenizerTrainer.train(corpus, vocabulary, folder);
      double seconds = (System.nanoTime() - start) / 1e9;
      try (HuggingFaceTokenizer tokenizer = load(folder)) {
        double prompt = 0;
        double solution = 0;
        int longest = 0;
        for (Problem problem : problems) {
          int p = tokenizer.encode(Prompts.question(problem.question())).getIds().length;
          int s =
              tokenizer.encode(Prompts.response(problem.solution())).getIds().length
                  - 1; // without <s>
          prompt += p;
          solution += s;
          longest = Math.max(longest, p + s);
        }
        System.out.printf(
            "Vocabulary %d (requested %d, trained in %.2f s): prompt %.1f tokens, solution %.1f, longest sum %d%n",
            size,
            vocabulary,
            seconds,
            prompt / problems.size(),
            solution / problems.size(),
            longest);
      }
    }
    assertThat(problems).hasSize(5_000);
  }
}
