package dev.plumbline.data.steps;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a solution is split into steps. The steps cover the whole solution: text between two steps,
 * such as a blank line, belongs to the first. The SCDPO paper does not say where steps of a chain
 * of thought end; lines are the default (inferred, I).
 */
public enum Segmentation {
  /** Each line that is not blank. */
  LINE("(?<=\n)(?=[^\n])"),
  /** From a mark such as {@code Step 1:} to the next one. */
  NUMBERED("(?<=\\s)(?=Step \\d+[:.])"),
  /**
   * Each sentence, which ends at a full stop, a question mark or an exclamation mark before a
   * blank, or at the end of a line.
   */
  SENTENCE("(?<=[.?!]\\s)(?=\\S)|(?<=\n)(?=[^\n])"),
  /** Text, fenced code and its output: for solutions with executed code. */
  BLOCK(null);

  /** Opens a block of code. */
  public static final String CODE = "```python\n";

  /** Opens the output of a block. */
  public static final String OUTPUT = "```output\n";

  /** Closes a block or an output; always alone on its line. */
  public static final String FENCE = "```\n";

  private static final Pattern BLOCKS =
      Pattern.compile("(?<=^|\n)(```python\n|```output\n)(?:.*\n)*?```(?:\n|$)");

  private final Pattern boundary;

  Segmentation(String boundary) {
    this.boundary = boundary == null ? null : Pattern.compile(boundary);
  }

  /** Formats the output of a block as it follows the block. */
  public static String output(String printed) {
    return OUTPUT + printed + "\n" + FENCE;
  }

  /** Returns the Python code of a code step, without its fences. */
  public static String code(String block) {
    String text = block.strip();
    return text.substring(CODE.length(), text.length() - "```".length());
  }

  /** Returns the steps of a solution in order; none if it is blank. */
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

  /**
   * Blanks alone are not a step: they belong to the step before, or at the start to the step after.
   */
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
