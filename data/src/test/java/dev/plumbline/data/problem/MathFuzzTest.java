package dev.plumbline.data.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.data.math.MathEquality;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/**
 * Compares random expressions with their values in double precision, and measures the time of
 * random text. A failure prints the seed; {@code -Dplumbline.seed=N} replays it.
 */
class MathFuzzTest {
  private static final double X = 0.7310585786;
  private final long seed = Long.getLong("plumbline.seed", System.nanoTime());
  private final Random random = new Random(seed);

  /** An expression, two spellings of it, and its value at x = {@link #X}. */
  private record Term(String one, String other, double value) {}

  private Term leaf() {
    int n = 1 + random.nextInt(9);
    int d = 2 + random.nextInt(8);
    return switch (random.nextInt(9)) {
      case 0 -> new Term("" + n, n + ".0", n);
      case 1 ->
          new Term("\\frac{" + n + "}{" + d + "}", "(" + n * 3 + "/" + d * 3 + ")", n / (double) d);
      case 2 ->
          new Term("\\sqrt{" + n * d * d + "}", "(" + d + "\\sqrt{" + n + "})", d * Math.sqrt(n));
      case 3 -> new Term("\\pi", "(\\frac{2\\pi}{2})", Math.PI);
      case 4 -> new Term("x", "(x)", X);
      case 5 ->
          new Term(
              "\\sqrt{" + (n + d) + "+2\\sqrt{" + n * d + "}}",
              "(\\sqrt{" + n + "}+\\sqrt{" + d + "})",
              Math.sqrt(n) + Math.sqrt(d));
      case 6 ->
          new Term(
              "\\sqrt[3]{" + n * d * d * d + "}",
              "(" + d + "\\cdot " + n + "^{1/3})",
              d * Math.cbrt(n));
      case 7 ->
          new Term(
              d + "^{x+" + n + "}", "(" + d + "^" + n + "\\cdot " + d + "^x)", Math.pow(d, X + n));
      default -> new Term("0." + n + d, "\\frac{" + n + d + "}{100}", (10 * n + d) / 100.0);
    };
  }

  private Term term(int depth) {
    if (depth == 0) {
      return leaf();
    }
    Term a = term(depth - 1);
    Term b = term(random.nextInt(depth));
    return switch (random.nextInt(5)) {
      case 0 -> new Term(a.one + "+" + b.one, b.other + "+" + a.other, a.value + b.value);
      case 1 ->
          new Term(a.one + "-(" + b.one + ")", "-(" + b.other + ")+" + a.other, a.value - b.value);
      case 2 ->
          new Term(
              "(" + a.one + ")(" + b.one + ")",
              "(" + b.other + ")\\cdot(" + a.other + ")",
              a.value * b.value);
      case 3 ->
          new Term("(" + a.one + ")^2", "(" + a.other + ")(" + a.other + ")", a.value * a.value);
      default ->
          Math.abs(b.value) < 1e-6
              ? a
              : new Term(
                  "\\frac{" + a.one + "}{" + b.one + "}",
                  "(" + a.other + ")/(" + b.other + ")",
                  a.value / b.value);
    };
  }

  @Test
  void agreesWithDoublePrecision() {
    List<Term> terms = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      Term t = term(1 + random.nextInt(2));
      terms.add(t);
      assertThat(MathEquality.same(t.one, t.other))
          .as("seed %d: %s = %s", seed, t.one, t.other)
          .isTrue();
    }
    int equal = 0;
    for (int i = 0; i < terms.size(); i++) {
      for (int j = i + 1; j < Math.min(terms.size(), i + 60); j++) {
        Term a = terms.get(i);
        Term b = terms.get(j);
        boolean same = MathEquality.same(a.one, b.other);
        equal += same ? 1 : 0;
        double gap = Math.abs(a.value - b.value) / (1 + Math.abs(a.value));
        if (same) {
          assertThat(gap)
              .as("seed %d: %s and %s are not equal", seed, a.one, b.other)
              .isLessThan(1e-9);
        }
      }
    }
    assertThat(equal).as("pairs of equal expressions, seed %d", seed).isPositive();
  }

  @Test
  void junkNeitherHangsNorThrows() {
    String[] pieces = {
      "\\frac",
      "\\sqrt",
      "{",
      "}",
      "(",
      ")",
      "[",
      "]",
      "^",
      "_",
      "1",
      "7",
      "99",
      "x",
      "i",
      "+",
      "-",
      "/",
      "*",
      "!",
      ",",
      "=",
      "|",
      "\\pi",
      "\\{",
      "\\}",
      "\\cup",
      "\\pm",
      "\\text{",
      "\\begin{pmatrix}",
      "\\end{pmatrix}",
      "&",
      "\\\\",
      " ",
      ".",
      "%",
      "$",
      "\\sin",
      "\\log_",
      "\\overline{",
      "\\binom",
      "{60}",
      "(x+1)",
      "<",
      "\\boxed{",
      "\\circ",
      "\u00b1",
      "\u2213",
      "\u2264",
      "\u2260",
      "\u222a",
      "\u2208",
      "\u221a",
      "\u00b2",
      "\u00bd",
      "1e5",
      "e",
      "\\exp",
      "\\infty",
      "\\mathbb{R}",
      "\\setminus",
      "\\text{ or }",
      " and ",
      "x<3",
      "(0,1)",
      "[2,3)",
      "\\text{ cm}"
    };
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          String before = "x<1";
          for (int i = 0; i < 4_000; i++) {
            StringBuilder junk = new StringBuilder();
            for (int k = random.nextInt(60); k >= 0; k--) {
              junk.append(pieces[random.nextInt(pieces.length)]);
            }
            String text = junk.toString();
            long start = System.nanoTime();
            MathEquality.same("\\frac{1}{2}", text);
            MathGrader.grade("x^2", "\\boxed{" + text + "}");
            OptionGrader.grade("B", text);
            assertThat(System.nanoTime() - start)
                .as("seed %d: %s", seed, text)
                .isLessThan(5_000_000_000L);
            assertThat(MathEquality.same(text, text)).as("seed %d: %s", seed, text).isTrue();
            assertThat(MathEquality.same(before, text))
                .as("seed %d: %s and %s, in either order", seed, before, text)
                .isEqualTo(MathEquality.same(text, before));
            before = text;
          }
        });
  }
}
