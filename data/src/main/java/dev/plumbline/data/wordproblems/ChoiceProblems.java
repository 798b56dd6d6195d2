package dev.plumbline.data.wordproblems;

import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.problem.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Generated problems with options, in the forms of AQuA (choose a number; Ling et al. 2017) and of
 * ECQA (choose a person; Aggarwal et al. 2021), easy enough for the model of {@link WordProblems}.
 * The same seed gives the same bytes; two splits never share equations.
 */
public final class ChoiceProblems {
  private static final int OPTIONS = 5;
  private static final int PEOPLE = 3;
  private static final Pattern RESULT = Pattern.compile("=(\\d+)>>");

  private ChoiceProblems() {}

  /**
   * Turns word problems into problems with five options: the answer, intermediate results, and
   * numbers near the answer. The solution keeps its steps and ends with the letter.
   */
  public static List<Problem> numbers(List<Problem> words) {
    return words.stream().map(ChoiceProblems::number).toList();
  }

  private static Problem number(Problem words) {
    Random random =
        new Random(
            words.question().hashCode()); // the documentation of both classes fixes the result
    int answer = Integer.parseInt(words.answer());
    Set<Integer> values = new LinkedHashSet<>(List.of(answer));
    for (String between :
        RESULT.matcher(words.solution()).results().map(r -> r.group(1)).toList()) {
      if (values.size() < OPTIONS - 1) { // at least one number that is only near
        values.add(Integer.parseInt(between));
      }
    }
    while (values.size() < OPTIONS) {
      values.add(Math.max(1, answer + random.nextInt(21) - 10));
    }
    List<String> options = values.stream().sorted().map(v -> Integer.toString(v)).toList();
    String steps = words.solution().substring(0, words.solution().lastIndexOf("\n####"));
    return choice(
        "numbers-" + words.id(),
        Task.AQUA,
        words.question(),
        options,
        steps,
        options.indexOf(words.answer()));
  }

  /**
   * Problems about three people, one of whom has the most or the fewest things: the number of the
   * first is given, each other person is compared with the one before. The options are their names.
   */
  public static List<Problem> people(long seed, WordProblems.Split split, int n) {
    List<Problem> problems = new ArrayList<>(n);
    Set<String> questions = new HashSet<>();
    List<Story> stories = Story.all();
    for (long index = 0; problems.size() < n; index++) {
      Comparison drawn = new Comparison(stories, WordProblems.random(seed, index));
      if (drawn.fits()
          && WordProblems.Split.of(drawn.key()) == split
          && questions.add(drawn.question())) {
        problems.add(
            choice(
                "people-" + seed + "-" + split.label() + "-" + problems.size(),
                Task.ECQA,
                drawn.question(),
                drawn.names,
                String.join("\n", drawn.solution),
                drawn.answer()));
      }
    }
    return problems;
  }

  private static Problem choice(
      String id, Task task, String question, List<String> options, String steps, int answer) {
    String letter = String.valueOf((char) ('A' + answer));
    return new Problem(id, task, question, options, steps + "\nThe answer is " + letter, letter);
  }

  /** One unfinished question about people. */
  private static final class Comparison {
    private static final int LARGEST = 200;

    private final List<String> names;
    private final List<String> solution = new ArrayList<>();
    private final StringBuilder question = new StringBuilder();
    private final StringBuilder key = new StringBuilder();
    private final int[] has = new int[PEOPLE];
    private final boolean most;

    Comparison(List<Story> stories, Random random) {
      Story story = stories.get(random.nextInt(stories.size()));
      names = Cast.names(PEOPLE, random);
      List<Integer> order = new ArrayList<>(List.of(0, 1, 2));
      Collections.shuffle(order, random); // the options have another order
      int first = order.get(0);
      has[first] = 4 + random.nextInt(60);
      question.append(names.get(first)).append(' ').append(story.has());
      question.append(' ').append(has[first]).append(' ').append(story.items()).append('.');
      key.append(has[first]);
      for (int i = 1; i < PEOPLE; i++) {
        compare(story, order.get(i), order.get(i - 1), random);
      }
      most = random.nextBoolean();
      question.append(" Who ").append(story.has()).append(most ? " the most " : " the fewest ");
      question.append(story.items()).append('?');
      solution.add(
          "The "
              + (most ? "most" : "least")
              + " is "
              + has[answer()]
              + " for "
              + names.get(answer())
              + ".");
    }

    private void compare(Story story, int who, int than, Random random) {
      int form = random.nextInt(4);
      int b = 2 + random.nextInt(20);
      String says =
          switch (form) {
            case 0 -> b + " more " + story.items() + " than ";
            case 1 -> b + " fewer " + story.items() + " than ";
            case 2 -> "twice as many " + story.items() + " as ";
            default -> "half as many " + story.items() + " as ";
          };
      int a = has[than];
      char sign = "+-*/".charAt(form);
      int by = form < 2 ? b : 2;
      has[who] =
          form == 0 ? a + by : form == 1 ? a - by : form == 2 ? a * by : a % 2 == 0 ? a / by : 0;
      String told = names.get(who) + " " + story.has() + " ";
      question.append(' ').append(told).append(says).append(names.get(than)).append('.');
      String equation = a + "" + sign + by + "=" + has[who];
      key.append('|').append(equation);
      solution.add(told + "<<" + equation + ">>" + has[who] + " " + story.items() + ".");
    }

    /** Whether all people have something and no two have the same number. */
    boolean fits() {
      Set<Integer> different = new HashSet<>();
      for (int n : has) {
        if (n < 1 || n > LARGEST || !different.add(n)) {
          return false;
        }
      }
      return true;
    }

    int answer() {
      int best = 0;
      for (int i = 1; i < PEOPLE; i++) {
        best = (most ? has[i] > has[best] : has[i] < has[best]) ? i : best;
      }
      return best;
    }

    String question() {
      return question.toString();
    }

    String key() {
      return key.toString();
    }
  }
}
