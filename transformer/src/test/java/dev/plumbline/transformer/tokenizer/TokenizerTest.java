package dev.plumbline.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedOutputStream;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import dev.plumbline.transformer.model.SharedFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real tokenizers against stored encodings, and limits on text. */
class TokenizerTest {
  @TempDir Path work;

  /** A tokenizer beside a configuration that names these ends. */
  private static Tokenizer read(Path directory, int vocabulary, int bos, int... eos) {
    ObjectNode json = LlamaConfig.small(vocabulary, 32, 48, 2, 4, 2, 64).json().deepCopy();
    json.put("bos_token_id", bos);
    Arrays.stream(eos).forEach(json.putArray("eos_token_id")::add);
    return Tokenizer.read(directory, LlamaConfig.parse(json, "a test"));
  }

  private static void equalsTheReference(Tokenizer tokenizer, Path reference) throws IOException {
    JsonNode cases = new ObjectMapper().readTree(reference.toFile()).path("cases");
    assertThat(cases.size()).isGreaterThan(10);
    for (JsonNode c : cases) {
      String text = c.path("text").asText();
      int[] ids = new int[c.path("ids").size()];
      Arrays.setAll(ids, i -> c.path("ids").get(i).asInt());
      assertThat(tokenizer.encodePrompt(text)).as(text).isEqualTo(ids);
      assertThat(decoded(tokenizer, ids)).isEqualTo(text);
      equalsTheJointText(tokenizer, text);
    }
  }

  /** Text of a whole sequence: without the dummy prefix, which belongs to its beginning. */
  private static String decoded(Tokenizer tokenizer, int... ids) {
    String text = tokenizer.decode(ids);
    boolean prefixed = tokenizer.decode(tokenizer.encode("x")).equals(" x");
    return prefixed && !text.isEmpty() ? text.substring(1) : text;
  }

  /**
   * Divisions of a text into prompt and response: the two have the ids of the joint text, or the
   * prompt its own and the response those of its continuation.
   */
  private static void equalsTheJointText(Tokenizer tokenizer, String text) {
    int stride = Math.max(1, text.length() / 40); // long texts at some places
    for (int at = 1; at < text.length(); at += stride) {
      if (Character.isLowSurrogate(text.charAt(at))) {
        continue;
      }
      String prompt = text.substring(0, at);
      String response = text.substring(at);
      int[] before = tokenizer.encodePrompt(prompt);
      int[] after = tokenizer.encodeResponse(prompt, response);
      int[] whole =
          IntStream.concat(Arrays.stream(before), Arrays.stream(after, 0, after.length - 1))
              .toArray();
      assertThat(after[after.length - 1]).isEqualTo(tokenizer.eos());
      assertThat(decoded(tokenizer, whole)).as(prompt + "|" + response).isEqualTo(text);
      int[] joint = tokenizer.encodePrompt(text);
      boolean joins =
          joint.length >= before.length
              && Arrays.equals(joint, 0, before.length, before, 0, before.length);
      assertThat(tokenizer.joins(prompt, response)).isEqualTo(joins);
      if (joins) {
        assertThat(whole).as(prompt + "|" + response).isEqualTo(joint);
      } else {
        assertThat(Arrays.copyOf(after, after.length - 1))
            .isEqualTo(tokenizer.encodeContinuation(response));
      }
    }
  }

  /** Prompts and responses as rows have them, with and without a space between. */
  private static void responsesContinueTheirPrompts(Tokenizer tokenizer) {
    for (String prompt : List.of("Question: 2 + 2?\nAnswer:", "Lily had 12", "你好", "x = ", "")) {
      for (String response :
          List.of("4", " 4", "  4", "\n4", "\n\n 4", "345", " 345", "你们", " 世界", "cat", " cat")) {
        if (!prompt.isEmpty()) {
          equalsTheJointText(tokenizer, prompt + response);
        }
        int[] ids = tokenizer.encodeResponse(prompt, response);
        assertThat(tokenizer.decode(Arrays.copyOf(ids, ids.length - 1)))
            .as(prompt + "|" + response)
            .isEqualTo(prompt.isEmpty() ? tokenizer.decode(tokenizer.encode(response)) : response);
      }
    }
    assertThat(tokenizer.joins("Question: 2 + 2?\nAnswer:", " 4")).isTrue();
  }

