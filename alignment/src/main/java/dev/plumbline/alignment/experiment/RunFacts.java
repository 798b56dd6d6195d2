package dev.plumbline.alignment.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.Version;
import dev.plumbline.tensor.kernel.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;

/** Where a run was made, and the files that decided its results. */
final class RunFacts {
  private RunFacts() {}

  /** Program and machine. */
  static Study.Fact environment() {
    return new Study.Fact(
        "Environment",
        "Plumbline "
            + Version.withCommit()
            + "; Java "
            + System.getProperty("java.runtime.version")
            + " on "
            + System.getProperty("os.name")
            + " "
            + System.getProperty("os.arch")
            + "; "
            + Workers.threads()
            + " threads");
  }

  /**
   * SHA-256 of the models and the training files of all trainings below a directory, as each
   * recorded them in its {@code run.json}. What cannot be read is left out: the figures matter
   * more.
   */
  static List<Study.Fact> hashes(Path output) {
    Map<String, String> models = new TreeMap<>();
    Map<String, String> data = new TreeMap<>();
    try (Stream<Path> files = Files.walk(output)) {
      for (Path file : files.filter(f -> f.endsWith("run.json")).sorted().toList()) {
        JsonNode run = RunFiles.readJson(file);
        if (run.path("command").asText().equals("train")) {
          add(models, output, run, "model");
          add(data, output, run, "data");
        }
      }
    } catch (IOException | UncheckedIOException e) {
      LoggerFactory.getLogger(RunFacts.class).warn("Hashes of {} are incomplete.", output, e);
    }
    List<Study.Fact> facts = new ArrayList<>();
    models.forEach((name, hash) -> facts.add(new Study.Fact("SHA-256 of model " + name, hash)));
    data.forEach((name, hash) -> facts.add(new Study.Fact("SHA-256 of " + name, hash)));
    return facts;
  }

  private static void add(Map<String, String> hashes, Path output, JsonNode run, String key) {
    Path file = Path.of(run.path(key).asText());
    Path shown = file.startsWith(output) ? output.relativize(file) : file;
    hashes.put(shown.toString(), run.path(key + "_sha256").asText());
  }
}
