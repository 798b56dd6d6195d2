package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.objective.Hyperparameter;
import dev.plumbline.alignment.objective.Objectives;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Compares the program with figures from PyTorch in float64, which are stored beside the checkout.
 */
class ReferenceFiguresTest {
  private final Path model = Cli.shared("models/stories260K");
  private final Path figures = Cli.shared("reference/stories260K");

  @TempDir Path work;

  @ParameterizedTest
  @CsvSource({"false, fused", "false, composed", "true, fused", "true, composed"})
  void tokenLogProbabilities(boolean policy, String ops) throws IOException {
    List<JsonNode> scored = score(policy ? figures.resolve("policy") : model, ops);
    String file = policy ? "policy_score_expected.jsonl" : "score_expected.jsonl";
    List<JsonNode> expected = Cli.rows(figures.resolve(file));
    assertThat(scored).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      assertThat(Cli.numbers(scored.get(i).path("logprobs")))
          .as("row %d", i + 1)
          .containsExactly(Cli.numbers(expected.get(i).path("logprobs")), within(1e-4));
      for (String total : List.of("sum", "mean")) {
        double value = expected.get(i).path(total).asDouble();
        assertThat(scored.get(i).path(total).asDouble())
            .as("%s of row %d", total, i + 1)
            .isCloseTo(value, within(1e-4 * Math.max(1, Math.abs(value))));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "vft, fused",
    "dpo, fused",
    "aft-none, fused",
    "aft-dc, fused",
    "aft-bc, fused",
    "aft-rbc, fused",
    "rrhf, fused",
    "pro, fused",
    "dpo-smoothed, fused",
    "ipo, fused",
    "rpo, fused",
    "critical-dpo, fused",
    "critical-dpo-both, fused",
    "vft, composed",
    "dpo, composed",
    "aft-none, composed",
    "aft-dc, composed",
    "aft-bc, composed",
    "aft-rbc, composed",
    "rrhf, composed",
    "pro, composed",
    "dpo-smoothed, composed",
    "ipo, composed",
    "rpo, composed",
    "critical-dpo, composed",
    "critical-dpo-both, composed"
  })
  void valueAndGradientNorms(String name, String ops) throws IOException {
    JsonNode expected =
        Cli.MAPPER.readTree(figures.resolve("objectives.json").toFile()).path("values").path(name);
    String objective = name.replace("dpo-smoothed", "conservative-dpo");
    String out =
        Cli.succeed(
            "objective",
            "objective=" + objective,
            beta(objective, expected.path("beta").asDouble()),
            "--model=" + figures.resolve("policy"),
            "--reference=" + model,
            "--data=" + data(name),
            "--reference-cache=off",
            "--ops=" + ops);
    JsonNode found = Cli.MAPPER.readTree(out);
    SoftAssertions softly = new SoftAssertions();
    for (String total : List.of("value", "grad_norm")) {
      double value = expected.path(total).asDouble();
      softly
          .assertThat(found.path(total).asDouble(Double.NaN))
          .as(total)
          .isCloseTo(value, within(1e-4 * Math.abs(value)));
    }
    assertThat(expected.path("grad_norms").size()).isPositive();
    softly
        .assertThat(found.path("grad_norms").size())
        .isEqualTo(expected.path("grad_norms").size());
    for (Map.Entry<String, JsonNode> norm : expected.path("grad_norms").properties()) {
      double value = norm.getValue().asDouble();
      softly
          .assertThat(found.path("grad_norms").path(norm.getKey()).asDouble(Double.NaN))
          .as(norm.getKey())
          .isCloseTo(value, within(1e-4 * Math.abs(value)));
    }
    softly.assertAll();
  }

