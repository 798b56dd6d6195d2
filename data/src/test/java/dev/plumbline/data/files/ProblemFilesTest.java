package dev.plumbline.data.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProblemFilesTest {
  private static final String HEADER = "Question,Numbers,Equation,Answer,group_nums,Body,Ques\n";

  @TempDir Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void readsGsm8k() throws IOException {
    Path file =
        file(
            "train.jsonl",
            """
            {"question": "Q1?", "answer": "So <<600*2=1200>>1200.\\n#### 1,200"}
            {"question": "Q2?", "answer": "#### 2.50", "id": "mine"}
            """);
    assertThat(ProblemFiles.read(file))
        .containsExactly(
            new Problem("train-0", "Q1?", "So <<600*2=1200>>1200.\n#### 1,200", "1200"),
            new Problem("mine", "Q2?", "#### 2.50", "2.5"));
  }

  @Test
  void gsm8kFaultsNameTheLine() throws IOException {
    Path noAnswer =
        file(
            "a.jsonl",
            "{\"question\": \"Q\", \"answer\": \"#### 1\"}\n{\"question\": \"Q\", \"answer\": \"1\"}\n");
    assertThatThrownBy(() -> ProblemFiles.read(noAnswer))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("a.jsonl, line 2")
        .hasMessageContaining("#### n");
    Path unknown = file("b.jsonl", "{\"question\": \"Q\", \"anwser\": \"#### 1\"}\n");
    assertThatThrownBy(() -> ProblemFiles.read(unknown))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("did you mean \"answer\"");
  }

  @Test
  void readsSvamp() throws IOException {
    Path file =
        file(
            "SVAMP.json",
            "[{\"ID\": \"chal-1\", \"Body\": \"A pack costs 76 dollars.\", \"Question\": \"How much for 3?\","
                + " \"Equation\": \"( 76.0 * 3.0 )\", \"Answer\": 228.0, \"Type\": \"Multiplication\"},"
                + " {\"ID\": \"chal-2\", \"Body\": \"B\", \"Question\": \"Q\","
                + " \"Equation\": \"( ( 22090603.0 + 0.5 ) - 0.5 )\", \"Answer\": 22090603.0}]");
    assertThat(ProblemFiles.read(file))
        .containsExactly(
            new Problem(
                "chal-1",
                "A pack costs 76 dollars. How much for 3?",
                "76*3 = <<76*3=228>>228\n#### 228",
                "228"),
            new Problem(
                "chal-2",
                "B Q",
                "((22090603+0.5)-0.5) = <<((22090603+0.5)-0.5)=22090603>>22090603\n#### 22090603",
                "22090603"));
    Path missing = file("x.json", "[{\"Body\": \"B\", \"Question\": \"Q\", \"Equation\": \"1\"}]");
    assertThatThrownBy(() -> ProblemFiles.read(missing))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("\"Answer\"");
  }

  @Test
  void readsCsvWithPlaceholders() throws IOException {
    Path file =
        file(
            "dev.csv",
            HEADER
                + "\"He has number0 dollars , spends number1 a month . After number2 months ?\",25000.0 1500.0 8.0,"
                + "- number0 * number1 number2,13000.0,\"[1, 2]\",\"a \"\"b\"\"\",c\n"
                + "Half of number0 ?,5,* number0 0.5,2.5,[],x,y\r\n");
    assertThat(ProblemFiles.read(file))
        .containsExactly(
            new Problem(
                "dev-0",
                "He has 25000 dollars , spends 1500 a month . After 8 months ?",
                "(25000-(1500*8)) = <<(25000-(1500*8))=13000>>13000\n#### 13000",
                "13000"),
            new Problem("dev-1", "Half of 5 ?", "5*0.5 = <<5*0.5=2.5>>2.5\n#### 2.5", "2.5"));
  }

  @Test
  void moreThanTenPlaceholdersAreDistinguished() throws IOException {
    Path file =
        file(
            "a.csv",
            HEADER
                + "number1 and number10 ?,1 2 3 4 5 6 7 8 9 10 11,+ number1 number10,13,[],x,y\n");
    assertThat(ProblemFiles.read(file).get(0).question()).isEqualTo("2 and 11 ?");
  }

  @Test
  void answerThatIsNotTheEquationsValueIsKept() throws IOException {
    Path file =
        file(
            "a.csv",
            HEADER + "How many teams of number1 from number0 ?,7 2,/ number0 number1,3,[],x,y\n");
    assertThat(ProblemFiles.read(file).get(0).solution()).isEqualTo("7/2 = <<7/2=3.5>>3.5\n#### 3");
  }

  @Test
  void csvFaultsNameTheLine() throws IOException {
    String good = "number0 ?,1,number0,1,[],\"two\nlines\",y\n";
    assertFault(HEADER + good + "number0 ?,1,number0\n", "line 4", "3 fields");
    assertFault(
        HEADER + good + "number0 number1 ?,1,number0,1,[],x,y\n", "line 4", "more placeholders");
    assertFault(HEADER + "number0 ?,1,+ number0,1,[],x,y\n", "line 2", "prefix form");
    assertFault(HEADER + "number0 ?,1,number0 number0,1,[],x,y\n", "line 2", "prefix form");
    assertFault(
        HEADER + "number0 ?,one,number0,1,[],x,y\n", "line 2", "\"one\" instead of a number");
    assertFault(HEADER + "\"number0 ?,1,number0,1,[],x,y\n", "line 2", "never closed");
    assertFault(HEADER + "\"number0\" ?,1,number0,1,[],x,y\n", "line 2", "after a closing quote");
    assertFault("Question,Numbers,Equation\nq,1,number0\n", "no column", "Answer");
    assertFault(HEADER, "no problem");
  }

  private void assertFault(String content, String... parts) throws IOException {
    Path file = file("fault.csv", content);
    assertThatThrownBy(() -> ProblemFiles.read(file))
        .isInstanceOf(UserError.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void otherContentIsRefused() throws IOException {
    Path text = file("a.txt", "some text\n");
    assertThatThrownBy(() -> ProblemFiles.read(text))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("some text");
    Path empty = file("b.txt", " \n");
    assertThatThrownBy(() -> ProblemFiles.read(empty))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("empty");
    Path broken = file("c.json", "[{");
    assertThatThrownBy(() -> ProblemFiles.read(broken))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("not valid JSON");
  }
}
