package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every {@code reproduce} command from start to end: {@code aft} on a model of two small layers,
 * the others on the embedded model, because they need correct solutions.
 */
class ReproduceRunTest {
  @TempDir Path work;

  @Test
  void aftFromModelAndData() throws IOException {
    Path model = Cli.tinyModel(work);
    Path output = work.resolve("aft");
    String[] command = {
      "reproduce",
      "aft",
      "parts=binary",
      "model=" + model,
      "data=" + work.resolve("problems/train.jsonl"),
      "test-data=" + work.resolve("problems/test.jsonl"),
      "output=" + output,
      "vft-epochs=1",
      "questions=12",
      "test-questions=6",
      "candidates=2",
      "seeds=1",
      "max-tokens=24"
    };
    String table = Cli.succeed(command);
    // A random model solves nothing: no pair, no assessment, no difference; the page must say so.
    assertThat(table).contains("VFT", "AFT-BC", "undecided", "not run");
    String page = Files.readString(output.resolve("report.html"));
    assertThat(page).contains("RRHF-BC").doesNotContain("NaN");
    String trained =
        Cli.MAPPER.readTree(output.resolve("vft/run.json").toFile()).path("model_sha256").asText();
    assertThat(trained).hasSize(64);
    assertThat(page).contains("SHA-256 of model", trained, "Environment", "Plumbline 0.1.0");
    JsonNode result = Cli.MAPPER.readTree(output.resolve("result.json").toFile());
    assertThat(result.path("tables").get(0).path("arms")).hasSize(1 + 14);
    assertThat(result.path("comparisons").size()).isGreaterThan(20);

    // An interrupted run resumes: only missing parts are computed again.
    Path lost = output.resolve("arms/aft-bc-seed-0");
    resumes(command, table, output, lost);

    Cli.Result other = Cli.run("reproduce", "aft", "output=" + output, "seeds=2");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("with other settings");
  }

  /** The demo opens with its tiles, and resumes where it was interrupted. */
  @Test
  void demoResumes() throws IOException {
    Path output = work.resolve("demo");
    String[] command = {
      "demo",
      "--quick",
      "output=" + output,
      "questions=20",
      "test-questions=8",
      "lessons=12",
      "candidates=2",
      "epochs=1"
    };
    String table = Cli.succeed(command);
    JsonNode result = Cli.MAPPER.readTree(output.resolve("result.json").toFile());
    JsonNode headline = result.path("figures").path("headlines").get(0);
    assertThat(headline.path("tiles")).hasSize(3);
    assertThat(headline.path("sentence").asText()).startsWith("Of 8 held-out questions, the model");
    Path lost = output.resolve("aft-bc");
    Files.delete(output.resolve("references.jsonl")); // written again from the same lessons
    resumes(command, table, output, lost);
  }

  /** Runs a command again after a model was lost: the same figures, and nothing else is made. */
  private static void resumes(String[] command, String table, Path output, Path lost)
      throws IOException {
    byte[] weights = Files.readAllBytes(lost.resolve("model.safetensors"));
    for (String file : List.of("result.json", "evaluation.json", "model.safetensors")) {
      Files.delete(lost.resolve(file));
    }
    Map<Path, FileTime> before = times(output);
    before.keySet().removeIf(file -> file.startsWith(lost)); // trained again
    String claims = table.substring(0, table.indexOf("\nmethod")); // times of training follow
    assertThat(Cli.succeed(command)).startsWith(claims);
    assertThat(Files.readAllBytes(lost.resolve("model.safetensors"))).isEqualTo(weights);
    Map<Path, FileTime> after = times(output);
    before.forEach((file, time) -> assertThat(after.get(file)).as(file.toString()).isEqualTo(time));
  }

