package dev.plumbline.data.wordproblems;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.data.problem.CalculatorCheck;
import dev.plumbline.data.problem.Problem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Questions of one operation. */
class ArithmeticFactsTest {
  private static final Pattern QUESTION = Pattern.compile("What is (\\d+)([-+*/])(\\d+)\\?");
  private static final int MAX_OPERAND = 20;

  @Test
  void everyFactHoldsWithinTheLimitsAndEveryOperationIsDrawn() {
    Map<String, Integer> drawn = new HashMap<>();
    for (Problem fact : ArithmeticFacts.of(3, 4000, MAX_OPERAND)) {
      Matcher m = QUESTION.matcher(fact.question());
      assertThat(m.matches()).as(fact.question()).isTrue();
      int a = Integer.parseInt(m.group(1));
      int b = Integer.parseInt(m.group(3));
      int result =
          switch (m.group(2)) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            default -> a / b;
          };
      assertThat(fact.answer()).as(fact.question()).isEqualTo(Integer.toString(result));
      assertThat(fact.grade(fact.solution()).correct()).as(fact.solution()).isTrue();
      assertThat(CalculatorCheck.check(fact.solution()).allRight()).as(fact.solution()).isTrue();
      assertThat(m.group(2).equals("/") ? a % b : 0).as(fact.question()).isZero();
      assertThat(Math.min(Math.min(a, b), result)).as(fact.question()).isGreaterThanOrEqualTo(2);
      assertThat(Math.max(a, result))
          .as(fact.question())
          .isLessThanOrEqualTo((m.group(2).equals("*") ? 10 : 15) * MAX_OPERAND);
      drawn.merge(m.group(2), 1, Integer::sum);
    }
    assertThat(drawn).hasSize(4);
    assertThat(drawn.values()).allMatch(n -> n > 900); // 1000 expected, standard deviation 27
  }

  @Test
  void aShorterListIsAPrefixAndSeedsDiffer() {
    List<Problem> facts = ArithmeticFacts.of(0, 50, MAX_OPERAND);
    assertThat(ArithmeticFacts.of(0, 20, MAX_OPERAND)).isEqualTo(facts.subList(0, 20));
    assertThat(ArithmeticFacts.of(1, 50, MAX_OPERAND).stream().map(Problem::question))
        .isNotEqualTo(facts.stream().map(Problem::question).toList());
  }
}
