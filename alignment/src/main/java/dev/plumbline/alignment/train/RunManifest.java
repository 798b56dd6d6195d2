package dev.plumbline.alignment.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.SettingsJson;
import dev.plumbline.alignment.run.Version;
import dev.plumbline.data.UserError;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The identity of a training run: its settings and the hashes of its inputs. It is written to
 * {@code run.json}; its fingerprint decides whether a directory belongs to this run.
 */
final class RunManifest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Paths and other information for readers of run.json, which are not part of the identity. */
  private static final List<String> INCIDENTAL =
      List.of("plumbline", "model", "reference", "data", "settings");

  private final Map<String, Object> run;

  private RunManifest(Map<String, Object> run) {
    this.run = run;
  }

  /**
   * Creates the manifest of a run.
   *
   * @param reference hash of the reference model, or null if the objective has none
   */
  static RunManifest of(
      TrainSettings settings, Checkpoint checkpoint, ModelHash model, ModelHash reference) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("command", "train");
    run.put("plumbline", Version.current());
    run.put("model", settings.from().model().toString());
    run.put("model_sha256", model.weights());
    run.put("model_config_sha256", model.config());
    run.put("tokenizer_sha256", model.tokenizer());
    if (reference != null) {
      run.put("reference", settings.from().reference().toString());
      run.put("reference_sha256", reference.weights());
      run.put("reference_config_sha256", reference.config());
    }
    run.put("data", settings.rows().file().toString());
    run.put("data_sha256", RunFiles.sha256(settings.rows().file()));
    if (checkpoint.tokenizer().frame() != null) {
      run.put("prompts", checkpoint.tokenizer().frame().toString());
    }
    run.put("objective", settings.objective().name());
    run.put("identity", SettingsJson.identity(settings));
    run.put("settings", SettingsJson.of(settings));
    return new RunManifest(run);
  }

  String dataSha256() {
    return (String) run.get("data_sha256");
  }

  /** Writes {@code run.json}. */
  void write(Path output) {
    RunFiles.writeJson(output.resolve("run.json"), run);
  }

  /** Hash of everything that decides the result. */
  String fingerprint() {
    return fingerprint(run);
  }

  private static String fingerprint(Map<String, Object> run) {
    Map<String, Object> identity = new LinkedHashMap<>(run);
    identity.keySet().removeAll(INCIDENTAL);
    try {
      return RunFiles.sha256(MAPPER.writeValueAsString(identity).getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Settings could not be written as JSON.", e);
    }
  }

  /** Whether this run has started in a directory, even if its files are gone. */
  boolean began(Path output) {
    JsonNode present = RunFiles.readJson(output.resolve("run.json"));
    if (present == null || !present.isObject()) {
      return false;
    }
    if (!present.path("command").asText().equals("train")) {
      throw new UserError(
          "The directory "
              + output
              + " contains a run of '"
              + present.path("command").asText()
              + "'; choose another output or delete it.");
    }
    Map<String, Object> described =
        MAPPER.convertValue(present, new TypeReference<LinkedHashMap<String, Object>>() {});
    return fingerprint(described).equals(fingerprint());
  }
}
