package dev.plumbline.data.wordproblems;

import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.steps.Segmentation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Generated word problems with code-integrated solutions (SCDPO, section 3): text says what is
 * calculated, a fenced block of Python calculates it, and its output follows. A block has at most
 * two equations, and later code uses results by name, so that errors of a model are in the plan and
 * not in the arithmetic.
 */
public final class CodeProblems {
  private static final int EQUATIONS_OF_A_BLOCK = 2;
  private static final Pattern LINE =
      Pattern.compile("(.*?)<<(\\d+)([-+*/])(\\d+)=(\\d+)>>\\d+(.*)");

  private CodeProblems() {}

  /** Returns the same problems with code-integrated solutions. */
  public static List<Problem> of(List<Problem> words) {
    return words.stream().map(CodeProblems::of).toList();
  }

  private static Problem of(Problem words) {
    return new Problem(
        "code-" + words.id(), words.question(), solution(words.solution()), words.answer());
  }

  private static String solution(String words) {
    StringBuilder told = new StringBuilder();
    List<String> lines = words.lines().toList();
    List<Matcher> equations = new ArrayList<>();
    for (String line : lines) {
      Matcher m = LINE.matcher(line);
      if (m.matches()) {
        equations.add(m);
      }
    }
    Map<String, String> names = new LinkedHashMap<>(); // latest name by value
    for (int from = 0; from < equations.size(); from += EQUATIONS_OF_A_BLOCK) {
      List<Matcher> block =
          equations.subList(from, Math.min(equations.size(), from + EQUATIONS_OF_A_BLOCK));
      block(told, block, from, names);
    }
    return told.append(lines.get(lines.size() - 1)).toString();
  }

  private static void block(
      StringBuilder told, List<Matcher> block, int from, Map<String, String> names) {
    StringBuilder code = new StringBuilder();
    String last = "";
    for (int i = 0; i < block.size(); i++) {
      Matcher m = block.get(i);
      String a = names.getOrDefault(m.group(2), m.group(2));
      String b = names.getOrDefault(m.group(4), m.group(4));
      String sign = m.group(3).equals("/") ? "//" : m.group(3);
      last = String.valueOf((char) ('a' + from + i));
      told.append(m.group(1))
          .append(a)
          .append(m.group(3))
          .append(b)
          .append(m.group(6))
          .append('\n');
      code.append(last).append(" = ").append(a).append(sign).append(b).append('\n');
      names.put(m.group(5), last);
    }
    told.append(Segmentation.CODE).append(code);
    told.append("print(").append(last).append(")\n").append(Segmentation.FENCE);
    told.append(Segmentation.output(block.get(block.size() - 1).group(5)));
  }
}
