package dev.plumbline.data.files;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Prompts;
import dev.plumbline.data.problem.Task;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.row.TrainingRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Reads and writes the JSONL rows of training files.
 *
 * <pre>
 *   {"prompt", "response"}                                          {@link Completion}
 *   {"prompt", "completion"}                                        {@link Completion}, TRL's names
 *   {"question", "answer"}                                          {@link Completion}, GSM8K's names
 *   {"prompt", "reference", "candidates": [{"response", "correct", "reward"}]}   {@link CandidateGroup}
 *   {"question", "reference", "candidates": [{"text", "score"}]}    {@link CandidateGroup}, ranked by a judge
 *   {"question", "ground_truth", NAME: {"solution", "is_correct"}}  {@link CandidateGroup}, GSM8K's example solutions
 *   {"prompt", "chosen", "rejected", "chosen_weights", "rejected_weights"}       {@link PreferencePair}
 * </pre>
 *
 * <p>Every text field has a variant with the suffix {@code _ids} that gives token ids; one of the
 * two is enough, and the ids take precedence. {@code _mask} has a 0 for every id that is context
 * only; {@code _steps} gives the number of ids up to the end of each step. An unknown key is an
 * error, because it is nearly always misspelt; {@code id} and keys that begin with {@code _} are
 * allowed everywhere.
 */
public final class TrainingRows {
  private static final Set<String> COMPLETION_KEYS = keys(Set.of("prompt", "response"), Set.of());
  private static final Set<String> GSM8K_KEYS = keys(Set.of(), Set.of("question", "answer"));
  private static final Set<String> GROUP_KEYS =
      keys(Set.of("prompt", "reference"), Set.of("candidates", "answer", "question", "seed"));
  private static final Set<String> RANKED_KEYS =
      keys(Set.of(), Set.of("question", "reference", "candidates"));
  private static final Set<String> CANDIDATE_KEYS =
      keys(
          Set.of("response"),
          Set.of("correct", "reward", "eos", "extracted", "logprob", "answer", "sum", "mean"));
  private static final Set<String> PAIR_KEYS =
      keys(Set.of("prompt", "chosen", "rejected"), Set.of("chosen_weights", "rejected_weights"));

  /** The beginning of the last line of GSM8K's example solutions. */
  private static final Pattern ANSWER_LINE = Pattern.compile("(?m)^A:[ \\t]*(?=[^\\n]*\\s*\\z)");

  private TrainingRows() {}

  private static Set<String> keys(Set<String> texts, Set<String> others) {
    Set<String> keys =
        new TreeSet<>(others); // sorted, so that error messages do not change between runs
    for (String text : texts) {
      for (String form : List.of("", "_ids", "_mask", "_steps")) {
        keys.add(text + form);
      }
    }
    return keys;
  }

  /**
   * Reads all rows of a file, in order; no row is left out.
   *
   * @throws UserError when the file is missing or empty, or a row is malformed
   */
  public static List<TrainingRow> read(Path jsonl) {
    return read(jsonl, false);
  }

  /**
   * The same; with {@code compared}, a candidate group without candidates is refused, too.
   *
   * @throws UserError when the file is missing or empty, or a row is malformed
   */
  public static List<TrainingRow> read(Path jsonl, boolean compared) {
    List<TrainingRow> rows = new ArrayList<>();
    for (RowFields fields : RowFields.of(jsonl)) {
      try {
        TrainingRow row = row(fields);
        if (compared && row instanceof CandidateGroup group && group.candidates().isEmpty()) {
          throw fields.error(
              "\"candidates\" is empty, but the objective compares candidates; remove the row or give it candidates.");
        }
        rows.add(row);
      } catch (IllegalArgumentException e) {
        throw fields.error(e.getMessage()); // a record refused its values; add their origin
      }
    }
    return rows;
  }

  /**
   * Reads {@code key}, {@code key_ids} or both, with their mask, from a row of any kind, with the
   * checks of training rows.
   *
   * @throws UserError when the field is missing or malformed
   */
  public static TokenText text(Path file, int line, ObjectNode row, String key) {
    return new RowFields(row, file, line, "").text(key);
  }

  private static TrainingRow row(RowFields fields) {
    fields.refuseForeignForms();
    if (fields.has("candidates")) {
      return fields.has("question") && !fields.hasText("prompt") ? ranked(fields) : group(fields);
    }
    if (fields.has("question") && fields.has("ground_truth") && fields.hasObject()) {
      return graded(fields);
    }
    if (fields.hasText("chosen") || fields.hasText("rejected")) {
      fields.allowOnly(PAIR_KEYS);
      return new PreferencePair(
          fields.text("prompt"),
          fields.text("chosen"),
          fields.text("rejected"),
          fields.floatsOrNull("chosen_weights"),
          fields.floatsOrNull("rejected_weights"));
    }
    if (fields.has("completion") && !fields.hasText("response")) { // TRL's name for it
      fields.allowOnly(Set.of("prompt", "completion"));
      return new Completion(fields.text("prompt"), fields.text("completion"));
    }
    if (fields.hasText("response")) {
      fields.allowOnly(COMPLETION_KEYS);
      return new Completion(fields.text("prompt"), fields.text("response"));
    }
    if (fields.has("question") && fields.has("answer")) {
      fields.allowOnly(GSM8K_KEYS);
      return new Completion(
          TokenText.ofText(Prompts.question(fields.string("question"))),
          TokenText.ofText(Prompts.response(fields.string("answer"))));
    }
    throw unrecognised(fields);
  }

