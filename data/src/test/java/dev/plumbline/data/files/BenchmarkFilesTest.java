package dev.plumbline.data.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.Grade;
import dev.plumbline.data.problem.OptionGrader;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.problem.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Multiple choice and mathematics: small files in the published formats, and graded letters. */
class BenchmarkFilesTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void aqua() throws IOException {
    Problem p =
        ProblemFiles.read(
                file(
                    "aqua.json",
                    "{\"question\": \"2+3?\", \"options\": [\"A)4\", \"B)5\"],"
                        + " \"rationale\": \"2+3 = 5\\nAnswer: B\", \"correct\": \"B\"}\n"))
            .get(0);
    assertThat(p.task()).isEqualTo(Task.AQUA);
    assertThat(p.prompt()).isEqualTo("Question: 2+3?\nA) 4\nB) 5\nAnswer:");
    assertThat(p.target()).isEqualTo(" 2+3 = 5\nThe answer is B");
    assertThat(p.grade("so it is 5. The answer is (B).").correct()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "x = 5. Answer D # x = 5",
        "x = 5 ANSWER:E # x = 5",
        "x = 5 The correct option is b. # x = 5",
        "x = 5 CORRECT OPTION:OPTION E # x = 5",
        "x = 5 This gives us B # x = 5 This gives us B",
        "x = 5. E is the answer. # x = 5",
        "x = 5 Hence (B) is the correct choice # x = 5",
        "x = 5 Option B is correct # x = 5",
        "x = 5 The Answer is, B. # x = 5",
        "x = 5 so answer must be B. # x = 5",
        "x = 5\\nAnswer: A) 109 rolls # x = 5",
        "x = 5\\nANSWER A 8000 # x = 5",
        "x = 5\\nAnswer would be a multiple of 61 # x = 5 Answer would be a multiple of 61",
        "x = 5\\nAnswer B) is not it # x = 5 Answer B) is not it",
        "So 4 is the answer. # So 4 is the answer.",
        "The answer rose by 5 # The answer rose by 5"
      })
  void closingAnswersOfRationalesAreRemoved(String rationale, String body) throws IOException {
    Problem p =
        ProblemFiles.read(
                file(
                    "aqua.json",
                    "{\"question\": \"q\", \"options\": [\"A)4\", \"B)5\"], \"rationale\": \""
                        + rationale
                        + "\", \"correct\": \"A\"}\n"))
            .get(0);
    String expected = body + "\nThe answer is A";
    assertThat(p.solution().replace("5.\n", "5\n").replace("\nAns", " Ans")).isEqualTo(expected);
  }

  @Test
  void ecqaMathAndMmlu() throws IOException {
    Problem ecqa =
        ProblemFiles.read(
                file(
                    "e.jsonl",
                    "{\"id\": \"x\", \"question\": \"Where?\", \"choices\": {\"A\": \"sea\", \"B\": \"sky\"},"
                        + " \"answerKey\": \"A\", \"answer\": \"sea\", \"rationale\": \"Fish swim.\"}\n"))
            .get(0);
    assertThat(ecqa.solution()).isEqualTo("Fish swim.\nThe answer is A");
    assertThat(ecqa.options()).containsExactly("sea", "sky");
    Problem math =
        ProblemFiles.read(
                file(
                    "m.jsonl",
                    "{\"problem\": \"1/2?\", \"solution\": \"It is $\\\\boxed{\\\\frac12}$.\"}\n"))
            .get(0);
    assertThat(math.answer()).isEqualTo("\\frac12");
    assertThat(math.grade("\\boxed{0.5}").correct()).isTrue();
    Files.createDirectories(folder.resolve("mmlu"));
    Files.writeString(
        folder.resolve("mmlu/b_test.csv"), "\"Which, of these?\",one,two,three,\"f,our\",D\n");
    Files.writeString(folder.resolve("mmlu/a_test.csv"), "Why?,1,2,3,4,A\n");
    assertThat(ProblemFiles.read(folder.resolve("mmlu")))
        .extracting(Problem::answer)
        .containsExactly("A", "D");
    assertThat(ProblemFiles.read(folder.resolve("mmlu/b_test.csv")).get(0).options())
        .containsExactly("one", "two", "three", "f,our");
  }

  @Test
  void faultsNameFileAndLine() throws IOException {
    Path letter =
        file(
            "l.json",
            "{\"question\": \"q\", \"options\": [\"A)4\", \"B)5\"], \"rationale\": \"r\", \"correct\": \"E\"}\n");
    assertThatThrownBy(() -> ProblemFiles.read(letter))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("l.json, line 1")
        .hasMessageContaining("\"E\"");
    Path order =
        file(
            "o.json",
            "{\"question\": \"q\", \"options\": [\"B)4\", \"A)5\"], \"rationale\": \"r\", \"correct\": \"A\"}\n");
    assertThatThrownBy(() -> ProblemFiles.read(order))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("option 1 is \"B)4\"");
    Path unboxed = file("u.jsonl", "{\"problem\": \"q\", \"solution\": \"It is 5.\"}\n");
    assertThatThrownBy(() -> ProblemFiles.read(unboxed))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("boxes no answer");
    Path choices =
        file(
            "c.jsonl",
            "{\"question\": \"q\", \"choices\": {\"A\": \"x\", \"C\": \"y\"}, \"answerKey\": \"A\", \"answer\": \"x\"}\n");
    assertThatThrownBy(() -> ProblemFiles.read(choices))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("c.jsonl, line 1")
        .hasMessageContaining("\"choices\"");
    Path key =
        file(
            "k.jsonl",
            "{\"question\": \"q\", \"choices\": {\"A\": \"sea\", \"B\": \"sky\"}, \"answerKey\": \"B\", \"answer\": \"sea\"}\n");
    assertThatThrownBy(() -> ProblemFiles.read(key))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("k.jsonl, line 1")
        .hasMessageContaining("whose text is \"sky\"");
    Path flan = file("f.tsv", "q\\nOptions:\\n(A) 1\\n(B) 2\t(B)\tr\nq\\nOptions:\\n(A) 1\tr\n");
    assertThatThrownBy(() -> ProblemFiles.read(flan))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("f.tsv, line 2")
        .hasMessageContaining("separated by tabs");
    Path mmlu = file("m.csv", "Why?,1,2,3,4,A\nWhy?,1,2,3,4,E\n");
    assertThatThrownBy(() -> ProblemFiles.read(mmlu))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("m.csv, line 2")
        .hasMessageContaining("a letter from A to D");
    Path empty = Files.createDirectories(folder.resolve("none"));
    assertThatThrownBy(() -> ProblemFiles.read(empty))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no .csv file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      nullValues = "none",
      value = {
        "aqua # B # B",
        "ecqa # Fish swim. The answer is B # B",
        "mmlu # b # none",
        "mmlu # The answer is b # none",
        "aqua # BC # none",
        "math # \\frac12 # \\frac12",
        "math # so \\boxed{\\frac12}. # \\frac12",
        "math # '' # none",
        "gsm8k # 1,200 # 1,200",
        "gsm8k # so 12 # none",
        "gsm8k # many # none"
      })
  void goldIsASolutionOrItsAnswer(String task, String gold, String answer) {
    if (answer == null) {
      assertThatThrownBy(() -> Task.of(task).goldAnswer(gold))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("\"" + gold + "\"")
          .hasMessageContaining(task);
    } else {
      assertThat(Task.of(task).goldAnswer(gold)).isEqualTo(answer);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "The answer is B # B # B",
        "the answer is (B). # B # B",
        "The answer is: C) # C # C",
        "The answer is A. No, the answer is D # D # D",
        "The answer is Bob # null # null",
        "I think (C) # null # C",
        "A man gave Bob 5: B # null # B",
        "A man # null # null",
        "The answer is A triangle # null # null",
        "The answer is A because it fits # A # A",
        "The answer is (A) triangle # A # A",
        "(D). I think so # null # D",
        "the answer is I # I # I",
        "So it is A # null # A",
        "nothing # null # null"
      })
  void letters(String response, String strict, String flexible) {
    Grade grade = OptionGrader.grade("B", response);
    assertThat(String.valueOf(grade.extracted())).isEqualTo(strict);
    assertThat(String.valueOf(grade.extractedFlexible())).isEqualTo(flexible);
    assertThat(grade.correct()).isEqualTo("B".equals(strict));
  }
}
