package dev.plumbline.data.wordproblems;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * An unfinished problem: the sentences of its question and solution, and the number of things that
 * the hero has.
 */
final class Draft {
  private final Story setting;
  private final int maxOperand;
  private final Random random;
  private final Cast cast;
  private final List<String> sentences = new ArrayList<>();
  private final List<String> solution = new ArrayList<>();
  private final List<String> equations = new ArrayList<>();
  private final Set<Integer> used = new HashSet<>();
  private int value;
  private int sentencesBeforeEnding;
  private boolean even = true;

  Draft(Story setting, int maxOperand, Random random) {
    this.setting = setting;
    this.maxOperand = maxOperand;
    this.random = random;
    this.cast = Cast.draw(random);
  }

  /** Appends the opening or a middle step and draws numbers that fit the current value. */
  void add(String kind) {
    String now = "Now {N} " + setting.has();
    switch (kind) {
      case "start" -> {
        value = draw(4, 3 * maxOperand);
        tell(setting.line(kind, random), "{a}", value);
      }
      case "product" -> value = product(kind, "{N} starts with");
      case "sum" -> {
        int a = draw(3, 2 * maxOperand);
        int b = draw(3, 2 * maxOperand);
        tell(setting.line(kind, random).replace("{a}", Integer.toString(a)), "{b}", b);
        value = step("{N} starts with", a, '+', b);
      }
      case "gain" -> {
        int b = draw(2, 2 * maxOperand);
        tell(setting.line(kind, random), "{b}", b);
        value = step(now, value, '+', b);
      }
      case "lose" -> {
        int b = draw(2, Math.min(2 * maxOperand, value - 1));
        tell(setting.line(kind, random), "{b}", b);
        value = step(now, value, '-', b);
      }
      case "gainProduct" -> value = step(now, value, '+', product(kind, "The new part is"));
      case "loseProduct" -> value = step(now, value, '-', product(kind, "The lost part is"));
      case "half" -> {
        sentences.add(setting.line(kind, random));
        value = step("Half is", value, '/', 2);
      }
      case "third" -> {
        sentences.add(setting.line(kind, random));
        value = step(now, value, '-', step("A third is", value, '/', 3));
      }
      default ->
          throw new IllegalArgumentException("\"" + kind + "\" is not an opening or middle step.");
    }
  }

  private int product(String kind, String says) {
    int a = draw(2, Math.min(12, maxOperand));
    int b = draw(2, maxOperand);
    tell(setting.line(kind, random).replace("{a}", Integer.toString(a)), "{b}", b);
    return step(says, a, '*', b);
  }

  /** Appends the ending: the question, and the steps that only the question requires. */
  void end(String kind) {
    sentencesBeforeEnding = sentences.size();
    String items = setting.items();
    switch (kind) {
      case "ask" ->
          sentences.add(setting.line(kind, random, "How many " + items + " does {N} have now?"));
      case "goal" -> {
        int goal = draw(value + 2, value + 2 * maxOperand);
        tell(setting.line(kind, random), "{g}", goal);
        value = step("What is missing is", goal, '-', value);
      }
      case "split" -> {
        int[] divisors =
            IntStream.rangeClosed(2, 12).filter(c -> value % c == 0 && c < value).toArray();
        even &= divisors.length > 0;
        int parts = even ? divisors[random.nextInt(divisors.length)] : 1;
        tell(setting.line(kind, random), "{c}", parts);
        value = step("Each gets", value, '/', parts);
      }
      case "sell" -> {
        int price = draw(2, Math.max(3, maxOperand / 4));
        tell(setting.line(kind, random), "{p}", price);
        value = step("{N} makes", value, '*', price, "dollars");
      }
      case "profit" -> profit();
      case "other" -> {
        value = compare(random.nextInt(8));
        sentences.add(setting.line("askOther", random, "How many " + items + " does {M} have?"));
      }
      case "otherTotal" -> {
        int hero = value;
        value = step("Together that is", hero, '+', compare(random.nextInt(8)));
        sentences.add(
            setting.line("total", random, "How many " + items + " do {N} and {M} have in all?"));
      }
      case "otherDifference" -> difference();
      default -> throw new IllegalArgumentException("\"" + kind + "\" is not an ending.");
    }
  }

  private void profit() {
    int cost = draw(2, 2 * maxOperand);
    int price = draw(2, Math.max(3, maxOperand / 4));
    tell(setting.line("cost", random), "{k}", cost);
    String sale = setting.line("sell", random);
    tell(
        sale.substring(0, sale.indexOf("How much")) + "How many dollars are left after the cost?",
        "{p}",
        price);
    int revenue = step("{N} makes", value, '*', price, "dollars");
    value = step("After the cost there are", revenue, '-', cost, "dollars");
  }

