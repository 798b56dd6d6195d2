package dev.plumbline.transformer.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.safetensors.AtomicFile;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What stands around a question in a model's prompts, kept in its {@code tokenizer_config.json}, so
 * that whatever is trained from the model asks in the same way. The texts of special tokens in a
 * frame stand for these tokens; those in a question do not.
 *
 * @param form its name
 * @param before a question
 * @param after a question; the response follows
 * @param end the special token that ends a response; empty = the model's EOS
 * @param bos whether a prompt begins with BOS where the tokenizer says so; a chat template has its
 *     own
 * @param usualBefore what the programs put before a question, which is taken away
 * @param usualAfter the same behind it
 */
public record PromptFrame(
    String form,
    String before,
    String after,
    String end,
    boolean bos,
    String usualBefore,
    String usualAfter) {
  /** The key in {@code tokenizer_config.json}. */
  static final String KEY = "plumbline_prompts";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** The frame that a configuration has, or null. */
  static PromptFrame of(JsonNode config) {
    JsonNode frame = config.path(KEY);
    if (!frame.isObject()) {
      return null;
    }
    return new PromptFrame(
        frame.path("form").asText(),
        frame.path("before").asText(),
        frame.path("after").asText(),
        frame.path("end").asText(),
        frame.path("bos").asBoolean(true),
        frame.path("usual_before").asText(),
        frame.path("usual_after").asText());
  }

  /**
   * The question of a prompt: without the usual frame where it stands in one.
   *
   * @throws ModelException if the prompt goes on behind the usual frame: a response has begun
   */
  String question(String prompt) {
    int answer = usualBefore.isEmpty() ? -1 : prompt.indexOf(usualAfter);
    if (answer >= 0
        && prompt.startsWith(usualBefore)
        && !prompt.substring(answer + usualAfter.length()).isBlank()
        && !prompt.endsWith(usualAfter)) {
      throw new ModelException(
          "The prompt '"
              + prompt.substring(0, Math.min(60, prompt.length())).replace("\n", "\\n")
              + "…' holds the beginning of a response behind '"
              + usualAfter.strip()
              + "', which cannot be put into the form "
              + form
              + " as text; give prompt_ids, as 'plumbline pairs' does, or choose prompts form=plain.");
    }
    boolean usual =
        !usualBefore.isEmpty()
            && prompt.length() >= usualBefore.length() + usualAfter.length()
            && prompt.startsWith(usualBefore)
            && prompt.endsWith(usualAfter);
    String text =
        usual
            ? prompt.substring(usualBefore.length(), prompt.length() - usualAfter.length())
            : prompt;
    return text.strip();
  }

  /** Writes a frame into a model directory; null takes it away. */
  public static void write(Path directory, PromptFrame frame) {
    Path file = directory.resolve("tokenizer_config.json");
    if (frame == null && !Files.exists(file)) {
      return;
    }
    try {
      ObjectNode json =
          Files.isRegularFile(file) && MAPPER.readTree(file.toFile()) instanceof ObjectNode found
              ? found
              : MAPPER.createObjectNode();
      json.remove(KEY);
      if (frame != null) {
        json.putObject(KEY)
            .put("form", frame.form)
            .put("before", frame.before)
            .put("after", frame.after)
            .put("end", frame.end)
            .put("bos", frame.bos)
            .put("usual_before", frame.usualBefore)
            .put("usual_after", frame.usualAfter);
      }
      AtomicFile.write(file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The file " + file + " could not be changed: " + e.getMessage(), e);
    }
  }
}
