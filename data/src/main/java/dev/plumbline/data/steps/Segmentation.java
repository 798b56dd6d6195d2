package dev.plumbline.data.steps;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a solution is cut into steps. The steps cover the whole solution: what stands between two of
 * them, such as a blank line, belongs to the one before. The SCDPO paper does not say where steps
 * of a chain of thought end; lines are the default (spec 1.1, inferred).
 */
public enum Segmentation {
  /** A line that holds more than blanks. */
  LINE("(?<=\n)(?=[^\n])"),
  /** From {@code Step 1:} to the next such mark. */
  NUMBERED("(?<=\\s)(?=Step \\d+[:.])"),
  /**
   * A sentence, up to a full stop, a question mark or an exclamation mark before a blank; a line.
   */
  SENTENCE("(?<=[.?!]\\s)(?=\\S)|(?<=\n)(?=[^\n])"),
  /** Words, fenced code, and its output: solutions with executed code. */
  BLOCK(null);

  /** Opens a block of code. */
  public static final String CODE = "```python\n";

  /** Opens what a block printed. */
  public static final String OUTPUT = "```output\n";

  /** Ends either; always alone on its line. */
  public static final String FENCE = "```\n";

  private static final Pattern BLOCKS =
      Pattern.compile("(?<=^|\n)(```python\n|```output\n)(?:.*\n)*?```(?:\n|$)");

  private final Pattern boundary;

  Segmentation(String boundary) {
    this.boundary = boundary == null ? null : Pattern.compile(boundary);
  }

  /** What a block printed, as it stands behind the block. */
  public static String output(String printed) {
    return OUTPUT + printed + "\n" + FENCE;
  }

  /** The Python of a step of code, without its fences. */
  public static String code(String block) {
    String text = block.strip();
    return text.substring(CODE.length(), text.length() - "```".length());
  }

  /** The steps of a solution in order; none where it holds nothing but blanks. */
  public List<Step> steps(String solution) {
    List<Step> steps = new ArrayList<>();
    if (this == BLOCK) {
      Matcher block = BLOCKS.matcher(solution);
      int at = 0;
      while (block.find()) {
        add(steps, solution, Step.Kind.TEXT, at, block.start());
        boolean code = block.group(1).equals(CODE);
        add(steps, solution, code ? Step.Kind.CODE : Step.Kind.OUTPUT, block.start(), block.end());
        at = block.end();
      }
      add(steps, solution, Step.Kind.TEXT, at, solution.length());
      return steps;
    }
    Matcher next = boundary.matcher(solution);
    int at = 0;
    while (next.find()) {
      add(steps, solution, Step.Kind.TEXT, at, next.start());
      at = next.start();
    }
    add(steps, solution, Step.Kind.TEXT, at, solution.length());
    return steps;
  }

  /** Blanks alone are no step: they go to the step before, or to the one after at the start. */
  private static void add(List<Step> steps, String solution, Step.Kind kind, int from, int to) {
    if (from == to) {
      return;
    }
    int last = steps.size() - 1;
    if (solution.substring(from, to).isBlank()) {
      if (last >= 0) {
        steps.set(last, new Step(steps.get(last).kind(), steps.get(last).from(), to));
      }
      return;
    }
    int start = last < 0 ? 0 : steps.get(last).to();
    steps.add(new Step(kind, start, to));
  }
}
