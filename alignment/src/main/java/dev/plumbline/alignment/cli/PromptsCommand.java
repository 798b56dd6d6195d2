package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.Prompts;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.tokenizer.ChatTemplate;
import dev.plumbline.transformer.tokenizer.PromptFrame;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline prompts}. */
@Command(
    name = "prompts",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Shows or sets a model's prompt template, token by token.",
      "The prompt template is the text before and after the question. form=NAME stores it "
          + "in tokenizer_config.json of the model, which every command reads and training "
          + "passes on.",
      "",
      "  plain      Question: ... Answer: the default, the form of the data files",
      "  chat       the model's chat template; the question is the user's message",
      "  alpaca     instruction template without input, as in the code of RFT, RRHF",
      "  cdpo       Question: ... Answer: as in the critical-tokens code for GSM8K",
      "  cdpo-math  Problem: ... Solution: the same for MATH",
      "  mathcoder  the blocks of SCDPO's code; needs its eight special tokens",
      "",
      "From a prompt in the plain form the question is taken; any other prompt is the "
          + "question itself. Special tokens that a question spells out are encoded as text."
    })
final class PromptsCommand implements Callable<Integer> {
  private static final Map<String, String[]> FORMS = new LinkedHashMap<>(); // before, after, end

  static {
    FORMS.put(
        "alpaca",
        new String[] {
          "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
              + "### Instruction:\n",
          "\n\n### Response:",
          ""
        });
    FORMS.put("cdpo", new String[] {"Question: ", "\nAnswer: ", ""});
    FORMS.put("cdpo-math", new String[] {"Problem: ", "\nSolution: ", ""});
    FORMS.put(
        "mathcoder",
        new String[] {
          "<|system|><|text|><|endofblock|><|endofmessage|><|user|><|text|>",
          "<|endofblock|><|endofmessage|><|assistant|>",
          "<|endofmessage|>"
        });
  }

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
  private Path model;

  @Option(
      names = "--form",
      paramLabel = "NAME",
      description = "Template to store: a name from the list above.")
  private String form;

  @Option(
      names = "--system",
      paramLabel = "TEXT",
      description = "System message for form=chat (default: that of the template).")
  private String system;

  @Option(
      names = "--question",
      paramLabel = "TEXT",
      defaultValue = "What is 6 times 7?",
      description = "Question of the printed example (default: ${DEFAULT-VALUE}).")
  private String question;

  @Override
  public Integer call() {
    if (Lora.isAdapter(model)) {
      throw new UserError(
          "The directory "
              + model
              + " is an adapter, which has the prompt template of its base; name "
              + Lora.base(model)
              + ".");
    }
    if (system != null && !"chat".equals(form)) {
      throw new UserError("system can be given with form=chat only.");
    }
    LlamaConfig config = LlamaConfig.read(model);
    if (form != null) {
      PromptFrame frame = frame(config);
      if (frame != null) {
        check(frame, config);
      }
      PromptFrame.write(model, frame);
      RunFiles.changed(model, "tokenizer_config.json");
    }
    show(config);
    return 0;
  }

  private PromptFrame frame(LlamaConfig config) {
    if (form.equals("plain")) {
      return null;
    }
    String plain = Prompts.question("\0");
    int at = plain.indexOf('\0');
    PromptFrame usual =
        new PromptFrame(form, "", "", "", true, plain.substring(0, at), plain.substring(at + 1));
    if (form.equals("chat")) {
      PromptFrame chat = ChatTemplate.read(model).frame(system, usual);
      try (Tokenizer tokenizer = Tokenizer.read(model, config)) {
        return with(chat, chat.before(), chat.after(), tokenizer.firstSpecial(chat.end()));
      }
    }
    String[] texts = FORMS.get(form);
    if (texts == null) {
      throw new UserError(
          "There is no form '"
              + form
              + "'. The forms are plain, chat, "
              + String.join(", ", FORMS.keySet())
              + ".");
    }
    return with(usual, texts[0], texts[1], texts[2]);
  }

  private static PromptFrame with(PromptFrame frame, String before, String after, String end) {
    return new PromptFrame(
        frame.form(), before, after, end, frame.bos(), frame.usualBefore(), frame.usualAfter());
  }

  /**
   * Checks that the model has every special token of a template, and that the last one ends
   * responses.
   */
  private void check(PromptFrame frame, LlamaConfig config) {
    try (Tokenizer tokenizer = Tokenizer.read(model, config)) {
      Matcher names = Pattern.compile("<\\|\\w+\\|>").matcher(frame.before() + frame.after());
      while (!frame.form().equals("chat") && names.find()) {
        if (tokenizer.special(names.group()) < 0) {
          throw new UserError(
              "The form "
                  + frame.form()
                  + " needs the special token "
                  + names.group()
                  + ", which the tokenizer of "
                  + model
                  + " does not have.");
        }
      }
      int end = frame.end().isEmpty() ? -1 : tokenizer.special(frame.end());
      if (end >= 0 && !tokenizer.ends().ends().contains(end)) {
        throw new UserError(
            "Responses of the form "
                + frame.form()
                + " end with "
                + frame.end()
                + " ("
                + end
                + "), which neither eos_token_id of "
                + model.resolve("generation_config.json")
                + " nor another file of the model names, so that generation would continue behind it; add it there.");
      }
    }
  }

  private void show(LlamaConfig config) {
    try (Tokenizer tokenizer = Tokenizer.read(model, config)) {
      PromptFrame frame = tokenizer.frame();
      System.out.println("form: " + (frame == null ? "plain" : frame.form()));
      String prompt = Prompts.question(question);
      print(tokenizer, "prompt", tokenizer.encodePrompt(prompt));
      print(tokenizer, "response", tokenizer.encodeResponse(prompt, Prompts.response("42")));
    }
  }

  private static void print(Tokenizer tokenizer, String title, int[] ids) {
    System.out.printf("%n%s, %d tokens%n", title, ids.length);
    for (int id : ids) {
      System.out.printf("%8d  '%s'%n", id, tokenizer.token(id).replace("\n", "\\n"));
    }
  }
}
