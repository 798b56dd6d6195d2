package dev.plumbline.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.TinyModel;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.SamplingOptions;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which file names the tokens at the ends of a sequence. */
class SpecialTokensTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String POST_PROCESSOR =
      """
      {"type": "TemplateProcessing",
       "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
       "pair": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 0}}],
       "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}}
      """;

  @TempDir Path work;
  private Path model;

  /** A model none of whose files names a token. */
  @BeforeEach
  void makeModel() throws IOException {
    model = TinyModel.write(work);
    config("null", "null");
    write("tokenizer_config.json", "{}");
  }

  private void write(String file, String json) throws IOException {
    Files.writeString(model.resolve(file), json);
  }

  private void config(String bos, String eos) throws IOException {
    ObjectNode json = TinyModel.config().json().deepCopy();
    json.set("bos_token_id", MAPPER.readTree(bos));
    json.set("eos_token_id", MAPPER.readTree(eos));
    write("config.json", json.toString());
  }

  private SpecialTokens read() {
    try (Tokenizer tokenizer = Tokenizer.read(model, LlamaConfig.read(model))) {
      return tokenizer.ends();
    }
  }

  @Test
  void theFirstFileThatNamesATokenIsAsked() throws IOException {
    SpecialTokens none = read();
    assertThat(none.bos()).isEqualTo(-1);
    assertThat(none.addBos()).isFalse();
    assertThat(none.ends()).isEmpty();

    config("5", "[6, 7]");
    assertThat(read().bosSource()).isEqualTo("config.json");
    assertThat(read().bos()).isEqualTo(5);
    assertThat(read().ends()).containsExactly(6, 7);

    write("generation_config.json", "{\"bos_token_id\": 8, \"eos_token_id\": [9, 10]}");
    assertThat(read().bosSource()).isEqualTo("generation_config.json");
    assertThat(read().bos()).isEqualTo(8);
    assertThat(read().ends()).as("in place of config.json's").containsExactly(9, 10);

    ObjectNode tokenizer = (ObjectNode) MAPPER.readTree(model.resolve("tokenizer.json").toFile());
    tokenizer.set("post_processor", MAPPER.readTree(POST_PROCESSOR));
    write("tokenizer.json", tokenizer.toString());
    assertThat(read().bosSource()).isEqualTo("tokenizer.json");
    assertThat(read().bos()).isEqualTo(1);
    assertThat(read().addBos()).isTrue();

    write(
        "tokenizer_config.json",
        "{\"bos_token\": \"<pad>\", \"eos_token\": {\"content\": \"</s>\"}, \"add_bos_token\": false}");
    SpecialTokens all = read();
    assertThat(all.bosSource()).isEqualTo("tokenizer_config.json");
    assertThat(all.bos()).isZero();
    assertThat(all.addBos()).isFalse();
    assertThat(all.eos()).isEqualTo(2);
    assertThat(all.ends()).containsExactly(2, 9, 10);
  }

  @Test
  void nullAndEmptyFallThrough() throws IOException {
    config("1", "2");
    write(
        "tokenizer_config.json",
        "{\"bos_token\": null, \"eos_token\": \"\", \"add_bos_token\": true}");
    write("generation_config.json", "{\"bos_token_id\": null, \"eos_token_id\": []}");
    SpecialTokens tokens = read();
    assertThat(tokens.bosSource()).isEqualTo("config.json");
    assertThat(tokens.addBos()).isTrue();
    assertThat(tokens.sources()).containsExactly(Map.entry(2, "config.json"));
  }

  @Test
  void whatIsWrongIsNamedWithItsFile() throws IOException {
    write("tokenizer_config.json", "{\"eos_token\": \"<end>\"}");
    assertThatThrownBy(this::read)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tokenizer_config.json names the eos_token '<end>'");
    write("tokenizer_config.json", "{}");
    for (String wrong : List.of("\"2\"", "[2, 40]", "-1", "1.0", "true", "{\"a\": 1}")) {
      write("generation_config.json", "{\"eos_token_id\": " + wrong + "}");
      assertThatThrownBy(this::read)
          .as(wrong)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("generation_config.json: eos_token_id must be");
    }
    write("generation_config.json", "{\"eos_token_id\": ");
    assertThatThrownBy(this::read)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("generation_config.json is not JSON");
  }

  @Test
  void valuesOfWrongTypesAreNeverTakenForOthers() throws IOException {
    config("1", "2");
    for (String wrong :
        List.of(
            "{\"bos_token\": 1}",
            "{\"bos_token\": {\"content\": 5}}",
            "{\"eos_token\": [\"</s>\"]}",
            "{\"add_bos_token\": \"true\"}",
            "{\"add_bos_token\": 1}",
            "[]",
            "")) {
      write("tokenizer_config.json", wrong);
      assertThatThrownBy(this::read)
          .as(wrong)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("tokenizer_config.json");
    }
    write("tokenizer_config.json", "{}");
    for (String wrong : List.of("[]", "null", "")) {
      write("generation_config.json", wrong);
      assertThatThrownBy(this::read)
          .as(wrong)
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("generation_config.json");
    }
  }

  @Test
  void aTokenOutsideTheVocabularyIsRefused() throws IOException {
    ObjectNode tokenizer = (ObjectNode) MAPPER.readTree(model.resolve("tokenizer.json").toFile());
    tokenizer.set("post_processor", MAPPER.readTree(POST_PROCESSOR.replace("[1]", "[40]")));
    write("tokenizer.json", tokenizer.toString());
    assertThatThrownBy(this::read)
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("tokenizer.json: the post_processor's <s> has the id 40");
  }

  /** As LlamaTokenizerFast does without the key. */
  @Test
  void llamasTokenizersAddBosWhereNothingElseIsSaid() throws IOException {
    config("1", "2");
    assertThat(read().addBos()).isFalse();
    write("tokenizer_config.json", "{\"tokenizer_class\": \"LlamaTokenizerFast\"}");
    assertThat(read().addBos()).isTrue();
    write(
        "tokenizer_config.json",
        "{\"tokenizer_class\": \"LlamaTokenizerFast\", \"add_bos_token\": false}");
    assertThat(read().addBos()).isFalse();
  }

  @Test
  void everyEndTokenStopsGeneration() throws IOException {
    write("tokenizer_config.json", "{\"add_bos_token\": true, \"bos_token\": \"<s>\"}");
    config("1", "2");
    int first;
    try (Checkpoint checkpoint = Checkpoint.read(model)) {
      first = greedy(checkpoint).ids()[0];
      assertThat(greedy(checkpoint).ids()).hasSize(4);
    }
    write("generation_config.json", "{\"eos_token_id\": [2, " + first + "]}");
    try (Checkpoint checkpoint = Checkpoint.read(model)) {
      assertThat(checkpoint.config().eosTokenIds()).containsExactly(2, first);
      assertThat(greedy(checkpoint).ids()).containsExactly(first);
      assertThat(greedy(checkpoint).reason()).isEqualTo(Sample.FinishReason.STOP);
    }
  }

  private static Sample greedy(Checkpoint checkpoint) {
    try (Sampler sampler =
        new Sampler(checkpoint.weights(), checkpoint.tokenizer(), OpMode.FUSED, 1)) {
      Sampler.Request request =
          new Sampler.Request(new int[] {1, 5, 9}, 1, RandomStream.of(1, "test"));
      return sampler.sample(List.of(request), SamplingOptions.greedy(4), done -> {}).get(0).get(0);
    }
  }
}
