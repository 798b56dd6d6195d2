package dev.plumbline.data.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.row.TrainingRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingRowsTest {
  private static final long SEED = Long.getLong("plumbline.seed", System.nanoTime());

  @TempDir Path folder;

  private Path file(String... lines) throws IOException {
    return Files.writeString(folder.resolve("rows.jsonl"), String.join("\n", lines) + "\n");
  }

  @Test
  void readsEveryKind() throws IOException {
    Path file =
        file(
            "{\"prompt\": \"p\", \"response\": \"r\", \"id\": 7, \"_note\": {\"mine\": true}}",
            "{\"prompt_ids\": [1, 5], \"response_ids\": [6, 2]}",
            "{\"question\": \"How many?\", \"answer\": \"Two.\\n#### 2\"}",
            "{\"prompt\": \"p\", \"reference_ids\": [3], \"question\": \"q\", \"answer\": \"2\", \"seed\": 4, \"candidates\":"
                + " [{\"response\": \"a\", \"correct\": true, \"eos\": true, \"logprob\": -2.5},"
                + " {\"response_ids\": [4], \"correct\": false, \"reward\": 0.25, \"extracted\": null, \"sum\": 1, \"mean\": 1}]}",
            "{\"prompt\": \"p\", \"candidates\": [], \"reference\": null}",
            "{\"prompt\": \"p\", \"chosen_ids\": [1, 2], \"rejected\": \"x\", \"chosen_weights\": [0.5, 1]}");
    assertThat(TrainingRows.read(file))
        .containsExactly(
            new Completion(TokenText.ofText("p"), TokenText.ofText("r")),
            new Completion(TokenText.ofIds(1, 5), TokenText.ofIds(6, 2)),
            new Completion(
                TokenText.ofText("Question: How many?\nAnswer:"),
                TokenText.ofText(" Two.\n#### 2")),
            new CandidateGroup(
                TokenText.ofText("p"),
                TokenText.ofIds(3),
                List.of(
                    new Candidate(TokenText.ofText("a"), true, 1.0),
                    new Candidate(TokenText.ofIds(4), false, 0.25))),
            new CandidateGroup(TokenText.ofText("p"), null, List.of()),
            new PreferencePair(
                TokenText.ofText("p"),
                TokenText.ofIds(1, 2),
                TokenText.ofText("x"),
                new float[] {0.5f, 1f},
                null));
  }

  @Test
  void textAndIdsMayBothBeGiven() throws IOException {
    Path file = file("{\"prompt\": \"p\", \"prompt_ids\": [1], \"response\": \"r\"}");
    assertThat(TrainingRows.read(file).get(0).prompt())
        .isEqualTo(new TokenText("p", new int[] {1}));
  }

  @ParameterizedTest(name = "[{index}] {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"prompt\": \"p\", \"respnse\": \"r\"} | the key \"respnse\" is unknown; did you mean \"response\"",
        "{\"prompt\": \"p\", \"response\": \"r\", \"weight\": 1} | the key \"weight\" is unknown",
        "{\"prompt\": \"p\", \"choosen\": \"a\", \"rejected\": \"b\"} | did you mean \"chosen\"",
        "{\"prompt\": \"p\"} | add the missing keys",
        "{} | add the missing keys",
        "{\"response\": \"r\"} | \"prompt\" or \"prompt_ids\" is missing",
        "{\"prompt\": 3, \"response\": \"r\"} | \"prompt\" must be a string, not 3",
        "{\"prompt\": \"p\", \"response_ids\": 3} | \"response_ids\" must be a list, not 3",
        "{\"prompt\": \"p\", \"response_ids\": [1, 2.5]} | \"response_ids\"[1] must be a token id",
        "{\"prompt\": \"p\", \"response_ids\": [-1]} | \"response_ids\"[0] must be a token id",
        "{\"prompt\": \"p\", \"response_ids\": [9999999999]} | must be a token id",
        "{\"prompt\": \"p\", \"chosen\": \"a\"} | \"rejected\" or \"rejected_ids\" is missing",
        "{\"prompt\": \"p\", \"candidates\": 3} | \"candidates\" must be a list",
        "{\"prompt\": \"p\", \"candidates\": [3]} | \"candidates\"[0] must be an object",
        "{\"prompt\": \"p\", \"candidates\": [{\"response\": \"a\"}]} | candidate 1: \"correct\" must be true or false, not null",
        "{\"prompt\": \"p\", \"candidates\": [{\"response\": \"a\", \"correct\": 1}]} | must be true or false, not 1",
        "{\"prompt\": \"p\", \"candidates\": [{\"response\": \"a\", \"correct\": true, \"rward\": 1}]} | did you mean \"reward\"",
        "{\"prompt\": \"p\", \"candidates\": [{\"response\": \"a\", \"correct\": true, \"reward\": \"1\"}]} | finite number",
        "{\"prompt\": \"p\", \"chosen_ids\": [1, 2], \"rejected\": \"b\", \"chosen_weights\": [1]} | has 1 weights, but the chosen response has 2 tokens",
        "{\"prompt\": \"p\", \"chosen\": \"a\", \"rejected\": \"b\", \"chosen_weights\": [1e99]} | \"chosen_weights\"[0] must be a finite number, but is Infinity",
        "{\"prompt\": \"p\", \"chosen\": \"a\", \"rejected\": \"b\", \"chosen_weights\": [null]} | finite number, not null",
        "{\"prompt\": \"p\", \"response_ids\": [1, 2], \"response_mask\": [1]} | has 1 entries for 2 token ids",
        "{\"prompt\": \"p\", \"response_ids\": [1, 2], \"response_mask\": [1, 2]} | \"response_mask\"[1] must be 0 or 1, not 2",
        "{\"prompt\": \"p\", \"response_ids\": [1, 2], \"response_mask\": [0, 0]} | leaves no token to score",
        "{\"prompt\": \"p\", \"response\": \"r\", \"response_mask\": [1]} | there is only text",
        "{\"prompt\": \"p\", \"response_ids\": [1, 2], \"response_steps\": [2, 1]} | ascending order",
        "{\"prompt\": \"p\", \"response_ids\": [1, 2], \"response_steps\": [1]} | ends after 1 of 2 tokens",
        "{\"prompt\": \"p\", \"response_ids\": [1, 2], \"response_steps\": []} | ends after 0 of 2 tokens",
        "{\"prompt\": \"p\", \"prompt\": \"q\", \"response\": \"r\"} | Duplicate field 'prompt'",
        "{\"prompt\": \"p\", | is not valid JSON",
        "{\"prompt\": \"p\", \"response\": \"r\"} {} | is not valid JSON",
        "[1] | contains an array",
        "null | contains null",
        "`` | is blank",
      })
  void malformedRowsAreRefusedWithFileAndLine(String row, String reason) throws IOException {
    String good = "{\"prompt\": \"p\", \"response\": \"r\"}";
    Path file = file(good, row, good);
    assertThatThrownBy(() -> TrainingRows.read(file))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("rows.jsonl")
        .hasMessageContaining("line 2")
        .hasMessageContaining(reason);
  }

  @Test
  void emptyAndMissingFilesAreRefused() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n\n");
    assertThatThrownBy(() -> TrainingRows.read(empty))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is empty");
    assertThatThrownBy(() -> TrainingRows.read(folder.resolve("none.jsonl")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("none.jsonl is not a file");
    assertThatThrownBy(() -> TrainingRows.read(folder)).isInstanceOf(UserError.class);
    Path latin = Files.write(folder.resolve("latin.jsonl"), new byte[] {'{', (byte) 0xE9, '}'});
    assertThatThrownBy(() -> TrainingRows.read(latin))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("UTF-8");
  }

  @Test
  void byteOrderMarkWindowsLinesAndBlankEndAreRead() throws IOException {
    Path file = folder.resolve("windows.jsonl");
    Files.writeString(
        file,
        "\uFEFF{\"prompt\": \"p\", \"response\": \"r\"}\r\n{\"prompt\": \"p\", \"response\": \"s\"}\r\n\r\n");
    assertThat(TrainingRows.read(file)).hasSize(2);
  }

  @Test
  void randomRowsAreReadBackEqual() throws IOException {
    System.out.println("Training rows: replay with -Dplumbline.seed=" + SEED);
    Random random = new Random(SEED);
    List<TrainingRow> rows = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      rows.add(row(random));
    }
    Path file = folder.resolve("deep/er/rows.jsonl");
    TrainingRows.write(file, rows);
    assertThat(TrainingRows.read(file)).isEqualTo(rows);
    byte[] bytes = Files.readAllBytes(file);
    TrainingRows.write(file, TrainingRows.read(file));
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
  }

  @Test
  void judgesRowsAreGradedByTheFormOfTheirReference() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("judge.jsonl"),
            """
            {"question": "2+3?", "reference": "It is 5.\\n#### 5", "candidates": [{"text": "#### 5", "score": 9}, {"text": "#### 6", "score": 9}]}
            {"question": "Who?", "reference": "He. The answer is B", "candidates": [{"text": "The answer is B", "score": 1}, {"text": "The answer is C", "score": 2.5}]}
            {"question": "Half?", "reference": "\\\\boxed{\\\\frac12}", "candidates": [{"text": "\\\\boxed{0.5}", "score": 0}, {"text": "0.5", "score": -1}]}
            """);
    List<TrainingRow> rows = TrainingRows.read(file);
    for (TrainingRow row : rows) {
      assertThat(((CandidateGroup) row).candidates())
          .extracting(Candidate::correct)
          .containsExactly(true, false);
    }
    CandidateGroup second = (CandidateGroup) rows.get(1);
    assertThat(second.prompt().text()).isEqualTo("Question: Who?\nAnswer:");
    assertThat(second.candidates().get(1))
        .isEqualTo(new Candidate(TokenText.ofText(" The answer is C"), false, 2.5));
    Path open =
        Files.writeString(
            folder.resolve("open.jsonl"),
            "{\"question\": \"q\", \"reference\": \"It is 5.\", \"candidates\": []}\n");
    assertThatThrownBy(() -> TrainingRows.read(open))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("open.jsonl, line 1")
        .hasMessageContaining("has no final answer");
  }

  /** Rows with the keys of example_model_solutions.jsonl, which OpenAI published with GSM8K. */
  @Test
  void gradedSolutionsOfNamedModelsAreCandidates() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("example.jsonl"),
            """
            {"question": "2+3?", "ground_truth": "A: no.\\nIt is 5.\\nA: 5", "small": {"is_correct": false, "solution": "A: 6"}, "large": {"is_correct": true, "solution": "5\\nA: 5"}}
            """);
    CandidateGroup group = (CandidateGroup) TrainingRows.read(file).get(0);
    assertThat(group.prompt().text()).isEqualTo("Question: 2+3?\nAnswer:");
    assertThat(group.reference().text()).isEqualTo(" A: no.\nIt is 5.\n#### 5");
    assertThat(group.candidates())
        .containsExactly(
            Candidate.of(TokenText.ofText(" #### 6"), false),
            Candidate.of(TokenText.ofText(" 5\n#### 5"), true));
    Path other =
        Files.writeString(
            folder.resolve("other.jsonl"),
            "{\"question\": \"q\", \"ground_truth\": \"A: 5\", \"small\": {\"solution\": \"A: 6\"}}\n");
    assertThatThrownBy(() -> TrainingRows.read(other))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(
            "other.jsonl, line 1: \"small\": \"is_correct\" must be true or false");
  }

  private static TrainingRow row(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> new Completion(text(random), text(random));
      case 1 -> {
        List<Candidate> candidates = new ArrayList<>();
        for (int k = random.nextInt(4); k > 0; k--) {
          candidates.add(new Candidate(text(random), random.nextBoolean(), random.nextGaussian()));
        }
        yield new CandidateGroup(
            text(random), random.nextBoolean() ? text(random) : null, candidates);
      }
      default -> {
        TokenText chosen = text(random);
        TokenText rejected = text(random);
        yield new PreferencePair(
            text(random), chosen, rejected, weights(chosen, random), weights(rejected, random));
      }
    };
  }

  private static TokenText text(Random random) {
    String text = "t\u00e9\"\n\ud83d\ude00 " + random.nextInt();
    int[] ids = random.ints(random.nextInt(5), 0, 32_000).toArray();
    return switch (random.nextInt(3)) {
      case 0 -> TokenText.ofText(text);
      case 1 -> TokenText.ofIds(ids);
      default -> new TokenText(text, ids);
    };
  }

  private static float[] weights(TokenText text, Random random) {
    if (random.nextBoolean()) {
      return null;
    }
    float[] weights = new float[text.hasIds() ? text.ids().length : 3];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextFloat();
    }
    return weights;
  }
}
