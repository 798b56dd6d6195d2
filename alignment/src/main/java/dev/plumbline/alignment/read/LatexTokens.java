package dev.plumbline.alignment.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The tokens of a LaTeX formula: commands, numbers and single characters. */
final class LatexTokens {
  /** Commands whose group is text and no formula; its token begins with a quotation mark. */
  private static final Set<String> TEXT =
      Set.of("\\text", "\\operatorname", "\\mathbf", "\\begin", "\\end");

  private static final Pattern TOKEN =
      Pattern.compile("\\\\[A-Za-z]+|\\\\.|[0-9]+(?:\\.[0-9]+)?|\\s+|.", Pattern.DOTALL);

  private LatexTokens() {}

  static List<String> of(String source) {
    List<String> tokens = new ArrayList<>();
    Matcher matcher = TOKEN.matcher(source);
    int at = 0;
    while (matcher.find(at)) {
      String token = matcher.group();
      at = matcher.end();
      if (token.isBlank()) {
        continue;
      }
      tokens.add(token);
      if (TEXT.contains(token) && at < source.length() && source.charAt(at) == '{') {
        int end = source.indexOf('}', at);
        tokens.add("\"" + source.substring(at + 1, end < 0 ? source.length() : end));
        at = end < 0 ? source.length() : end + 1;
      }
      if (at == source.length()) {
        break;
      }
    }
    return tokens;
  }

  /** The parts of a formula between quads that no group, fence or environment holds. */
  static List<String> parts(String source) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    Matcher matcher = TOKEN.matcher(source);
    while (matcher.find()) {
      String token = matcher.group();
      if (token.matches("[{(\\[]|\\\\begin")) {
        depth++;
      } else if (token.matches("[})\\]]|\\\\end")) {
        depth--;
      } else if (token.equals("\\quad") && depth == 0) {
        String next = source.substring(matcher.end()).strip();
        if (!next.startsWith("\\text{(")) { // a remark stays with its formula
          parts.add(source.substring(start, matcher.start()).strip());
          start = matcher.end();
        }
      }
    }
    parts.add(source.substring(start).strip());
    return parts;
  }

  /** The name of a function, in which LaTeX ignores spaces. */
  static String word(String text) {
    return text.replace(" ", "");
  }

  /** Bold digits and letters: MathML has characters for them and no attribute. */
  static String bold(String text) {
    StringBuilder bold = new StringBuilder();
    text.chars()
        .forEach(
            c -> {
              if (c >= '0' && c <= '9') {
                bold.appendCodePoint(0x1D7CE + c - '0');
              } else if (c >= 'A' && c <= 'Z') {
                bold.appendCodePoint(0x1D400 + c - 'A');
              } else if (c >= 'a' && c <= 'z') {
                bold.appendCodePoint(0x1D41A + c - 'a');
              } else {
                throw new IllegalArgumentException(
                    "\\mathbf{" + text + "} has no bold characters.");
              }
            });
    return bold.toString();
  }
}
