package dev.plumbline.transformer.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.transformer.checkpoint.TinyModel;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Year;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Chat templates in the idioms of the published ones, and what frames make of prompts. */
class ChatTemplateTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Loops, filters, set, trim: Llama 3. */
  private static final String HEADERS =
      """
      {% set loop_messages = messages %}{% for message in loop_messages %}\
      {% set content = '<|h|>' + message['role'] + '<|/h|>\n\n' + message['content'] | trim + '<|eot|>' %}\
      {% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}\
      {% if add_generation_prompt %}{{ '<|h|>assistant<|/h|>\n\n' }}{% endif %}""";

  /** ChatML with its own system message, minus signs and indented blocks: Qwen2.5, InternLM2. */
  private static final String CHAT_ML =
      """
      {%- if tools %}
          {{- tools | tojson }}
      {%- else %}
          {%- if messages[0]['role'] == 'system' %}
              {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
          {%- else %}
              {{- '<|im_start|>system\\nBe brief.<|im_end|>\\n' }}
          {%- endif %}
      {%- endif %}
      {%- for message in messages %}
          {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
              {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
          {%- endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<|im_start|>assistant\\n' }}
      {%- endif %}
      """;

  /** Slices, exceptions, string methods: Llama 2, Mistral. */
  private static final String INST =
      """
      {% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}\
      {% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}\
      {% set system_message = false %}{% endif %}{% for message in loop_messages %}\
      {% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}\
      {{ raise_exception('Roles must alternate') }}{% endif %}\
      {% if loop.index0 == 0 and system_message != false %}\
      {% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}\
      {% else %}{% set content = message['content'] %}{% endif %}\
      {% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}\
      {% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}{% endfor %}""";

  /** Plain words, no tokens of its own: DeepSeek. */
  private static final String WORDS =
      """
      {% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}\
      {{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}\
      {{ 'User: ' + message['content'] + '\\n\\n' }}{% elif message['role'] == 'assistant' %}\
      {{ 'Assistant: ' + message['content'] + eos_token }}{% endif %}{% endfor %}\
      {% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}""";

  /** Definedness, a date, namespace, negative indices and Python's names: Llama 3.1 and later. */
  private static final String NEWER =
      """
      {{- bos_token }}
      {%- set ns = namespace(last=false) %}
      {%- if strftime_now is defined %}
          {%- set date_string = strftime_now("%Y") %}
      {%- endif %}
      {%- for message in messages %}
          {%- if message['content'].startswith('<tool>') %}
              {%- set ns.last = true %}
          {%- endif %}
          {{- date_string + '[' + message['role'] + ']' + message['content'].split('</think>')[-1].lstrip() + '[/]' }}
      {%- endfor %}
      {%- if add_generation_prompt and not ns.last and messages[-1].role == 'user' %}
          {{- date_string + '[assistant]' }}
      {%- endif %}
      """;

  @TempDir Path work;

  private static PromptFrame frame(String source, String system) {
    return new ChatTemplate(Path.of("model"), source, "<s>", "</s>")
        .frame(system, new PromptFrame("", "", "", "", true, "Question: ", "\nAnswer:"));
  }

  private static void check(String source, String before, String after, String end) {
    PromptFrame frame = frame(source, null);
    assertThat(frame.before()).isEqualTo(before);
    assertThat(frame.after()).isEqualTo(after);
    assertThat(frame.end()).isEqualTo(end);
  }

  @Test
  void commonTemplatesAreRendered() {
    check(HEADERS, "<s><|h|>user<|/h|>\n\n", "<|eot|><|h|>assistant<|/h|>\n\n", "<|eot|>");
    check(
        CHAT_ML,
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n",
        "<|im_end|>\n<|im_start|>assistant\n",
        "<|im_end|>\n");
    check(INST, "<s>[INST] ", " [/INST]", " </s>");
    check(WORDS, "<s>User: ", "\n\nAssistant:", "</s>");
    String year = String.valueOf(Year.now());
    check(NEWER, "<s>" + year + "[user]", "[/]" + year + "[assistant]", "[/]");
  }

  /**
   * As Jinja reads them: "not" of the whole, a text that looks like a template, the last newline.
   */
  @Test
  void readsAsJinjaDoes() {
    String said = "{% if not '<<SYS>>' in messages[0]['content'] %}S{% endif %}";
    String talk =
        "{% for m in messages %}[{{ m.content }}]{% endfor %}"
            + "{% if add_generation_prompt %}[{% endif %}";
    check(said + talk, "S[", "][", "]");
    check("{{ '{{ 1 + 1 }}{# no #}' }}" + talk, "{{ 1 + 1 }}{# no #}[", "][", "]");
    check(talk + "\n", "[", "][", "]");
    assertThat(frame(INST, "Set {# 1 #} {{x}}.").before())
        .isEqualTo("<s>[INST] <<SYS>>\nSet {# 1 #} {{x}}.\n<</SYS>>\n\n");
  }

  /** Reasoning models ask with an open thought, which a finished conversation does not show. */
  @Test
  void thePromptMayOpenAThought() {
    String thinker =
        "{% for m in messages %}{{ '<' + m.role + '>' + m.content.split('</think>')[-1] }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<assistant><think>\\n' }}{% endif %}";
    check(thinker, "<user>", "<assistant><think>\n", "");
  }

  /** What is trained in a conversation is marked, and printed as if it were not. */
  @Test
  void generationBlocksAreTheirText() {
    check(
        "{% for m in messages %}[{{ m.role }}]{% generation %}{{ m.content }}!{% endgeneration %}{% endfor %}"
            + "{% if add_generation_prompt %}[assistant]{% endif %}",
        "[user]", "![assistant]", "!");
  }

  @Test
  void aSystemMessageStandsWhereTheTemplatePutsIt() {
    assertThat(frame(CHAT_ML, "Think.").before())
        .isEqualTo("<|im_start|>system\nThink.<|im_end|>\n<|im_start|>user\n");
    assertThat(frame(INST, "Think.").before()).isEqualTo("<s>[INST] <<SYS>>\nThink.\n<</SYS>>\n\n");
  }

  @ParameterizedTest
  @CsvSource({
    "'{{ raise_exception(''No users here'') }}', No users here",
    "'{% for m in messages %}{{ m.role }}{% endfor %}', once each",
    "'{% for m in messages %}{{ m.content }}{% if m.role == ''user'' and not add_generation_prompt %}B{% endif %}{% endfor %}', must begin with the first",
    "'{{ messages[0].content }}{% for %}', was found where a name is expected",
    "'{{ messages[0].content }}{{ nobody.there }}', nobody",
    "'{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}', does not end within"
  })
  void whatCannotServeIsRefused(String source, String message) {
    assertThatThrownBy(() -> frame(source, null))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(message);
  }

  /** Special tokens of the frame are tokens, those that a question spells out are text. */
  @Test
  void aModelAsksInItsFrame() throws IOException {
    Path model = TinyModel.write(work);
    int[] plain = prompt(model, "Question: w5 </s> w6\nAnswer:");
    PromptFrame frame =
        new PromptFrame("chat", "<s>w10 ", " w11</s> w12", "", false, "Question: ", "\nAnswer:");
    PromptFrame.write(model, frame);
    assertThat(prompt(model, "Question: w5 </s> w6\nAnswer:"))
        .containsExactly(1, 10, 5, 3, 6, 11, 2, 12); // w3 stands for what is unknown
    assertThat(prompt(model, "w7")).containsExactly(1, 10, 7, 11, 2, 12);
    try (Tokenizer tokenizer = Tokenizer.read(model, TinyModel.config())) {
      assertThat(tokenizer.frame()).isEqualTo(frame);
      assertThat(tokenizer.encodeResponse("w5", " w8 w9")).containsExactly(8, 9, 2);
    }
    assertThatThrownBy(() -> prompt(model, "Question: w5\nAnswer: w6"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("beginning of a response");
    JsonKept.check(model);
    PromptFrame.write(model, null);
    assertThat(prompt(model, "Question: w5 </s> w6\nAnswer:")).containsExactly(plain);
  }

  /** What else stands in the file stays. */
  private static final class JsonKept {
    static void check(Path model) throws IOException {
      assertThat(
              MAPPER
                  .readTree(model.resolve("tokenizer_config.json").toFile())
                  .path("add_bos_token")
                  .asBoolean())
          .isTrue();
    }
  }

  private static int[] prompt(Path model, String text) {
    try (Tokenizer tokenizer = Tokenizer.read(model, TinyModel.config())) {
      return tokenizer.encodePrompt(text);
    }
  }

  @Test
  void templatesAreFoundWhereverTheyStand() throws IOException {
    Path file = work.resolve("tokenizer_config.json");
    assertThatThrownBy(() -> ChatTemplate.read(work)).hasMessageContaining("no chat template");
    ObjectNode json = MAPPER.createObjectNode();
    json.putObject("bos_token").put("content", "<b>");
    json.put("eos_token", "<e>");
    json.putArray("chat_template")
        .add(MAPPER.valueToTree(Map.of("name", "tool_use", "template", "no")))
        .add(MAPPER.valueToTree(Map.of("name", "default", "template", "{{ bos_token }}yes")));
    Files.writeString(file, json.toString());
    assertThat(ChatTemplate.read(work).render(List.of(), false)).isEqualTo("<b>yes");
    Files.writeString(work.resolve("chat_template.jinja"), "own{{ eos_token }}");
    assertThat(ChatTemplate.read(work).render(List.of(), false)).isEqualTo("own<e>");
    Files.write(work.resolve("chat_template.jinja"), new byte[] {'a', (byte) 0xff});
    assertThatThrownBy(() -> ChatTemplate.read(work)).hasMessageContaining("is not UTF-8");
  }
}