  @Test
  void scdpoFromTheEmbeddedModel() throws IOException {
    Path output = work.resolve("scdpo");
    String[] command = {
      "reproduce",
      "scdpo",
      "--quick",
      "arms=dpo,data-equal,scdpo",
      "output=" + output,
      "vft-epochs=0",
      "questions=16",
      "test-questions=12",
      "pilot-questions=4",
      "attempts=4",
      "max-tries=4",
      "seeds=1",
      "epochs=1",
      "batch-size=1",
      "max-tokens=120"
    };
    String[] first = command.clone();
    first[3] = "arms=dpo";
    Cli.succeed(first); // the command adds the other arms
    FileTime trained =
        Files.getLastModifiedTime(output.resolve("chain/arms/dpo-seed-0/result.json"));
    String table = Cli.succeed(command);
    assertThat(Files.getLastModifiedTime(output.resolve("chain/arms/dpo-seed-0/result.json")))
        .isEqualTo(trained);
    assertThat(table)
        .contains("SCDPO solves more than DPO, chain of thought")
        .contains("A temperature of 1.4 solves fewer questions than one of 1")
        .contains("token rewards find the erroneous step")
        .contains("not run               SCDPO solves more than DPO on code-integrated solutions");
    JsonNode result = Cli.MAPPER.readTree(output.resolve("result.json").toFile());
    assertThat(result.path("tables").get(0).path("arms")).hasSize(1 + 3);
    assertThat(result.path("comparisons")).hasSize(2 * 4); // greedy and sampled
    assertThat(result.path("figures").path("texts").size()).isPositive();
    assertThat(output.resolve("chain/arms/scdpo-seed-0/credit.json")).exists();
    assertThat(result.path("figures").path("curves").findValuesAsText("title"))
        .contains("Do token rewards find the erroneous step?");
    // Nothing is computed again.
    Map<Path, FileTime> before = times(output);
    assertThat(Cli.succeed(command)).startsWith(table.substring(0, table.indexOf("\nReport:")));
    assertThat(times(output)).isEqualTo(before);
  }

  @Test
  void criticalTokensFromTheEmbeddedModel() throws IOException {
    Path output = work.resolve("critical");
    String[] command = {
      "reproduce",
      "critical-tokens",
      "output=" + output,
      "vft-epochs=0",
      "questions=12",
      "test-questions=8",
      "trajectories=2",
      "planted=6",
      "rollouts=4",
      "candidates=4",
      "sweep-betas=0,1",
      "seeds=1",
      "epochs=1",
      "max-tokens=120"
    };
    String table = Cli.succeed(command);
    assertThat(table)
        .contains("With the critical token a solution hardly ever recovers")
        .contains("in nine of ten solutions")
        .contains("Contrastive estimation agrees better with rollouts than random")
        .contains("critical-DPO solves more than RPO");
    JsonNode result = Cli.MAPPER.readTree(output.resolve("result.json").toFile());
    assertThat(result.path("tables").get(0).path("arms")).hasSize(1 + 8);
    assertThat(result.path("comparisons")).hasSize(8 + 7 + 1);
    assertThat(output.resolve("sweep/beta-0.0-seed-0/evaluation.json")).exists();
    Map<Path, FileTime> before = times(output);
    assertThat(Cli.succeed(command)).startsWith(table.substring(0, table.indexOf("\nReport:")));
    assertThat(times(output)).isEqualTo(before);
  }

  @Test
  void refusesHalfOfTheData() {
    Cli.Result result = Cli.run("reproduce", "aft", "data=train.jsonl");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--test-data");
  }

  /** Times of all models and evaluations. */
  private static Map<Path, FileTime> times(Path folder) throws IOException {
    Map<Path, FileTime> times = new HashMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file :
          files
              .filter(
                  f ->
                      f.endsWith("evaluation.json")
                          || f.endsWith("model.safetensors")
                          || f.toString().endsWith(".jsonl"))
              .toList()) {
        times.put(file, Files.getLastModifiedTime(file));
      }
    }
    return times;
  }
}
