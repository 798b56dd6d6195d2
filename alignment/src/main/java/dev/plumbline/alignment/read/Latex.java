package dev.plumbline.alignment.read;

import static dev.plumbline.alignment.read.LatexSymbols.ACCENTS;
import static dev.plumbline.alignment.read.LatexSymbols.FENCES;
import static dev.plumbline.alignment.read.LatexSymbols.FUNCTIONS;
import static dev.plumbline.alignment.read.LatexSymbols.LETTERS;
import static dev.plumbline.alignment.read.LatexSymbols.OPERATORS;
import static dev.plumbline.alignment.read.LatexSymbols.SIZES;

import dev.plumbline.alignment.report.page.Html;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * LaTeX to MathML, for the constructs that docs/math uses. A command without a rule is an error
 * that names it, so that a page never shows half a formula.
 */
final class Latex {
  private final String source;
  private final List<String> tokens;
  private int at;

  private Latex(String source) {
    this.source = source;
    this.tokens = LatexTokens.of(source);
  }

  /**
   * A formula as a {@code math} element.
   *
   * @throws IllegalArgumentException naming a command that has no rule
   */
  static String mathMl(String tex, boolean display) {
    Latex latex = new Latex(tex);
    String row = latex.row(Set.of());
    String title = " aria-label=\"" + Html.escape(tex.strip()) + "\"";
    return "<math" + (display ? " display=\"block\"" : "") + title + ">" + row + "</math>";
  }

  /** A displayed formula in parts that a narrow page sets below each other: it breaks at quads. */
  static String display(String tex) {
    StringBuilder html = new StringBuilder("<div class=\"display\">");
    for (String part : LatexTokens.parts(tex)) {
      html.append(mathMl(part, true));
    }
    return html.append("</div>").toString();
  }

  /** Atoms up to one of the ends, which stays. */
  private String row(Set<String> ends) {
    List<String> parts = new ArrayList<>();
    boolean operand = false; // whether the last part is one, so that a minus is a difference
    while (at < tokens.size() && !ends.contains(peek())) {
      String token = peek();
      String part = scripted(operand);
      operand = isOperand(token, part);
      parts.add(part);
    }
    return "<mrow>" + String.join("", parts) + "</mrow>";
  }

  private static boolean isOperand(String token, String part) {
    boolean closing = Set.of(")", "]", "|", "\\rbrace", "\\rfloor", "\\vert").contains(token);
    boolean sized = token.endsWith("r") && SIZES.containsKey(token.substring(1));
    boolean opens = part.matches("(?s)<(mo[ >]|mspace).*") || token.matches("\\\\(sum|prod)");
    return closing || sized || (!opens && !isFunction(token));
  }

  /** An atom with its subscript and superscript. */
  private String scripted(boolean afterOperand) {
    String head = peek();
    String base = atom(afterOperand);
    String below = null;
    String above = null;
    while (at < tokens.size() && Set.of("_", "^", "'").contains(peek())) {
      String mark = next();
      if (mark.equals("_")) {
        below = argument();
      } else {
        String script = mark.equals("'") ? "<mo>′</mo>" : argument();
        above = above == null ? script : "<mrow>" + above + script + "</mrow>";
      }
    }
    boolean limits = Set.of("\\sum", "\\prod", "\\max", "\\min").contains(head);
    String name = limits ? "under" : "sub";
    String result = base;
    if (above != null && head.matches("\\\\[bB]igr")) { // a fence with a script does not stretch
      return base + element("msup", "<mspace width=\"0\" height=\"1.1em\"></mspace>" + above);
    }
    if (below != null && above != null) {
      String tag = limits ? "munderover" : "msubsup";
      result = element(tag, base + below + above);
    } else if (below != null) {
      result = element("m" + name, base + below);
    } else if (above != null) {
      result = element(limits ? "mover" : "msup", base + above);
    }
    if (!isFunction(head)) {
      return result;
    }
    String space = "<mspace width=\"0.17em\"></mspace>";
    return (afterOperand ? space : "") + result + (opens() ? "" : space);
  }

  private static boolean isFunction(String token) {
    return token.equals("\\operatorname")
        || (token.startsWith("\\") && FUNCTIONS.contains(token.substring(1)));
  }

  private boolean opens() {
    return at < tokens.size()
        && Set.of("(", "[", "\\lbrace", "\\bigl", "\\Bigl", "}", ")", ",").contains(peek());
  }

  private String atom(boolean afterOperand) {
    String token = next();
    if (token.startsWith("\\")) {
      return command(token.substring(1));
    }
    char c = token.charAt(0);
    if (token.equals("{")) {
      String row = row(Set.of("}"));
      expect("}");
      return row;
    }
    if (Character.isDigit(c)) {
      return element("mn", token);
    }
    if (Character.isLetter(c)) {
      return element("mi", token);
    }
    return switch (c) {
      case '-' -> sign("−", afterOperand);
      case '+' -> sign("+", afterOperand);
      case '(', ')', '[', ']' -> "<mo stretchy=\"false\">" + c + "</mo>";
      case '|' -> "<mo stretchy=\"false\" lspace=\"0\" rspace=\"0\">|</mo>";
      case '/' -> "<mo lspace=\"0.1em\" rspace=\"0.1em\">/</mo>";
      case '<', '>', '=', ',', ':', '.', ';', '!', '*', '%' -> operator(token);
      default -> throw error("'" + token + "' has no rule");
    };
  }