  @Test
  void responsesOfStories260KContinueTheirPrompts() {
    Path files = SharedFiles.get("models/stories260K");
    try (Tokenizer tokenizer = Tokenizer.read(files, LlamaConfig.read(files))) {
      responsesContinueTheirPrompts(tokenizer);
      // A prompt that ends in a space has a token of its own for it: the joint text has not.
      assertThat(tokenizer.joins("Once upon a ", "time")).isFalse();
    }
  }

  @Test
  void llama2EqualsItsReference() throws Exception {
    Path files = SharedFiles.get("tokenizers/llama2");
    try (Tokenizer tokenizer = read(files, 32000, 1, 2)) {
      equalsTheReference(tokenizer, files.resolve("reference_encodings.json"));
      assertThat(tokenizer.encode("A </s> is text.")).doesNotContain(1, 2);
      assertThat(decoded(tokenizer, tokenizer.encode("A </s> is text.")))
          .isEqualTo("A </s> is text.");
      responsesContinueTheirPrompts(tokenizer);
      assertThat(tokenizer.special("</s>")).isEqualTo(2);
    }
  }

  @Test
  void llama2EqualsItsReferenceByItsSentencePieceModelAlone() throws Exception {
    Path files = SharedFiles.get("tokenizers/llama2");
    Files.copy(files.resolve("tokenizer.model"), work.resolve("tokenizer.model"));
    try (Tokenizer tokenizer = read(work, 32000, 1, 2)) {
      equalsTheReference(tokenizer, files.resolve("reference_encodings.json"));
    }
  }

  @Test
  void llama3EqualsItsReference() throws Exception {
    Path files = SharedFiles.get("tokenizers/llama3");
    try (Tokenizer tokenizer = read(files, 128256, 128000, 128001)) {
      equalsTheReference(tokenizer, files.resolve("reference_encodings.json"));
      int[] text = tokenizer.encode("<|begin_of_text|>x<|eot_id|>");
      assertThat(Arrays.stream(text).allMatch(id -> id < 128000)).isTrue();
      assertThat(tokenizer.decode(text)).isEqualTo("<|begin_of_text|>x<|eot_id|>");
      responsesContinueTheirPrompts(tokenizer);
      assertThat(tokenizer.special("<|begin_of_text|>")).isEqualTo(128000);
      assertThat(tokenizer.token(128009)).isEqualTo("<|eot_id|>");
      assertThat(tokenizer.decode(128000, tokenizer.encode("x")[0], 128009)).isEqualTo("x");
    }
  }

