package dev.plumbline.data.problem;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks GSM8K's calculator annotations {@code <<expression=value>>}.
 *
 * <p>As in RFT's collection script (arXiv 2308.01825; its code, C): the body is split at {@code =},
 * the first two parts are compared, and |value(left) - value(right)| &gt;= 1e-3 or an evaluation
 * error makes the annotation wrong.
 *
 * <p>Deviation: RFT passes the text to Python's {@code eval}. This evaluator knows only arithmetic
 * (and percent signs and thousands separators, which Python reads differently), so that no text of
 * a model is executed. An annotation that is opened and never closed counts as wrong.
 */
public final class CalculatorCheck {
  /** RFT's tolerance (its code, C). */
  public static final double TOLERANCE = 1e-3;

  private static final Pattern ANNOTATION = Pattern.compile("<<([^\n]*?)(>>|<<|\n|\\z)");

  /** Number of annotations in a text, and number of wrong or malformed ones. */
  public record Result(int annotations, int wrong) {
    /** Whether no annotation is wrong. */
    public boolean allRight() {
      return wrong == 0;
    }
  }

  private CalculatorCheck() {}

  /** Checks all annotations of a text. */
  public static Result check(String text) {
    int annotations = 0;
    int wrong = 0;
    Matcher matcher = ANNOTATION.matcher(text);
    int from = 0;
    while (from <= text.length() && matcher.find(from)) {
      annotations++;
      boolean closed = matcher.group(2).equals(">>");
      if (!closed || !holds(matcher.group(1))) {
        wrong++;
      }
      from = matcher.end(closed ? 0 : 1); // "<<" before any ">>" opens the next annotation
    }
    return new Result(annotations, wrong);
  }

  /** Returns the bodies of all closed annotations, in order, without blanks: {@code 12*3=36}. */
  public static List<String> equations(String text) {
    List<String> bodies = new ArrayList<>();
    Matcher matcher = ANNOTATION.matcher(text);
    int from = 0;
    while (from <= text.length() && matcher.find(from)) {
      boolean closed = matcher.group(2).equals(">>");
      if (closed) {
        bodies.add(matcher.group(1).replace(" ", ""));
      }
      from = matcher.end(closed ? 0 : 1);
    }
    return bodies;
  }

  /** Whether the first two parts of {@code left=right} agree within {@link #TOLERANCE}. */
  public static boolean holds(String body) {
    String[] parts = body.split("=", -1);
    if (parts.length < 2) {
      return false;
    }
    OptionalDouble left = Arithmetic.evaluate(parts[0]);
    OptionalDouble right = Arithmetic.evaluate(parts[1]);
    return left.isPresent()
        && right.isPresent()
        && Math.abs(left.getAsDouble() - right.getAsDouble()) < TOLERANCE;
  }
}