  private static UserError unrecognised(RowFields fields) {
    Set<String> all = new TreeSet<>(COMPLETION_KEYS);
    all.addAll(GSM8K_KEYS);
    all.addAll(GROUP_KEYS);
    all.addAll(PAIR_KEYS);
    String unknown = fields.firstUnknown(all);
    if (unknown != null) {
      return fields.unknownKey(unknown, all);
    }
    return fields.error(
        "the row is neither a completion (prompt, response), a candidate group (prompt, candidates), a preference pair"
            + " (prompt, chosen, rejected) nor a GSM8K problem (question, answer, or ground_truth with graded solutions); add"
            + " the missing keys.");
  }

  private static CandidateGroup group(RowFields fields) {
    fields.allowOnly(GROUP_KEYS);
    List<Candidate> candidates = new ArrayList<>();
    for (RowFields item : fields.objects("candidates", "candidate")) {
      item.allowOnly(CANDIDATE_KEYS);
      TokenText response = item.text("response");
      boolean correct = item.bool("correct");
      candidates.add(
          item.has("reward")
              ? new Candidate(response, correct, item.number("reward"))
              : Candidate.of(response, correct));
    }
    return new CandidateGroup(
        fields.text("prompt"),
        fields.hasText("reference") ? fields.text("reference") : null,
        candidates);
  }

  /**
   * Ranking feedback from a judge: a score for every text. The reference's answer decides which
   * texts are correct; it has the form {@code #### n}, {@code The answer is X}, or a box.
   */
  private static CandidateGroup ranked(RowFields fields) {
    fields.allowOnly(RANKED_KEYS);
    String reference = fields.string("reference");
    Task task =
        Task.ofSolution(reference)
            .orElseThrow(
                () ->
                    fields.error(
                        "\"reference\" has no final answer; end it with \"#### n\", \"The answer is X\" or a box."));
    List<Candidate> candidates = new ArrayList<>();
    for (RowFields item : fields.objects("candidates", "candidate")) {
      item.allowOnly(Set.of("text", "score"));
      String text = item.string("text");
      candidates.add(
          new Candidate(
              TokenText.ofText(Prompts.response(text)),
              task.grade(task.answer(reference), text).correct(),
              item.number("score")));
    }
    return new CandidateGroup(
        TokenText.ofText(Prompts.question(fields.string("question"))),
        TokenText.ofText(Prompts.response(reference)),
        candidates);
  }

  /**
   * A question of {@code example_model_solutions.jsonl}, which OpenAI published with GSM8K: graded
   * solutions of several models by name. Their last line, {@code A: n}, becomes that of GSM8K's own
   * solutions, {@code #### n}. The questions are those of GSM8K's test set.
   */
  private static CandidateGroup graded(RowFields fields) {
    List<Candidate> candidates = new ArrayList<>();
    for (RowFields model : fields.objectsBut(Set.of("question", "ground_truth", "id"))) {
      model.allowOnly(Set.of("solution", "is_correct"));
      candidates.add(Candidate.of(solution(model.string("solution")), model.bool("is_correct")));
    }
    return new CandidateGroup(
        TokenText.ofText(Prompts.question(fields.string("question"))),
        solution(fields.string("ground_truth")),
        candidates);
  }

  private static TokenText solution(String text) {
    return TokenText.ofText(Prompts.response(ANSWER_LINE.matcher(text).replaceFirst("#### ")));
  }

  /**
   * Writes all rows and replaces the file atomically; {@link #read} returns equal rows.
   *
   * @throws UserError when the file cannot be written
   */
  public static void write(Path jsonl, Iterable<? extends TrainingRow> rows) {
    ObjectMapper mapper = Jsonl.mapper();
    try (Jsonl.Writer writer = Jsonl.writer(jsonl)) {
      for (TrainingRow row : rows) {
        writer.write(toJson(mapper, row));
      }
      writer.commit();
    }
  }

  private static ObjectNode toJson(ObjectMapper mapper, TrainingRow row) {
    ObjectNode json = mapper.createObjectNode();
    put(json, "prompt", row.prompt());
    if (row instanceof Completion completion) {
      put(json, "response", completion.response());
    } else if (row instanceof PreferencePair pair) {
      put(json, "chosen", pair.chosen());
      put(json, "rejected", pair.rejected());
      put(json, "chosen_weights", pair.chosenWeights());
      put(json, "rejected_weights", pair.rejectedWeights());
    } else if (row instanceof CandidateGroup group) {
      if (group.reference() != null) {
        put(json, "reference", group.reference());
      }
      ArrayNode list = json.putArray("candidates");
      for (Candidate candidate : group.candidates()) {
        ObjectNode item = list.addObject();
        put(item, "response", candidate.response());
        item.put("correct", candidate.correct()).put("reward", candidate.reward());
      }
    }
    return json;
  }

  private static void put(ObjectNode json, String key, TokenText text) {
    if (text.text() != null) {
      json.put(key, text.text());
    }
    put(json, key + "_ids", text.ids());
    if (text.scored() != null) {
      ArrayNode mask = json.putArray(key + "_mask");
      for (boolean scored : text.scored()) {
        mask.add(scored ? 1 : 0);
      }
    }
    put(json, key + "_steps", text.steps());
  }

  private static void put(ObjectNode json, String key, int[] values) {
    if (values != null) {
      ArrayNode list = json.putArray(key);
      for (int value : values) {
        list.add(value);
      }
    }
  }

  private static void put(ObjectNode json, String key, float[] weights) {
    if (weights != null) {
      ArrayNode list = json.putArray(key);
      for (float weight : weights) {
        list.add(weight);
      }
    }
  }
}