  /** A model of our own, in SentencePiece's wire format. */
  private void sentencePieceModel(int type) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    piece(out, "<unk>", 0, 2);
    piece(out, "<s>", 0, 3);
    piece(out, "</s>", 0, 3);
    piece(out, "<0x7A>", 0, 6); // z
    piece(out, "ab", -0f, 1);
    piece(out, "\u2581a", -1f, 1);
    piece(out, "abc", -2f, 1);
    for (String text : List.of("\u2581", "a", "b", "c", "<", ">", "s", "/")) {
      piece(out, text, -10f, 1);
    }
    ByteArrayOutputStream trainer = new ByteArrayOutputStream();
    CodedOutputStream spec = CodedOutputStream.newInstance(trainer);
    spec.writeEnum(3, type);
    spec.writeBool(35, true);
    spec.flush();
    out.writeByteArray(2, trainer.toByteArray());
    out.writeByteArray(3, new byte[] {0x20, 0}); // remove_extra_whitespaces: false
    out.flush();
    Files.write(work.resolve("tokenizer.model"), bytes.toByteArray());
  }

  private static void piece(CodedOutputStream out, String text, float score, int kind)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream piece = CodedOutputStream.newInstance(bytes);
    piece.writeString(1, text);
    piece.writeFloat(2, score);
    piece.writeEnum(3, kind);
    piece.flush();
    out.writeByteArray(1, bytes.toByteArray());
  }

  /** The ids that Meta's own code gives this conversation. */
  @Test
  void aQuestionInLlama3sChatTemplate() throws IOException {
    Path shared = SharedFiles.get("tokenizers/llama3");
    for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
      Files.copy(shared.resolve(name), work.resolve(name));
    }
    PromptFrame usual = new PromptFrame("", "", "", "", true, "Question: ", "\nAnswer:");
    String source =
        "{% for m in messages %}{% set content = '<|start_header_id|>' + m['role'] + "
            + "'<|end_header_id|>\n\n' + m['content'] | trim + '<|eot_id|>' %}"
            + "{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}"
            + "{{ content }}{% endfor %}{% if add_generation_prompt %}"
            + "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";
    ChatTemplate template = new ChatTemplate(work, source, "<|begin_of_text|>", "<|end_of_text|>");
    PromptFrame.write(work, template.frame(null, usual));
    try (Tokenizer tokenizer = read(work, 128256, 128000, 128001, 128009)) {
      assertThat(tokenizer.encodePrompt("Question: Hi\nAnswer:"))
          .containsExactly(
              128000, 128006, 882, 128007, 271, 13347, 128009, 128006, 78191, 128007, 271);
      assertThat(tokenizer.encodeResponse("Question: Hi\nAnswer:", " Hi"))
          .containsExactly(13347, 128009);
    }
  }

  @Test
  void aSentencePieceModelJoinsTheBestScoreFirst() throws Exception {
    sentencePieceModel(2);
    try (Tokenizer tokenizer = read(work, 32000, 1, 2)) {
      // _ab: "ab" scores better than "_a"
      assertThat(tokenizer.encodePrompt("ab")).containsExactly(1, 7, 4);
      assertThat(tokenizer.encode("abc a")).containsExactly(7, 6, 5);
      assertThat(tokenizer.encode("z")).containsExactly(7, 3); // by its byte
      assertThat(tokenizer.decode(7, 6, 5, 3, 2)).isEqualTo(" abc az");
      assertThat(tokenizer.encode("</s>")).containsExactly(7, 11, 14, 13, 12);
      assertThat(tokenizer.special("</s>")).isEqualTo(2);
      assertThat(tokenizer.encodeResponse("", "ab")).containsExactly(7, 4, 2);
      assertThat(tokenizer.encodeResponse("c", "ab")).containsExactly(4, 2);
      assertThat(tokenizer.encodeResponse("c", " ab")).containsExactly(7, 4, 2);
      // "ab" + "c" would be one token: the prompt keeps its own.
      assertThat(tokenizer.joins("ab", "c")).isFalse();
      assertThat(tokenizer.encodeResponse("ab", "c")).containsExactly(10, 2);
      assertThat(tokenizer.encodeResponse(new int[] {1, 7, 4}, "c")).containsExactly(10, 2);
      assertThat(tokenizer.encodeResponse(new int[] {1}, "ab")).containsExactly(7, 4, 2);
    }
  }

  /** The library would number them after a vocabulary without its special tokens. */
  @Test
  void addedTokensKeepTheIdsThatTheirFileGivesThem() throws Exception {
    sentencePieceModel(2);
    Files.writeString(
        work.resolve("tokenizer_config.json"),
        "{\"added_tokens_decoder\": {\"15\": {\"content\": \"<end>\", \"special\": true},"
            + " \"16\": {\"content\": \"<tool>\", \"special\": false},"
            + " \"17\": {\"content\": \"<pad>\", \"special\": true}}}");
    try (Tokenizer tokenizer = read(work, 32000, 1, 2)) {
      assertThat(tokenizer.encodeContinuation("b<tool>c")).containsExactly(9, 16, 10);
      assertThat(tokenizer.token(16)).isEqualTo("<tool>");
      assertThat(tokenizer.decode(9, 16, 10)).isEqualTo("b<tool>c");
      assertThat(tokenizer.special("<end>")).isEqualTo(15);
      assertThat(tokenizer.encodeContinuation("<end>")).doesNotContain(15);
    }
  }

  @Test
  void whatIsNoBpeModelIsRefused() throws Exception {
    sentencePieceModel(1);
    assertThatThrownBy(() -> read(work, 32000, 1, 2))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("not of the BPE kind");
    Files.write(work.resolve("tokenizer.model"), new byte[] {10, 120, 3, 4});
    assertThatThrownBy(() -> read(work, 32000, 1, 2))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tokenizer.model")
        .hasMessageContaining("not a SentencePiece model");
    Files.delete(work.resolve("tokenizer.model"));
    assertThatThrownBy(() -> read(work, 32000, 1, 2))
        .hasMessageContaining("neither tokenizer.json nor tokenizer.model");
  }
}