  private void difference() {
    int hero = value;
    // Only multiples and halves: with "5 more than" the question would already state the
    // difference.
    int other = compare(random.nextInt(4));
    boolean heroHasMore = hero > other;
    value = step("The difference is", Math.max(hero, other), '-', Math.min(hero, other));
    String asked = heroHasMore ? "does {N} have than {M}" : "does {M} have than {N}";
    sentences.add("How many more " + setting.items() + " " + asked + "?");
  }

  /**
   * Appends how many things the other person has. The last two forms state the comparison in
   * reverse, so that the sign is easily mistaken.
   */
  private int compare(int form) {
    String items = setting.items();
    String has = setting.has().equals("has") ? "now has" : setting.has();
    String says = "{M} " + setting.has();
    if (form < 4) {
      String times = List.of("twice", "three times", "four times", "half").get(form);
      sentences.add("{M} " + has + " " + times + " as many " + items + " as {N}.");
      return form == 3 ? step(says, value, '/', 2) : step(says, value, '*', form + 2);
    }
    boolean otherHasMore = form % 2 == 0;
    int b = draw(2, otherHasMore ? maxOperand : Math.min(maxOperand, value - 1));
    String text =
        switch (form) {
          case 4 -> "{M} " + has + " {b} more " + items + " than {N}.";
          case 5 -> "{M} " + has + " {b} fewer " + items + " than {N}.";
          case 6 -> "{N} " + has + " {b} fewer " + items + " than {M}.";
          default -> "{N} " + has + " {b} more " + items + " than {M}.";
        };
    tell(text, "{b}", b);
    return step(says, value, otherHasMore ? '+' : '-', b);
  }

  /** Draws a number of the question; an empty range makes the draft invalid. */
  private int draw(int low, int high) {
    if (high < low) {
      even = false;
      return low;
    }
    int drawn = low + random.nextInt(high - low + 1);
    used.add(drawn);
    return drawn;
  }

  private void tell(String sentence, String placeholder, int number) {
    sentences.add(sentence.replace(placeholder, Integer.toString(number)));
  }

  private int step(String says, int a, char operator, int b) {
    return step(says, a, operator, b, setting.items());
  }

  /**
   * Appends one line of the solution; a result that is not a positive integer within the limits
   * makes the draft invalid.
   */
  private int step(String says, int a, char operator, int b, String items) {
    int result =
        switch (operator) {
          case '+' -> a + b;
          case '-' -> a - b;
          case '*' -> a * b;
          default -> a / b;
        };
    int limit = operator == '*' ? 10 * maxOperand : 15 * maxOperand;
    even &= result > 0 && result <= limit && (operator != '/' || a % b == 0);
    used.addAll(List.of(b, result)); // b may be a constant written in words: half, twice
    String equation = a + "" + operator + b + "=" + result;
    equations.add(equation);
    solution.add(says + " <<" + equation + ">>" + result + " " + items + ".");
    return result;
  }

  /**
   * Adds a sentence with a number that no step needs and returns the number. The sentence never
   * comes first, because nobody has been introduced yet, and never after the start of the ending.
   */
  int distract() {
    int number = 2 + random.nextInt(2 * maxOperand - 1);
    while (!used.add(number)) {
      number++; // a distractor must differ from every number that counts
    }
    boolean aboutBystander = random.nextInt(3) == 0;
    String line =
        aboutBystander
            ? "{X} " + setting.has() + " {d} " + setting.items() + "."
            : setting.line("distractor", random);
    int place = 1 + random.nextInt(sentencesBeforeEnding);
    if (aboutBystander && !Cast.mentionsHero(sentences.get(place))) {
      place =
          sentencesBeforeEnding; // "Tom has 7 apples. Then 5 apples go bad." would not say whose
    }
    sentences.add(place, line.replace("{d}", Integer.toString(number)));
    return number;
  }

  /** Whether all numbers are positive integers within the limits. */
  boolean isEven() {
    return even;
  }

  String question() {
    return cast.tell(sentences);
  }

  /** The solution, in the variant that the question determines. */
  String solution() {
    List<String> lines = solution.stream().map(cast::fill).toList();
    return String.join("\n", Telling.vary(lines, question())) + "\n#### " + value;
  }

  int answer() {
    return value;
  }

  List<String> equations() {
    return equations;
  }
}
