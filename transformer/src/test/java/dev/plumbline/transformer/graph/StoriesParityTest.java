package dev.plumbline.transformer.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.Decoder;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.SamplingOptions;
import dev.plumbline.transformer.model.SharedFiles;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A real trained checkpoint against stored PyTorch figures: logits, log-probabilities, greedy text,
 * tokenizer.
 */
class StoriesParityTest {
  private final Path model = SharedFiles.get("models/stories260K");

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void logitsAndGreedyTextEqualTheReference(OpMode mode) throws Exception {
    JsonNode reference = new ObjectMapper().readTree(model.resolve("reference.json").toFile());
    try (Checkpoint checkpoint = Checkpoint.read(model);
        Decoder decoder = Decoder.of(checkpoint.weights(), mode);
        Sampler sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), mode, 4)) {
      for (JsonNode c : reference.path("cases")) {
        int[] prompt = ints(c.path("prompt_ids"));
        assertThat(checkpoint.tokenizer().encodePrompt(c.path("prompt").asText()))
            .isEqualTo(prompt);
        int n = prompt.length;
        float[] logits = new float[checkpoint.config().vocabSize()];
        try (Decoder.Cache cache = decoder.newCache(1, n, 0, 0)) {
          decoder.forward(Decoder.Rows.ofTrunk(0, 0, prompt), cache, n - 1).get(0, logits);
        }
        JsonNode top = c.path("last_logits_top10");
        for (int i = 0; i < top.size(); i++) {
          assertThat((double) logits[c.path("last_logits_top10_ids").get(i).asInt()])
              .isCloseTo(top.get(i).asDouble(), within(1e-4));
        }
        JsonNode greedy = c.path("greedy_50_ids");
        if (greedy.isArray()) {
          var request = new Sampler.Request(prompt, 1, RandomStream.of(0, "greedy"));
          Sample sample =
              sampler
                  .sample(List.of(request), SamplingOptions.greedy(greedy.size()), done -> {})
                  .get(0)
                  .get(0);
          assertThat(sample.ids()).isEqualTo(ints(greedy));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void tokenLogProbabilitiesEqualTheReference(OpMode mode) throws Exception {
    JsonNode reference = new ObjectMapper().readTree(model.resolve("reference.json").toFile());
    try (Checkpoint checkpoint = Checkpoint.read(model)) {
      for (JsonNode c : reference.path("cases")) {
        int[] ids = ints(c.path("prompt_ids"));
        if (ids.length < 2) {
          continue; // nothing to predict
        }
        TokenTree tree =
            new TokenTree(new int[] {ids[0]}, List.of(Arrays.copyOfRange(ids, 1, ids.length)));
        float[] lp = Scorer.score(checkpoint.weights(), mode, List.of(tree)).get(0).get(0);
        JsonNode expected = c.path("prompt_token_logprobs");
        for (int i = 0; i < lp.length; i++) {
          assertThat((double) lp[i]).isCloseTo(expected.get(i).asDouble(), within(1e-4));
        }
      }
    }
  }

  @Test
  void tokenizerEqualsTheReference() throws Exception {
    JsonNode reference = new ObjectMapper().readTree(model.resolve("reference.json").toFile());
    try (Checkpoint checkpoint = Checkpoint.read(model)) {
      for (JsonNode c : reference.path("tokenizer_cases")) {
        int[] ids = checkpoint.tokenizer().encodePrompt(c.path("text").asText());
        assertThat(ids).as(c.path("text").asText()).isEqualTo(ints(c.path("ids_with_bos")));
        // Decoded as a continuation, so that the dummy prefix of a beginning is seen.
        String decoded = c.path("decoded").asText();
        assertThat(checkpoint.tokenizer().decode(ids))
            .isEqualTo(decoded.isEmpty() ? "" : " " + decoded);
      }
    }
  }

  private static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    Arrays.setAll(values, i -> array.get(i).asInt());
    return values;
  }
}