  @ParameterizedTest
  @CsvSource({
    "vft, 0.1, fused",
    "dpo, 0.1, fused",
    "aft-bc, 0.15, fused",
    "vft, 0.1, composed",
    "dpo, 0.1, composed",
    "aft-bc, 0.15, composed"
  })
  void fiveSteps(String name, double beta, String ops) throws IOException {
    JsonNode expected = Cli.MAPPER.readTree(figures.resolve("training.json").toFile()).path(name);
    Path output = work.resolve("trained");
    Cli.succeed(
        "train",
        "model=" + model,
        "objective=" + name,
        beta(name, beta),
        "data=" + data(name),
        "output=" + output,
        "steps=5",
        "batch-size=64",
        "learning-rate=1e-3",
        "schedule=constant",
        "warmup-ratio=0",
        "weight-decay=0.01",
        "max-grad-norm=0",
        "shuffle=false",
        "reference-cache=off",
        "ops=" + ops);
    double[] losses = Cli.column(Cli.rows(output.resolve("metrics.jsonl")), "loss");
    assertThat(losses).containsExactly(Cli.numbers(expected.path("losses")), within(1e-3));
    double[] after = Cli.column(score(output, ops), "sum");
    double[] wanted = Cli.numbers(expected.path("sum_logprob_after"));
    assertThat(after).hasSameSizeAs(wanted);
    for (int i = 0; i < wanted.length; i++) {
      assertThat(after[i])
          .as("row %d", i + 1)
          .isCloseTo(wanted[i], within(1e-3 * Math.max(1, Math.abs(wanted[i]))));
    }
  }

  @Test
  void greedyText() throws IOException {
    JsonNode reference = Cli.MAPPER.readTree(model.resolve("reference.json").toFile());
    for (JsonNode c : reference.path("cases")) {
      JsonNode ids = c.path("greedy_50_ids");
      String out =
          Cli.succeed(
              "generate",
              "--model=" + model,
              "--prompt=" + c.path("prompt").asText(),
              "--max-tokens=" + ids.size(),
              "--json");
      JsonNode found = Cli.MAPPER.readTree(out);
      assertThat(found.path("token_ids")).as(c.path("prompt").asText()).isEqualTo(ids);
      assertThat(found.path("finish_reason").asText()).isEqualTo("length");
    }
    JsonNode fromBos = reference.path("greedy_256_from_bos");
    String out =
        Cli.succeed("generate", "--model=" + model, "--prompt=", "--max-tokens=256", "--json");
    JsonNode found = Cli.MAPPER.readTree(out);
    assertThat(found.path("token_ids")).isEqualTo(fromBos.path("ids"));
    assertThat(found.path("text").asText().strip())
        .isEqualTo(fromBos.path("text").asText().strip());
  }

  @Test
  void storedGsm8kVerdicts() throws IOException {
    List<String> models =
        List.of("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification");
    List<Map<String, Object>> rows = new ArrayList<>();
    for (JsonNode row : Cli.rows(Cli.shared("data/gsm8k/example_model_solutions.jsonl"))) {
      for (String name : models) {
        rows.add(
            Map.of(
                "answer",
                row.path("ground_truth").asText(),
                "response",
                row.path(name).path("solution").asText(),
                "_stored",
                row.path(name).path("is_correct").asBoolean()));
      }
    }
    Path output = work.resolve("graded.jsonl");
    Path input = Cli.write(work.resolve("solutions.jsonl"), rows);
    Cli.succeed("grade", "--task=gsm8k", "--data=" + input, "--output=" + output);
    List<JsonNode> graded = Cli.rows(output);
    assertThat(graded).hasSize(5276);
    assertThat(graded)
        .allMatch(row -> row.path("correct").asBoolean() == row.path("_stored").asBoolean());
  }

  private Path data(String objective) {
    boolean pairs = objective.matches("(critical-)?dpo.*|ipo|rpo");
    return figures.resolve(pairs ? "pairs.jsonl" : "candidates.jsonl");
  }

  private List<JsonNode> score(Path scored, String ops) throws IOException {
    Path output = work.resolve(String.format(Locale.ROOT, "scores-%s.jsonl", ops));
    Cli.succeed(
        "score",
        "--model=" + scored,
        "--data=" + figures.resolve("score_input.jsonl"),
        "--output=" + output,
        "--ops=" + ops);
    return Cli.rows(output);
  }

  /** The option of an objective that the figures call beta. */
  private static String beta(String objective, double value) {
    var reads = Objectives.spec(objective).defaults();
    return reads.containsKey(Hyperparameter.BOUNDARY_MARGIN)
        ? "boundary-margin=" + value
        : reads.containsKey(Hyperparameter.BETA) ? "beta=" + value : "ops=fused";
  }
}
