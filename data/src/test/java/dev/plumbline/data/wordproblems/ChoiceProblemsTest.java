package dev.plumbline.data.wordproblems;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.data.problem.CalculatorCheck;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.wordproblems.WordProblems.Split;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChoiceProblemsTest {
  private static final Pattern FIRST = Pattern.compile("^(\\w+) has (?:\\w+ )?(\\d+) \\w+\\.");
  private static final Pattern COMPARED =
      Pattern.compile(
          "(\\w+) has (?:(?:gone|read|run) )?(?:(\\d+) (more|fewer)|(twice|half) as many) \\w+ (?:than|as) (\\w+)\\.");

  @Test
  void numbersKeepTheAnswerAmongFiveOptions() {
    List<Problem> words = WordProblems.of(3).train(1000);
    List<Problem> problems = ChoiceProblems.numbers(words);
    assertThat(problems).isEqualTo(ChoiceProblems.numbers(words)).hasSize(1000);
    Map<String, Long> letters =
        problems.stream().collect(Collectors.groupingBy(Problem::answer, Collectors.counting()));
    assertThat(letters).hasSize(5);
    for (int i = 0; i < problems.size(); i++) {
      Problem p = problems.get(i);
      assertThat(Set.copyOf(p.options())).hasSize(5);
      assertThat(p.options().get(p.answer().charAt(0) - 'A')).isEqualTo(words.get(i).answer());
      gradesItsOwnGold(p);
    }
  }

  @Test
  void thePersonWithTheMostOrTheFewestIsCorrect() {
    for (Problem p : ChoiceProblems.people(5, Split.TRAIN, 1000)) {
      Map<String, Integer> has = read(p.question());
      assertThat(has.keySet()).as(p.question()).isEqualTo(Set.copyOf(p.options()));
      int answer = has.get(p.options().get(p.answer().charAt(0) - 'A'));
      int extreme =
          p.question().contains(" the most ")
              ? has.values().stream().max(Integer::compare).orElseThrow()
              : has.values().stream().min(Integer::compare).orElseThrow();
      assertThat(answer).as(p.question()).isEqualTo(extreme);
      assertThat(has.values().stream().filter(n -> n == extreme)).hasSize(1);
      gradesItsOwnGold(p);
    }
  }

  /** Solves the question from its text, independently of the generator. */
  private static Map<String, Integer> read(String question) {
    Map<String, Integer> has = new HashMap<>();
    Matcher first = FIRST.matcher(question);
    assertThat(first.find()).as(question).isTrue();
    has.put(first.group(1), Integer.parseInt(first.group(2)));
    Matcher next = COMPARED.matcher(question);
    while (next.find()) {
      int than = has.get(next.group(5));
      int n =
          next.group(3) != null
              ? than + Integer.parseInt(next.group(2)) * (next.group(3).equals("more") ? 1 : -1)
              : next.group(4).equals("twice") ? 2 * than : than / 2;
      has.put(next.group(1), n);
    }
    return has;
  }

  private static void gradesItsOwnGold(Problem p) {
    assertThat(p.grade(p.solution()).correct()).as(p.toString()).isTrue();
    String wrong = p.answer().equals("A") ? "B" : "A";
    assertThat(p.grade("The answer is " + wrong).correct()).isFalse();
    assertThat(CalculatorCheck.check(p.solution()).wrong()).as(p.solution()).isZero();
  }

  @Test
  void splitsShareNoQuestion() {
    Set<String> train = questions(Split.TRAIN, 2000);
    Set<String> test = questions(Split.TEST, 500);
    assertThat(train).hasSize(2000);
    assertThat(test).hasSize(500).doesNotContainAnyElementsOf(train);
    assertThat(ChoiceProblems.people(1, Split.TEST, 5))
        .isEqualTo(ChoiceProblems.people(1, Split.TEST, 10).subList(0, 5));
  }

  private static Set<String> questions(Split split, int n) {
    Set<String> questions = new HashSet<>();
    ChoiceProblems.people(1, split, n).forEach(p -> questions.add(p.question()));
    return questions;
  }
}