  private String command(String name) {
    if (LETTERS.containsKey(name)) {
      String normal =
          name.equals("partial") || name.equals("infty") ? " mathvariant=\"normal\"" : "";
      return "<mi" + normal + ">" + LETTERS.get(name) + "</mi>";
    }
    if (OPERATORS.containsKey(name)) {
      boolean dots = name.endsWith("dots") || name.equals("star");
      return dots ? element("mi", OPERATORS.get(name)) : operator(OPERATORS.get(name));
    }
    if (FENCES.containsKey(name)) {
      return "<mo stretchy=\"false\" lspace=\"0\" rspace=\"0\">" + FENCES.get(name) + "</mo>";
    }
    if (FUNCTIONS.contains(name)) {
      return function(name);
    }
    if (SIZES.containsKey(name)) {
      String size = SIZES.get(name);
      String token = next();
      String fence = FENCES.getOrDefault(token.replace("\\", ""), token);
      return ("<mo stretchy=\"true\" symmetric=\"true\" minsize=\"%s\" maxsize=\"%s\" form=\"%s\">%s</mo>")
          .formatted(size, size, name.endsWith("l") ? "prefix" : "postfix", fence);
    }
    if (ACCENTS.containsKey(name)) {
      String accent = "<mo stretchy=\"" + name.equals("overline") + "\">" + ACCENTS.get(name);
      return "<mover accent=\"true\">" + argument() + accent + "</mo></mover>";
    }
    return switch (name) {
      case "frac" -> element("mfrac", argument() + argument());
      case "sqrt" -> element("msqrt", argument());
      case "sum" -> "<mo movablelimits=\"true\">∑</mo>";
      case "prod" -> "<mo movablelimits=\"true\">∏</mo>";
      case "quad" -> "<mspace width=\"1em\"></mspace>";
      case "operatorname" -> function(LatexTokens.word(argumentText()));
      case "text" -> element("mtext", Html.escape(argumentText().replace(' ', '\u00a0')));
      case "mathbf" -> element("mi", LatexTokens.bold(argumentText()));
      case "begin" -> environment(argumentText());
      default -> throw error("\\" + name + " has no rule");
    };
  }

  /** The upright name of a function; a single letter must be told not to slant. */
  private static String function(String name) {
    return Set.of("max", "min").contains(name)
        ? "<mo movablelimits=\"true\" lspace=\"0.17em\" rspace=\"0\">" + name + "</mo>"
        : "<mi mathvariant=\"normal\">" + Html.escape(name) + "</mi>";
  }

  private static String sign(String sign, boolean afterOperand) {
    return afterOperand
        ? "<mo form=\"infix\">" + sign + "</mo>"
        : "<mo form=\"prefix\" lspace=\"0\" rspace=\"0.1em\">" + sign + "</mo>";
  }

  private static String operator(String text) {
    return element("mo", Html.escape(text));
  }

  private String environment(String name) {
    if (!name.equals("cases") && !name.equals("aligned")) {
      throw error("\\begin{" + name + "} has no rule");
    }
    StringBuilder table = new StringBuilder("<mtable class=\"" + name + "\"><mtr>");
    while (true) {
      table.append("<mtd>").append(row(Set.of("&", "\\\\", "\\end"))).append("</mtd>");
      String end = at < tokens.size() ? next() : "";
      if (end.equals("\\\\")) {
        table.append("</mtr><mtr>");
      } else if (!end.equals("&")) {
        break;
      }
    }
    if (!argumentText().equals(name)) {
      throw error("\\begin{" + name + "} has no end");
    }
    table.append("</mtr></mtable>");
    return name.equals("cases")
        ? "<mrow><mo stretchy=\"true\" form=\"prefix\">{</mo>" + table + "</mrow>"
        : table.toString();
  }

  /** What a command or a script applies to: a group or one atom. */
  private String argument() {
    if (at >= tokens.size()) {
      throw error("the end stands where an argument is needed");
    }
    return atom(false);
  }

  /** A group as it is written. */
  private String argumentText() {
    String group = next();
    if (!group.startsWith("\"")) {
      throw error("a group in braces is needed before '" + group + "'");
    }
    return group.substring(1);
  }

  private String peek() {
    return tokens.get(at);
  }

  private String next() {
    if (at >= tokens.size()) {
      throw error("it ends too early");
    }
    return tokens.get(at++);
  }

  private void expect(String token) {
    if (at >= tokens.size() || !tokens.get(at++).equals(token)) {
      throw error("'" + token + "' is missing");
    }
  }

  private static String element(String tag, String content) {
    return "<" + tag + ">" + content + "</" + tag + ">";
  }

  private IllegalArgumentException error(String what) {
    return new IllegalArgumentException(
        "In the formula '"
            + source.strip()
            + "' "
            + what
            + "; add it to Latex or write it otherwise.");
  }
}
