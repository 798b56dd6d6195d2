package dev.plumbline.transformer.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.transformer.jinja.Template;
import dev.plumbline.transformer.jinja.TemplateException;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's chat template in Jinja, as Hugging Face's libraries read it: {@code chat_template} of
 * {@code tokenizer_config.json}, or {@code chat_template.jinja}.
 *
 * @param directory of the model, for errors
 * @param source the template
 * @param bos text of the BOS token
 * @param eos text of the EOS token
 */
public record ChatTemplate(Path directory, String source, String bos, String eos) {
  /** Placeholders for the texts of user and model; no template changes or trims them. */
  private static final String QUESTION = "\uE000";

  private static final String ANSWER = "\uE001";

  /** The template of a model directory. */
  public static ChatTemplate read(Path directory) {
    Path file = directory.resolve("tokenizer_config.json");
    Path own = directory.resolve("chat_template.jinja");
    try {
      JsonNode config =
          Files.isRegularFile(file)
              ? new ObjectMapper().readTree(file.toFile())
              : new ObjectMapper().createObjectNode();
      String source =
          Files.isRegularFile(own) ? Files.readString(own) : source(config.path("chat_template"));
      if (source.isEmpty()) {
        throw new ModelException(
            "The model directory "
                + directory
                + " has no chat template, neither chat_template in tokenizer_config.json nor chat_template.jinja.");
      }
      return new ChatTemplate(
          directory,
          source,
          Tokenizer.named(config.path("bos_token")),
          Tokenizer.named(config.path("eos_token")));
    } catch (CharacterCodingException e) {
      throw new ModelException("The file " + own + " is not UTF-8; save it as UTF-8.");
    } catch (IOException e) {
      throw new ModelException(
          "The chat template of " + directory + " cannot be read: " + e.getMessage() + ".");
    }
  }

  /** Where there are several named templates, takes the default. */
  private static String source(JsonNode template) {
    for (JsonNode one : template) {
      if (one.path("name").asText().equals("default")) {
        return one.path("template").asText();
      }
    }
    return template.asText("");
  }

  /**
   * The texts that the template puts around a question and after a response.
   *
   * @param system first message, or null for the template's own
   * @param usual a frame whose usual texts are kept
   */
  public PromptFrame frame(String system, PromptFrame usual) {
    List<Map<String, String>> messages = new ArrayList<>();
    if (system != null) {
      messages.add(message("system", system));
    }
    messages.add(message("user", QUESTION));
    String prompt = render(messages, true);
    messages.add(message("assistant", ANSWER));
    String whole = render(messages, false);
    int question = prompt.indexOf(QUESTION);
    int answer = whole.indexOf(ANSWER);
    if (question < 0 || prompt.indexOf(QUESTION, question + 1) >= 0 || answer < 0) {
      throw error("does not show a question and a response once each");
    }
    String between = whole.substring(0, answer);
    if (!asksAsItTells(prompt, between)) {
      throw error(
          "puts '"
              + between.substring(Math.max(0, answer - 40))
              + "' before a response, and asks for one with '"
              + prompt.substring(Math.max(0, prompt.length() - 40))
              + "'; the second must begin with the first");
    }
    return new PromptFrame(
        "chat",
        prompt.substring(0, question),
        prompt.substring(question + QUESTION.length()),
        whole.substring(answer + ANSWER.length()),
        false,
        usual.usualBefore(),
        usual.usualAfter());
  }

  /**
   * Whether the generation prompt equals the text before a response, or continues it: templates of
   * reasoning models open {@code <think>} in the prompt only. Blanks at the end are ignored.
   */
  private static boolean asksAsItTells(String prompt, String between) {
    return between.startsWith(prompt) && between.substring(prompt.length()).isBlank()
        || prompt.startsWith(between.stripTrailing());
  }

  private static Map<String, String> message(String role, String content) {
    Map<String, String> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }

  /** Renders a conversation. */
  public String render(List<Map<String, String>> messages, boolean addGenerationPrompt) {
    Map<String, Object> variables = new LinkedHashMap<>();
    variables.put("messages", messages);
    variables.put("tools", null); // as Hugging Face's libraries do without tools
    variables.put("documents", null);
    variables.put("bos_token", bos);
    variables.put("eos_token", eos);
    variables.put("add_generation_prompt", addGenerationPrompt);
    try {
      return Template.parse(source).render(variables).text();
    } catch (TemplateException e) {
      throw error(e.getMessage());
    }
  }

  private ModelException error(String what) {
    return new ModelException("The chat template of " + directory + " " + what + ".");
  }
}
