package dev.plumbline.data.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.UserError;
import java.util.List;

/**
 * Recognises row formats of other programs that Plumbline does not read, and names them.
 * Conversations need the model's chat template, so their turns are not joined here: the model would
 * silently learn a prompt format that differs from its own.
 */
final class ForeignForms {
  private static final String PAIR = "{\"prompt\", \"chosen\", \"rejected\"}";
  private static final String COMPLETION = "{\"prompt\", \"response\"}";

  private ForeignForms() {}

  /** Refuses a row of a known foreign format; accepts any other row. */
  static void refuse(RowFields fields, ObjectNode row) {
    if (hasList(row, "chosen") || hasList(row, "rejected")) {
      throw turns(
          fields,
          "TRL's conversational preference pairs (\"chosen\" and \"rejected\" are lists of turns)",
          PAIR);
    }
    if (row.has("label") && row.has("completion")) {
      throw fields.error(
          "this row has TRL's unpaired preferences (prompt, completion, label), which Plumbline does not read; give"
              + " candidate groups {\"prompt\", \"candidates\": [{\"response\", \"correct\"}]}, with \"correct\" for"
              + " \"label\".");
    }
    if (hasList(row, "prompt") || hasList(row, "completion") || hasList(row, "response")) {
      throw turns(fields, "TRL's conversational form (\"prompt\" is a list of turns)", COMPLETION);
    }
    for (String key : List.of("messages", "conversations", "conversation")) {
      if (row.has(key)) {
        String name =
            key.equals("messages")
                ? "the form \"messages\" (OpenAI's and TRL's conversations, a list of turns)"
                : "the form \"" + key + "\" (ShareGPT's, a list of turns)";
        throw turns(fields, name, COMPLETION);
      }
    }
    if (row.has("instruction")) {
      throw fields.error(
          "this row has Alpaca's form (instruction, input, output), which Plumbline does not read; give "
              + COMPLETION
              + " with instruction and input in \"prompt\", in the model's prompt template, and the output in"
              + " \"response\".");
    }
    if (row.size() == 1 && row.has("text")) {
      throw fields.error(
          "this row has the language-modelling form {\"text\"}, which has no prompt; give "
              + COMPLETION
              + ".");
    }
  }

  private static boolean hasList(ObjectNode row, String key) {
    JsonNode value = row.get(key);
    return value != null && value.isArray();
  }

  private static UserError turns(RowFields fields, String name, String form) {
    return fields.error(
        "this row has "
            + name
            + ", which Plumbline does not read; write the turns as text with the model's chat template, and give "
            + form
            + ".");
  }
}
