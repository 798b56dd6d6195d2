package dev.plumbline.data.math;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Unifies the spellings of models and files: Unicode signs become LaTeX, and each sign that
 * separates parts of an answer becomes one character, so that no command's name is a prefix of
 * another's.
 */
final class Symbols {
  /** Pairs of a character and its LaTeX. */
  private static final String[] CHARACTERS = {
    "\u2212",
    "-",
    "\u2010",
    "-",
    "\u2011",
    "-",
    "\u2013",
    "-",
    "\uff0d",
    "-",
    "\ufe63",
    "-",
    "\u00d7",
    "\\times ",
    "\u2715",
    "\\times ",
    "\u00b7",
    "\\cdot ",
    "\u22c5",
    "\\cdot ",
    "\u2219",
    "\\cdot ",
    "\u2217",
    "*",
    "\u00f7",
    "\\div ",
    "\u2215",
    "/",
    "\u2044",
    "/",
    "\u03c0",
    "\\pi ",
    "\u03b8",
    "\\theta ",
    "\u03b1",
    "\\alpha ",
    "\u03b2",
    "\\beta ",
    "\u03b3",
    "\\gamma ",
    "\u03bb",
    "\\lambda ",
    "\u03bc",
    "\\mu ",
    "\u03c6",
    "\\phi ",
    "\u03c9",
    "\\omega ",
    "\u221a",
    "\\sqrt ",
    "\u221b",
    "\\sqrt[3] ",
    "\u221c",
    "\\sqrt[4] ",
    "\u221e",
    "\\infty ",
    "\u222a",
    "\\cup ",
    "\u2208",
    "\\in ",
    "\u2205",
    "\\emptyset ",
    "\u2264",
    "\\leq ",
    "\u2a7d",
    "\\leq ",
    "\u2265",
    "\\geq ",
    "\u2a7e",
    "\\geq ",
    "\u2260",
    "\\neq ",
    "\u00b1",
    "\\pm ",
    "\u2213",
    "\\mp ",
    "\u00b0",
    "^\\circ ",
    "\u2228",
    "\\lor ",
    "\u2227",
    "\\land ",
    "\u2216",
    "\\setminus ",
    "\u211d",
    "\\mathbb{R}",
    "\u00a0",
    " ",
    "\u2009",
    " ",
    "\u202f",
    " ",
    "\u2007",
    " ",
    "\u2061",
    "",
    "\u2062",
    "",
    "\uff0c",
    ",",
    "\uff08",
    "(",
    "\uff09",
    ")",
    "\uff1d",
    "=",
    "\u20ac",
    "",
    "\u00a3",
    "",
    "\u00bd",
    "\\frac{1}{2} ",
    "\u2153",
    "\\frac{1}{3} ",
    "\u2154",
    "\\frac{2}{3} ",
    "\u00bc",
    "\\frac{1}{4} ",
    "\u00be",
    "\\frac{3}{4} ",
    "\u2155",
    "\\frac{1}{5} ",
    "\u2156",
    "\\frac{2}{5} ",
    "\u2157",
    "\\frac{3}{5} ",
    "\u2158",
    "\\frac{4}{5} ",
    "\u2159",
    "\\frac{1}{6} ",
    "\u215a",
    "\\frac{5}{6} ",
    "\u215b",
    "\\frac{1}{8} ",
    "\u215c",
    "\\frac{3}{8} ",
    "\u215d",
    "\\frac{5}{8} ",
    "\u215e",
    "\\frac{7}{8} ",
  };

  private static final String RAISED =
      "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u207a\u207b\u207d\u207e\u207f\u02e3";
  private static final String LOWERED =
      "\u2080\u2081\u2082\u2083\u2084\u2085\u2086\u2087\u2088\u2089\u208a\u208b\u208d\u208e\u2099\u2093";
  private static final String PLAIN = "0123456789+-()nx";
  private static final Pattern RAISED_RUN = Pattern.compile("[" + RAISED + "]+");
  private static final Pattern LOWERED_RUN = Pattern.compile("[" + LOWERED + "]+");
  private static final Map<Integer, String> LATEX = new HashMap<>();

  static {
    for (int i = 0; i < CHARACTERS.length; i += 2) {
      LATEX.put(CHARACTERS[i].codePointAt(0), CHARACTERS[i + 1]);
    }
  }

  /** Commands of signs that separate parts of an answer, and the character of each. */
  private static final String[][] SIGNS = {
    {"leqslant|leqq|leq|le|ngtr", "\u2264"},
    {"geqslant|geqq|geq|ge|nless", "\u2265"},
    {"neq|ne|not\\s*=", "\u2260"},
    {"lt", "<"},
    {"gt", ">"},
    {"in", "\u2208"},
    {"cup|bigcup", "\u222a"},
    {"pm", "\u00b1"},
    {"mp", "\u2213"},
    {"lor|vee", "\u2228"},
    {"land|wedge", "\u2227"},
    {"setminus|smallsetminus|backslash", "\u2216"},
  };

  private static final Pattern UNION = Pattern.compile("(?<=[)\\]}])\\s*U\\s*(?=[(\\[{\\\\])");
  private static final Pattern EMPTY =
      Pattern.compile("\\\\varnothing(?![a-zA-Z])|\\\\\\{\\s*\\\\\\}");
  private static final Pattern ALL_REALS =
      Pattern.compile(
          "(?i)(\\\\(text|mbox|textbf)\\s*\\{)?\\s*(the set of )?all real(s| numbers)\\s*\\}?");

  private Symbols() {}

  /** Replaces Unicode signs, raised and lowered digits and fractions by LaTeX. */
  static String latex(String s) {
    if (s.chars().allMatch(c -> c < 128)) {
      return s;
    }
    String plain = RAISED_RUN.matcher(s).replaceAll(run -> "^{" + plain(run, RAISED) + "}");
    plain = LOWERED_RUN.matcher(plain).replaceAll(run -> "_{" + plain(run, LOWERED) + "}");
    StringBuilder latex = new StringBuilder();
    plain.codePoints().forEach(c -> latex.append(LATEX.getOrDefault(c, Character.toString(c))));
    return latex.toString();
  }

  private static String plain(MatchResult run, String from) {
    StringBuilder plain = new StringBuilder();
    run.group().chars().forEach(c -> plain.append(PLAIN.charAt(from.indexOf(c))));
    return plain.toString();
  }

  /**
   * Replaces each sign between parts by one character: relations, unions, plus-or-minus, "and" and
   * "or".
   */
  static String signs(String latex) {
    String s = latex.replace("<=", "\u2264").replace(">=", "\u2265").replace("+/-", "\u00b1");
    s = s.replaceAll("(?<=\\s)!=", "\u2260");
    for (String[] sign : SIGNS) {
      s = s.replaceAll("\\\\(" + sign[0] + ")(?![a-zA-Z])", sign[1]);
    }
    s = s.replaceAll("(\\\\mathbb\\s*\\{?R\\}?)\\s*-\\s*(?=\\\\\\{)", "$1\u2216");
    s = UNION.matcher(s).replaceAll("\u222a");
    s = EMPTY.matcher(s).replaceAll("\\\\emptyset ");
    return ALL_REALS.matcher(s.strip()).matches() ? "\\mathbb{R}" : s;
  }
}
