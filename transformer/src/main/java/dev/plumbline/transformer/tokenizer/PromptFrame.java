package dev.plumbline.transformer.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.io.AtomicFile;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The prompt template of a model: the text before and after the question. It is stored in {@code
 * tokenizer_config.json}, so that every model trained from this one uses the same prompts. Special
 * tokens are recognised in the template, but not in a question.
 *
 * @param form its name
 * @param before text before the question
 * @param after text after the question; the response follows
 * @param end the special token that ends a response; empty = the model's EOS
 * @param bos whether a prompt begins with BOS if the tokenizer asks for it; a chat template
 *     contains its own
 * @param usualBefore text that Plumbline's commands put before a question, which is removed
 * @param usualAfter the same for the text after a question
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

  /** The template of a configuration, or null. */
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
   * The question of a prompt, without the usual text around it.
   *
   * @throws ModelException if the prompt continues after the usual text, because then it holds the
   *     beginning of a response
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
              + "…' holds the beginning of a response after '"
              + usualAfter.strip()
              + "', which cannot be converted to the form "
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

  /** Writes a template to a model directory; null removes it. */
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
