package dev.plumbline.alignment.read;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** A page of docs/math, by section and by displayed equation. */
final class MathPage {
  /** The page of pair losses, where a new one gets its section. */
  static final String LOSSES = "baselines";

  private static final String FENCE = "```";

  private final String name;
  private final List<String> lines;

  private MathPage(String name, List<String> lines) {
    this.name = name;
    this.lines = lines;
  }

  /** The page {@code docs/math/<name>.md}. */
  static MathPage read(String name) {
    return new MathPage(name, Resources.text("math/" + name + ".md").lines().toList());
  }

  /**
   * A displayed equation.
   *
   * @param formula its LaTeX
   * @param provenance the line after it
   */
  record Equation(String formula, Provenance provenance) {}

  /** The lines of a section with its subsections, its own heading first. */
  List<String> section(String heading) {
    int start = -1;
    for (int i = 0; i < lines.size() && start < 0; i++) {
      if (level(lines.get(i)) > 0 && lines.get(i).replaceFirst("^#+ ", "").startsWith(heading)) {
        start = i;
      }
    }
    if (start < 0) {
      throw new IllegalStateException(
          "docs/math/" + name + ".md has no section '" + heading + "'.");
    }
    int end = start + 1;
    while (end < lines.size()
        && (level(lines.get(end)) == 0 || level(lines.get(end)) > level(lines.get(start)))) {
      end++;
    }
    return lines.subList(start, end);
  }

  /**
   * A block {@code formula} of a section.
   *
   * @param heading of the section
   * @param lines the names of its objectives, then the formula
   */
  record Block(String heading, List<String> lines) {}

  /** All blocks {@code formula}. */
  List<Block> formulas() {
    List<Block> blocks = new ArrayList<>();
    String heading = "";
    for (int i = 0; i < lines.size(); i++) {
      if (level(lines.get(i)) > 0) {
        heading = lines.get(i).replaceFirst("^#+ ", "");
      } else if (lines.get(i).equals(FENCE + "formula")) {
        List<String> block = new ArrayList<>();
        while (!lines.get(++i).equals(FENCE)) {
          block.add(lines.get(i));
        }
        blocks.add(new Block(heading, block));
      }
    }
    return blocks;
  }

  private static int level(String line) {
    return line.matches("#+ .*") ? line.indexOf(' ') : 0;
  }

  /** All displayed equations among lines. */
  static List<Equation> equations(List<String> lines) {
    List<Equation> equations = new ArrayList<>();
    List<String> waiting = new ArrayList<>(); // without provenance so far
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().equals("$$")) {
        List<String> formula = new ArrayList<>();
        while (!lines.get(++i).strip().equals("$$")) {
          formula.add(lines.get(i));
        }
        waiting.add(String.join("\n", formula));
      } else if (lines.get(i).startsWith("Class: ")) {
        Provenance provenance = Provenance.of(lines.get(i));
        waiting.forEach(formula -> equations.add(new Equation(formula, provenance)));
        waiting.clear();
      }
    }
    return equations;
  }

  /**
   * The rows of the table of symbols of notation.md whose symbol occurs in the formulas; one that
   * they define, as in {@code x = …}, is left out.
   *
   * @param redefined text whose formulas are symbols of another meaning
   */
  static Map<String, String> symbols(List<String> formulas, String redefined) {
    String all = String.join(" ", formulas);
    String bases =
        spaced(all.replaceAll("_(\\{[^{}]*\\}|\\\\?\\w+)", " ")); // an index is no symbol
    Map<String, String> symbols = new LinkedHashMap<>();
    for (String row : MathPage.read("notation").section("Symbols")) {
      List<String> cells = row.startsWith("| $") ? Markdown.cells(row) : List.of();
      if (!cells.isEmpty()
          && occurs(cells.get(0), bases, spaced(all))
          && !formulas.stream().anyMatch(formula -> defines(formula, cells.get(0)))
          && !redefined.contains(cells.get(0).replaceFirst("\\$$", "_"))) {
        symbols.put(cells.get(0), cells.get(1));
      }
    }
    return symbols;
  }

  private static boolean defines(String formula, String cell) {
    String own = Pattern.quote(cell.replace("$", ""));
    return Pattern.compile("(^|\\\\quad )" + own + "(_\\w)? =").matcher(formula.strip()).find();
  }

  private static boolean occurs(String cell, String bases, String all) {
    for (String symbol : cell.replace("$", "").split(", ")) {
      String key = spaced(symbol.replaceFirst("\\(.*", ""));
      boolean ofPair = symbol.matches("y_[wl]") && all.contains(" _ " + symbol.charAt(2) + " ");
      if (ofPair || (symbol.contains("_") ? all : bases).contains(key)) {
        return true;
      }
    }
    return false;
  }

  private static String spaced(String formula) {
    return " " + String.join(" ", LatexTokens.of(formula)) + " ";
  }
}
