package dev.plumbline.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedOutputStream;
import dev.plumbline.transformer.checkpoint.TinyModel;
import dev.plumbline.transformer.model.ModelException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of tokenizers that are broken or hostile: each gives an error message, and none ends the
 * program.
 */
class TokenizerFilesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static final String SMALL =
      """
      {"added_tokens": [{"id": 0, "content": "<unk>", "special": true, "single_word": false,
        "lstrip": false, "rstrip": false, "normalized": false}],
       "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
       "model": {"type": "BPE", "unk_token": "<unk>", "vocab": {"<unk>": 0, "a": 1, "b": 2, "ab": 3},
         "merges": ["a b"]}}""";

  @TempDir Path work;

  @BeforeEach
  void cacheHere() {
    System.setProperty("plumbline.cache", work.resolve("cache").toString());
  }

  @AfterEach
  void cacheThere() {
    System.clearProperty("plumbline.cache");
  }

  private Tokenizer read(String json) throws IOException {
    Files.writeString(work.resolve("tokenizer.json"), json);
    return Tokenizer.read(work, TinyModel.config());
  }

  private void refused(String json, String... parts) {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () ->
            assertThatThrownBy(() -> read(json))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(parts));
  }

  @Test
  void aFileOfKnownPartsIsReadAtOnce() throws IOException {
    try (Tokenizer tokenizer = read(SMALL)) {
      assertThat(tokenizer.encode("abb")).containsExactly(3, 2);
    }
    assertThat(work.resolve("cache")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"a\": 1 | \"a\": 2 | gives the id 2 to two tokens",
        "\"a\": 1 | \"a\": -1 | the id of 'a' must be a whole number from 0 to 16777216, but is -1",
        "\"a\": 1 | \"a\": 1.5 | the id of 'a' must be a whole number from 0 to 16777216, but is 1.5",
        "\"a\": 1 | \"a\": 99999999999 | the id of 'a' must be a whole number from 0 to 16777216, but is 99999999999",
        "\"a\": 1 | \"a\": \"1\" | the id of 'a' must be a whole number from 0 to 16777216, but is \"1\"",
        "\"id\": 0 | \"id\": null | the id of '<unk>' must be a whole number from 0 to 16777216, but is null",
        "\"id\": 0, \"content\": \"<unk>\" | \"id\": 0, \"content\": 7 | without a text",
        "\"normalizer\": null | \"normalizer\": 7 | normalizer has no type: 7",
        "\"pre_tokenizer\": null | \"pre_tokenizer\": {\"type\": []} | pre_tokenizer has no type",
        "\"a b\" | \"a x\" | tokenizer.json",
        "\"a b\" | [\"a\"] | tokenizer.json",
        "\"a b\" | 7 | tokenizer.json"
      })
  void wrongValuesAreNamed(String what, String by, String message) {
    refused(SMALL.replace(what, by), "tokenizer.json", message);
  }

  @Test
  void brokenShapesAreNamed() throws IOException {
    ObjectNode json = (ObjectNode) MAPPER.readTree(SMALL);
    ((ObjectNode) json.get("model")).putObject("vocab");
    refused(json.toString(), "model.vocab is empty");
    json.put("model", 7);
    refused(json.toString(), "model is missing or no object");
    refused("[]", "does not hold a JSON object");
    refused("{\"a\":" + "[".repeat(100_000), "is not JSON");
    refused(
        SMALL.replace("\"<unk>\", \"special\"", "\"" + "x".repeat(100_000) + "\", \"special\""),
        "holds a token of 100000 characters");
    String nested = "{\"type\": \"Sequence\", \"normalizers\": [".repeat(50) + "]}".repeat(50);
    refused(SMALL.replace("\"normalizer\": null", "\"normalizer\": " + nested), "more than 8 deep");
  }

  /** A file on which the library hangs or aborts is found in another process. */
  @ParameterizedTest
  @ValueSource(strings = {"(a+)+$", "(a|aa)+b", "(\\\\w*)*!", "(?=(a+))*b\\\\1x", "("})
  void anExpressionOfItsOwnIsTriedApart(String expression) {
    String split =
        "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"%s\"}, \"behavior\": \"Isolated\", \"invert\": false}";
    String json =
        SMALL.replace(
            "\"pre_tokenizer\": null", "\"pre_tokenizer\": " + split.formatted(expression));
    assertTimeoutPreemptively(
        Duration.ofSeconds(90),
        () -> {
          try (Tokenizer tokenizer = read(json)) {
            tokenizer.encode("a".repeat(5000) + "!");
          } catch (ModelException e) {
            assertThat(e).hasMessageContaining("tokenizer.json");
          }
        });
  }

  @Test
  void aFileThatPassedIsRemembered() throws IOException {
    String json =
        SMALL.replace(
            "\"normalizer\": null",
            "\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"Regex\": \"x+\"}, \"content\": \"a\"}");
    try (Tokenizer tokenizer = read(json)) {
      assertThat(tokenizer.encode("xxb")).containsExactly(3);
    }
    try (Stream<Path> kept = Files.list(work.resolve("cache"))) {
      assertThat(kept).singleElement().asString().contains("tokenizer-");
    }
    try (Tokenizer tokenizer = read(json)) {
      assertThat(tokenizer.encode("b")).containsExactly(2);
    }
  }

  private static byte[] map(int[] units, String texts) {
    byte[] text = texts.getBytes(StandardCharsets.UTF_8);
    ByteBuffer all =
        ByteBuffer.allocate(4 + 4 * units.length + text.length).order(ByteOrder.LITTLE_ENDIAN);
    all.putInt(4 * units.length);
    for (int unit : units) {
      all.putInt(unit);
    }
    return all.put(text).array();
  }

  private static String precompiled(byte[] map) {
    return SMALL.replace(
        "\"normalizer\": null",
        "\"normalizer\": {\"type\": \"Precompiled\", \"precompiled_charsmap\": \""
            + Base64.getEncoder().encodeToString(map)
            + "\"}");
  }

  /** 'x' becomes 'a': the root is at 0, 'x' leads to 256, whose value stands there. */
  private static int[] trie() {
    int[] units = new int[512];
    units['x'] = (256 ^ 'x') << 10 | 1 << 8 | 'x';
    units[256] = 1 << 31;
    return units;
  }

  @Test
  void aCharsMapThatStaysInsideIsUsed() throws IOException {
    assertThat(CharsMap.fault(map(trie(), "a\0"))).isNull();
    try (Tokenizer tokenizer = read(precompiled(map(trie(), "a\0")))) {
      assertThat(tokenizer.encode("xb")).containsExactly(3);
    }
  }

  @Test
  void aCharsMapThatLeadsAstrayIsRefused() {
    int[] outside = trie();
    outside['y'] = 1 << 20 | 'y';
    refused(precompiled(map(outside, "a\0")), "precompiled_charsmap", "leads to unit");
    int[] beyond = trie();
    beyond[256] = 1 << 31 | 5;
    refused(precompiled(map(beyond, "a\0")), "names a replacement at 5");
    beyond[256] = 1 << 31 | 1;
    refused(precompiled(map(beyond, "\u00e9\0")), "names a replacement at 1");
    refused(precompiled(map(trie(), "ab")), "ends within a replacement");
    refused(precompiled(map(new int[16], "a\0")), "leads to unit");
    refused(precompiled(new byte[] {9, 0, 0, 0, 1}), "names a trie of 9 bytes");
    refused(precompiled(new byte[2]), "shorter than its own size");
    refused(precompiled(new byte[2]).replace("AAA=", "?"), "is not Base64");
  }

  /** The library handles every map that is not refused. */
  @Test
  void randomCharsMaps() throws IOException {
    long seed = 20_261_130;
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      int[] units = trie();
      for (int k = random.nextInt(6); k > 0; k--) {
        units[random.nextInt(units.length)] = random.nextInt() >>> random.nextInt(24);
      }
      if (CharsMap.fault(map(units, "a\0bb\0")) == null) {
        try (Tokenizer tokenizer = read(precompiled(map(units, "a\0bb\0")))) {
          assertThat(tokenizer.encode("xyz abc \u00e9\u4e2d"))
              .as("seed %d, map %d", seed, i)
              .isNotNull();
        }
      }
    }
  }

  @Test
  void aLongPieceIsNamed() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    for (String text : List.of("a", "x".repeat(2_000_000))) {
      ByteArrayOutputStream piece = new ByteArrayOutputStream();
      CodedOutputStream inner = CodedOutputStream.newInstance(piece);
      inner.writeString(1, text);
      inner.flush();
      out.writeByteArray(1, piece.toByteArray());
    }
    out.flush();
    Files.write(work.resolve("tokenizer.model"), bytes.toByteArray());
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () ->
            assertThatThrownBy(() -> Tokenizer.read(work, TinyModel.config()))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("its piece 1 has 2000000 characters"));
  }
}
