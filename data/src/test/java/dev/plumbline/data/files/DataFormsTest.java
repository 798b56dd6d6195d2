package dev.plumbline.data.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.problem.Task;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.TokenText;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files in formats of other programs, compressed files, and hostile files. */
class DataFormsTest {
  @TempDir Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @ParameterizedTest(name = "[{index}] {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"prompt\": [{\"role\": \"user\", \"content\": \"Hi\"}], \"chosen\": [{\"role\": \"assistant\", \"content\": \"Yo\"}], \"rejected\": []} | TRL's conversational preference pairs",
        "{\"chosen\": [], \"rejected\": []} | TRL's conversational preference pairs",
        "{\"prompt\": [{\"role\": \"user\", \"content\": \"Hi\"}], \"completion\": []} | TRL's conversational form",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}]} | the form \"messages\"",
        "{\"conversations\": [{\"from\": \"human\", \"value\": \"Hi\"}]} | the form \"conversations\" (ShareGPT's",
        "{\"instruction\": \"Add.\", \"input\": \"1 2\", \"output\": \"3\"} | Alpaca's form",
        "{\"instruction\": \"Add.\", \"output\": \"3\"} | Alpaca's form",
        "{\"prompt\": \"p\", \"completion\": \"c\", \"label\": true} | TRL's unpaired preferences",
        "{\"text\": \"Once.\"} | language-modelling form",
      })
  void otherProgramsFormsAreNamed(String row, String name) throws IOException {
    Path file = file("rows.jsonl", "{\"prompt\": \"p\", \"response\": \"r\"}\n" + row + "\n");
    assertThatThrownBy(() -> TrainingRows.read(file))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("rows.jsonl, line 2: this row has ")
        .hasMessageContaining(name)
        .hasMessageContaining("give ");
  }

  @Test
  void trlsCompletionIsAResponse() throws IOException {
    Path file = file("trl.jsonl", "{\"prompt\": \"Say\", \"completion\": \" it\"}\n");
    assertThat(TrainingRows.read(file))
        .containsExactly(new Completion(TokenText.ofText("Say"), TokenText.ofText(" it")));
  }

  @Test
  void oneJsonArrayIsRead() throws IOException {
    Path rows =
        file(
            "rows.json",
            "\n[\n {\n  \"prompt\": \"p\",\n  \"chosen\": \"c\",\n  \"rejected\": \"r\"\n },\n"
                + " {\"prompt\": \"q\", \"response\": \"s\"}\n]\n");
    assertThat(TrainingRows.read(rows)).hasSize(2);
    Path problems =
        file("gsm.json", "[{\"question\": \"Two?\", \"answer\": \"It is 2.\\n#### 2\"}]");
    assertThat(ProblemFiles.read(problems))
        .containsExactly(new Problem("gsm-0", "Two?", "It is 2.\n#### 2", "2"));
    Path fault =
        file("fault.json", "[\n{\"prompt\": \"p\", \"response\": \"r\"},\n{\"prompt\": 3}\n]");
    assertThatThrownBy(() -> TrainingRows.read(fault)).hasMessageContaining("fault.json, line 3");
    for (String broken :
        List.of("[", "[{}", "[{},", "[3]", "[null]", "[{}] {}", "[[]]", "[{\"a\": 1, \"a\": 2}]")) {
      Path file = file("broken.json", broken);
      assertThatThrownBy(() -> TrainingRows.read(file))
          .as(broken)
          .isInstanceOf(UserError.class)
          .hasMessageContaining("broken.json")
          .hasMessageNotContainingAny("REDACTED", "StreamRead", "Source");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "50415231 | a Parquet file | to_json",
        "1f8b0800 | compressed by gzip | gunzip",
        "28b52ffd | compressed by zstd | zstd",
        "fd377a585a00 | compressed by xz | xz",
        "504b0304 | a zip archive | unzip",
        "425a683931 | compressed by bzip2 | bunzip2",
        "fffe5b00 | UTF-16 text | iconv",
      })
  void otherFormatsAreNamed(String magic, String name, String command) throws IOException {
    byte[] bytes = java.util.HexFormat.of().parseHex(magic + "00ff00");
    Path file = Files.write(folder.resolve("data.bin"), bytes);
    for (Function<Path, ?> reader :
        List.<Function<Path, ?>>of(TrainingRows::read, ProblemFiles::read)) {
      assertThatThrownBy(() -> reader.apply(file))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("data.bin is " + name)
          .hasMessageContaining(command)
          .hasMessageContaining("data.bin'");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "question,A,B,C,D,answer\\n1+1?,1,2,3,4,B",
        "1+1?,1,2,3,4,B",
        "0,1+1?,1,2,3,4,B",
        ",question,A,B,C,D,answer\\n0,1+1?,1,2,3,4,B",
        "subject,question,answer,A,B,C,D\\nsums,1+1?,B,1,2,3,4",
        "Question,A,B,C,D,Answer\\r\\n1+1?,1,2,3,4,B\\r\\n\\r\\n",
      })
  void mmluWithAHeaderOrNumbers(String text) throws IOException {
    Path file = file("sums_test.csv", text.replace("\\n", "\n").replace("\\r", "\r"));
    assertThat(ProblemFiles.read(file))
        .containsExactly(
            new Problem(
                "sums_test-0",
                Task.MMLU,
                "1+1?",
                List.of("1", "2", "3", "4"),
                "The answer is B",
                "B"));
  }

  @Test
  void mmluFieldsMayContainQuotesAndLineBreaks() throws IOException {
    Path file = file("x.csv", "question,A,B,C,D,answer\n\"He said \"\"a,\nb\"\"?\",1,2,3,4,A\n");
    assertThat(ProblemFiles.read(file).get(0).question()).isEqualTo("He said \"a,\nb\"?");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[{\"Body\":\"b\",\"Question\":\"q\",\"Equation\":\"1+1\",\"Answer\":1e400}] | largest number",
        "[{\"Body\":\"b\",\"Question\":\"q\",\"Equation\":\"1+1\",\"Answer\":-1e1000000000}] | largest number",
        "[{\"Body\":\"b\",\"Question\":\"q\",\"Equation\":\"1+1\",\"Answer\":NaN}] | not valid JSON",
        "[{\"Body\":\"b\",\"Question\":\"q\",\"Equation\":\"1+1\",\"Answer\":\"1e5\"}] | instead of a number",
        "{\"prompt\":\"p\",\"candidates\":[{\"response\":\"r\",\"correct\":true,\"reward\":1e999}]} | finite number",
        "{\"prompt\":\"p\",\"candidates\":[{\"response\":\"r\",\"correct\":true,\"reward\":NaN}]} | not valid JSON",
        "{\"prompt_ids\":[1],\"response_ids\":[1.5]} | \"response_ids\"[0]",
        "{\"prompt_ids\":[1],\"response_ids\":[\"7\"]} | \"response_ids\"[0]",
        "{\"prompt_ids\":[1],\"response_ids\":[true]} | \"response_ids\"[0]",
        "{\"prompt_ids\":[1],\"response_ids\":[null]} | \"response_ids\"[0]",
        "{\"prompt_ids\":[1],\"response_ids\":[2147483648]} | \"response_ids\"[0]",
        "{\"prompt_ids\":[1],\"response_ids\":[1e3]} | \"response_ids\"[0]",
        "{\"prompt_ids\":[1],\"candidates\":[{\"response_ids\":[1,2],\"response_mask\":[1],\"correct\":true}]} | candidate 1: \"response_mask\"",
        "{\"prompt_ids\":[1],\"chosen_ids\":[1,2],\"chosen_mask\":[1,0,1],\"rejected_ids\":[3]} | \"chosen_mask\"",
        "{\"prompt\":\"p\",\"response\":\"\\ud83d\"} | half of a surrogate pair",
      })
  void numbersIdsAndMasksAreChecked(String text, String reason) throws IOException {
    Path file = file("numbers.json", text);
    Function<Path, ?> reader = text.startsWith("[") ? ProblemFiles::read : TrainingRows::read;
    assertThatThrownBy(() -> reader.apply(file))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("numbers.json")
        .hasMessageContaining(reason)
        .hasMessageNotContainingAny("REDACTED", "ReadFeature", "Source");
  }

  @Test
  void anEmptyGroupIsReadAndRefusedWhereCandidatesAreCompared() throws IOException {
    Path file = file("empty.jsonl", "{\"prompt\": \"p\", \"candidates\": []}\n");
    assertThat(TrainingRows.read(file)).hasSize(1);
    assertThatThrownBy(() -> TrainingRows.read(file, true))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("empty.jsonl, line 1: \"candidates\" is empty");
  }

  @Test
  void deepAndLongInputsGiveAnErrorOrRows() throws IOException {
    String header = "Question,Numbers,Equation,Answer\n";
    int n = 100_000;
    refused("[".repeat(n), "nested");
    refused("{\"a\":".repeat(n), "nested");
    refused("{\"prompt\": " + "[".repeat(n), "nested");
    refused(
        header + "number0 ?,1," + "+ ".repeat(n) + "number0 " + "number0 ".repeat(n) + ",1\n",
        "terms");
    refused(header + "number0 ?," + "1 ".repeat(n) + "x,number0,1\n", "instead of a number");
    refused("{\"" + "k".repeat(2_000_000) + "\": 1}", "too long");
    refused("{\"" + "k".repeat(40_000) + "\": 1}", "is unknown");
    refused("[{\"question\": \"q\", \"answer\": \"" + "9".repeat(2_000_000) + "\"}]", "####");
    Path long1 =
        file("long.jsonl", "{\"prompt\": \"" + "p ".repeat(1_000_000) + "\", \"response\": \"r\"}");
    assertThat(TrainingRows.read(long1)).hasSize(1);
  }

  private void refused(String content, String reason) throws IOException {
    Path file = file("hostile.dat", content);
    long start = cpuNanos();
    assertThatThrownBy(() -> ProblemFiles.read(file))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("hostile.dat")
        .hasMessageContaining(reason)
        .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(1_000));
    assertThat((cpuNanos() - start) / 1e9).as("seconds for %s", reason).isLessThan(5);
  }

  @Test
  void missingFilesAndDirectoriesAreNamed() {
    assertThatThrownBy(() -> TrainingRows.read(folder))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is a directory");
    assertThatThrownBy(() -> TrainingRows.read(folder.resolve("no.jsonl")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("no.jsonl is not a file");
  }

  @Test
  void twiceTheFileTakesAboutTwiceTheTime() throws IOException {
    String row = "{\"question\": \"How many?\", \"answer\": \"It is <<1+1=2>>2.\\n#### 2\"}\n";
    Path small = file("small.jsonl", row.repeat(20_000));
    Path large = file("large.jsonl", row.repeat(40_000));
    ProblemFiles.read(small); // warms up
    double one = seconds(small);
    double two = seconds(large);
    System.out.printf("%d rows: %.2f s, twice as many: %.2f s%n", 20_000, one, two);
    assertThat(two).isLessThan(6 * one + 0.5);
    assertThat(Files.readString(small, StandardCharsets.UTF_8)).startsWith(row);
  }

  private static double seconds(Path file) {
    long start = cpuNanos();
    assertThat(ProblemFiles.read(file)).isNotEmpty();
    return (cpuNanos() - start) / 1e9;
  }

  /** Processor time of this thread, because other processes may use the machine. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
