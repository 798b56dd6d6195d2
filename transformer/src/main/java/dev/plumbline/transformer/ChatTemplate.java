package dev.plumbline.transformer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A model's chat template in Jinja, as Hugging Face's tools read it: {@code chat_template} of
 * {@code tokenizer_config.json}, or {@code chat_template.jinja}.
 *
 * @param directory of the model, for errors
 * @param source the template
 * @param bos text of the BOS token
 * @param eos text of the EOS token
 */
public record ChatTemplate(Path directory, String source, String bos, String eos) {
  /** Stand for what people and the model say; no template changes or trims them. */
  private static final String QUESTION = "\uE000";

  private static final String ANSWER = "\uE001";

  /** Methods of Python's strings by those of Java's. */
  private static final Map<String, String> METHODS =
      Map.of(
          ".startswith(", ".startsWith(",
          ".endswith(", ".endsWith(",
          ".lstrip(", ".stripLeading(",
          ".rstrip(", ".stripTrailing(",
          ".upper(", ".toUpperCase(",
          ".lower(", ".toLowerCase(");

  /** Jinja's "for ... if", of which Jinjava makes nothing at all. */
  private static final Pattern FILTERED =
      Pattern.compile("\\{%-?\\s*for\\s[^%]*\\sin\\s[^%]*\\sif\\s");

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
    } catch (IOException e) {
      throw new ModelException(
          "The chat template of " + directory + " cannot be read: " + e.getMessage() + ".");
    }
  }

  /** Several templates have names, of which one is the default. */
  private static String source(JsonNode template) {
    for (JsonNode one : template) {
      if (one.path("name").asText().equals("default")) {
        return one.path("template").asText();
      }
    }
    return template.asText("");
  }

  /**
   * What the template puts around a question and behind a response.
   *
   * @param system message to begin with, or null for the template's own
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
    if (!between.startsWith(prompt) || !between.substring(prompt.length()).isBlank()) {
      throw error(
          "puts '"
              + between.substring(Math.max(0, answer - 40))
              + "' before a response, and asks for one with '"
              + prompt.substring(Math.max(0, prompt.length() - 40))
              + "'; the two must be the same");
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

  private static Map<String, String> message(String role, String content) {
    Map<String, String> message = new LinkedHashMap<>();
    message.put("role", role);
    message.put("content", content);
    return message;
  }

  /** The template's text of a conversation. */
  public String render(List<Map<String, String>> messages, boolean addGenerationPrompt) {
    Jinjava jinja =
        new Jinjava(
            JinjavaConfig.newBuilder()
                .withNestedInterpretationEnabled(false) // what a template prints is text
                .withLegacyOverrides(
                    LegacyOverrides.newBuilder()
                        .withUsePyishObjectMapper(true)
                        .withParseWhitespaceControlStrictly(true)
                        .withUseNaturalOperatorPrecedence(true)
                        .withKeepNullableLoopValues(true)
                        .withEvaluateMapKeys(true)
                        .build())
                .build());
    jinja
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "raise_exception", ChatTemplate.class, "refuse", String.class));
    jinja
        .getGlobalContext()
        .registerFunction(
            new ELFunctionDefinition(
                "", "strftime_now", ChatTemplate.class, "today", String.class));
    Map<String, Object> context = new LinkedHashMap<>();
    context.put("messages", messages);
    context.put("bos_token", bos);
    context.put("eos_token", eos);
    context.put("add_generation_prompt", addGenerationPrompt);
    context.put("raise_exception", true); // functions are no variables here, and templates
    context.put("strftime_now", true); // ask whether they are defined
    if (FILTERED.matcher(source).find()) {
      throw error("has a loop 'for … in … if …', which is not supported; put the if inside");
    }
    RenderResult result = jinja.renderForResult(prepared(), context);
    for (TemplateError found : result.getErrors()) {
      Throwable cause = found.getException();
      while (cause != null && !(cause instanceof ModelException)) {
        cause = cause.getCause();
      }
      throw error("fails: " + (cause == null ? found.getMessage() : cause.getMessage()));
    }
    return result.getOutput();
  }

  /**
   * The template with the blanks that Hugging Face's settings take away taken away: those that a
   * minus sign asks for, those before a block that begins a line, and the line's end behind a block
   * (Jinja's {@code trim_blocks} and {@code lstrip_blocks}); and with Java's names of methods.
   */
  private String prepared() {
    String text =
        source
            .replaceAll("\\n$", "") // keep_trailing_newline is off
            .replaceAll("\\s*\\{([{%#])-", "{$1")
            .replaceAll("-([}%#])\\}\\s*", "$1}")
            .replaceAll("(?m)^[ \\t]+\\{([%#])", "{$1")
            .replaceAll("([%#])\\}\\n", "$1}")
            // "not" binds otherwise here.
            .replaceAll("\\bnot (\\w+) is defined\\b", "$1 is not defined")
            .replaceAll("\\bnot\\s+('[^']*'|\"[^\"]*\"|[\\w.]+)\\s+in\\b", "$1 not in");
    for (Map.Entry<String, String> method : METHODS.entrySet()) {
      text = text.replace(method.getKey(), method.getValue());
    }
    return text;
  }

  /** {@code raise_exception} of templates. */
  public static String refuse(String why) {
    throw new ModelException("it says '" + why + "'");
  }

  /** {@code strftime_now} of templates; the formats that they use. */
  public static String today(String format) {
    String pattern =
        format
            .replace("%d", "dd")
            .replace("%b", "MMM")
            .replace("%B", "MMMM")
            .replace("%m", "MM")
            .replace("%Y", "yyyy");
    return ZonedDateTime.now().format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
  }

  private ModelException error(String what) {
    return new ModelException("The chat template of " + directory + " " + what + ".");
  }
}
