package dev.plumbline.data.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.data.math.MathEquality;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The graders on tables of pairs by kind, with equal numbers of pairs that must and must not be
 * equal.
 */
class GraderTablesTest {
  @ParameterizedTest
  @MethodSource("answerPairs")
  void answers(String row) {
    String[] parts = row.split(" # ");
    boolean same = parts[0].equals("=");
    assertThat(MathEquality.same(parts[1], parts[2])).as(row).isEqualTo(same);
    assertThat(MathEquality.same(parts[2], parts[1])).as("swapped: %s", row).isEqualTo(same);
  }

  @ParameterizedTest
  @MethodSource("gradedResponses")
  void responses(String row) {
    String[] parts = row.split(" # ");
    Task task = Task.of(parts[0]);
    String response = parts[2].replace("\\n", "\n");
    Grade grade = task.grade(task.goldAnswer(parts[1]), response);
    check(parts[3].charAt(0), grade.correct(), "strictly, " + row + ": " + grade);
    check(parts[3].charAt(1), grade.correctFlexible(), "flexibly, " + row + ": " + grade);
  }

  private static void check(char verdict, boolean correct, String row) {
    if (verdict != '?') {
      assertThat(correct).as(row).isEqualTo(verdict == '+');
    }
  }

  /** A number never equals its negative, its double, its square, or a set or relation with it. */
  @Test
  void noAnswerEqualsItsNegativeOrItsDouble() {
    for (String number :
        List.of("7", "\\frac{3}{8}", "\\sqrt{11}", "2\\pi", "3e", "12!", "1.5e-4")) {
      assertThat(MathEquality.same(number, "-(" + number + ")")).as(number).isFalse();
      assertThat(MathEquality.same(number, "2(" + number + ")")).as(number).isFalse();
      assertThat(MathEquality.same(number, "(" + number + ")^2")).as(number).isFalse();
      assertThat(MathEquality.same(number, "\\{" + number + ",0\\}")).as(number).isFalse();
      assertThat(MathEquality.same(number, "x<" + number)).as(number).isFalse();
      assertThat(MathEquality.same(number, "x\\neq " + number)).as(number).isFalse();
    }
  }

  @Test
  void longResponsesTakeLinearTime() {
    for (String piece :
        List.of(
            "$",
            "\\(",
            "answer is ",
            "answer",
            " ",
            "\n",
            "answer: \n",
            "1 000 ",
            "1/",
            "1 1/2 ",
            "A ",
            "(",
            "\\frac{1}{2}",
            "#### 1",
            "{,}",
            "\\boxed{",
            "\\boxed 1",
            "The answer is A ",
            "option ",
            "*")) {
      String response = piece.repeat(400_000 / piece.length());
      long start = cpuNanos();
      for (Task task : List.of(Task.GSM8K, Task.MATH, Task.AQUA)) {
        task.grade(task == Task.AQUA ? "B" : "7", response);
      }
      assertThat((cpuNanos() - start) / 1e9).as("seconds for '%s'", piece).isLessThan(5);
    }
  }

  static Stream<String> answerPairs() {
    return rows("/answer-pairs.txt");
  }

  static Stream<String> gradedResponses() {
    return rows("/graded-responses.txt");
  }

  private static Stream<String> rows(String name) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                GraderTablesTest.class.getResourceAsStream(name), StandardCharsets.UTF_8))) {
      return reader.lines().filter(row -> !row.startsWith("//")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Processor time of this thread, because other processes may use the machine. */
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
