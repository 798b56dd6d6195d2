package dev.plumbline.data.wordproblems;

import dev.plumbline.data.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Seeded questions of one operation, such as {@code What is 17+25?}, answered in the notation of
 * {@link WordProblems}. They teach a base model the arithmetic that word problems need.
 *
 * <p>Numbers stay within the limits of word problems with the same largest factor. Facts are few
 * compared with what a base model is trained on, so that they repeat.
 */
public final class ArithmeticFacts {
  private static final int MAX_DIVISOR = 12;

  private ArithmeticFacts() {}

  /**
   * Returns the first {@code n} facts of a seed; each operation is equally likely.
   *
   * @param maxOperand maximum drawn factor of the word problems: products are at most 10 times and
   *     sums at most 15 times this
   */
  public static List<Problem> of(long seed, int n, int maxOperand) {
    List<Problem> facts = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      facts.add(fact("fact-" + seed + "-" + i, maxOperand, WordProblems.random(~seed, i)));
    }
    return facts;
  }

  private static Problem fact(String id, int maxOperand, Random random) {
    int maxSum = 15 * maxOperand;
    switch (random.nextInt(4)) {
      case 0 -> {
        int sum = between(4, maxSum, random);
        int b = between(2, sum - 2, random);
        return problem(id, sum - b, '+', b, sum);
      }
      case 1 -> {
        int a = between(4, maxSum, random);
        int b = between(2, a - 2, random);
        return problem(id, a, '-', b, a - b);
      }
      case 2 -> {
        int b = between(2, MAX_DIVISOR, random);
        int a = between(2, 10 * maxOperand / b, random);
        return random.nextBoolean() ? problem(id, a, '*', b, a * b) : problem(id, b, '*', a, a * b);
      }
      default -> {
        int b = between(2, MAX_DIVISOR, random);
        int quotient = between(2, maxSum / b, random);
        return problem(id, quotient * b, '/', b, quotient);
      }
    }
  }

  private static int between(int low, int high, Random random) {
    return low + random.nextInt(high - low + 1);
  }

  private static Problem problem(String id, int a, char operator, int b, int result) {
    String question = "What is " + a + operator + b + "?";
    String solution =
        "That is <<" + a + operator + b + "=" + result + ">>" + result + ".\n#### " + result;
    return new Problem(id, question, solution, Integer.toString(result));
  }
}
