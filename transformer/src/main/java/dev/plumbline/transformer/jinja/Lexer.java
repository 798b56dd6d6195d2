package dev.plumbline.transformer.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Divides a template into tokens, in one pass from left to right. Whitespace is handled as in
 * Hugging Face's libraries ({@code trim_blocks} and {@code lstrip_blocks}): the newline after a
 * block or a comment is removed, and the blanks before one that begins a line; a minus sign removes
 * all whitespace on its side, a plus sign keeps it; one newline at the end of the template is
 * removed.
 */
final class Lexer {
  private static final Pattern NUMBER =
      Pattern.compile(
          "(?<float>\\d[\\d_]*+(?:\\.\\d[\\d_]*+)?[eE][+-]?\\d[\\d_]*+|\\d[\\d_]*+\\.\\d[\\d_]*+)"
              + "|0[xX][0-9a-fA-F_]++|0[oO][0-7_]++|0[bB][01_]++|\\d[\\d_]*+");

  private static final List<String> OPERATORS =
      List.of(
          "//", "**", "==", "!=", ">=", "<=", "+", "-", "*", "/", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private static final Pattern END_RAW = Pattern.compile("\\{%([-+]?)\\s*+endraw\\s*+([-+]?)%\\}");

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private final Matcher number;
  private int at;
  private int line = 1;
  private int counted; // newlines before here are in line
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
    number = NUMBER.matcher(source);
  }

  /** The tokens of a template, the last of which is {@link Token.Kind#END}. */
  static List<Token> tokens(String template) {
    String text = template.replace("\r\n", "\n").replace('\r', '\n');
    Lexer lexer = new Lexer(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
    lexer.read();
    return lexer.tokens;
  }

  private void read() {
    while (at < source.length()) {
      int begin = begin(at);
      String text = source.substring(at, begin);
      if (begin == source.length()) {
        data(text);
        at = begin;
        break;
      }
      char kind = source.charAt(begin + 1);
      char sign = begin + 2 < source.length() ? source.charAt(begin + 2) : ' ';
      data(before(text, kind, sign));
      at = begin + (sign == '-' || sign == '+' ? 3 : 2);
      if (kind == '#') {
        comment();
      } else if (kind == '{') {
        inside(Token.Kind.VARIABLE_BEGIN, Token.Kind.VARIABLE_END, "}}");
      } else if (!raw()) {
        inside(Token.Kind.BLOCK_BEGIN, Token.Kind.BLOCK_END, "%}");
      }
    }
    add(Token.Kind.END, "");
  }

  /** Where the next tag begins, or the end. */
  private int begin(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "{%#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return source.length();
  }

  /** Text before a tag, without the whitespace that the tag removes. */
  private String before(String text, char kind, char sign) {
    if (sign == '-') {
      return stripRight(text);
    }
    if (kind == '{' || sign == '+') {
      return text;
    }
    int start = text.lastIndexOf('\n') + 1;
    boolean blank = text.substring(start).isBlank();
    return blank && (start > 0 || lineStarts) ? text.substring(0, start) : text;
  }

  private static String stripRight(String text) {
    int end = text.length();
    while (end > 0 && Values.blank(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end);
  }

  /** Skips the whitespace after a tag: all of it, a newline, or none. */
  private void after(char sign, boolean variable) {
    if (sign == '-') {
      while (at < source.length() && Values.blank(source.charAt(at))) {
        at++;
      }
    } else if (sign != '+' && !variable && at < source.length() && source.charAt(at) == '\n') {
      at++;
    }
    lineStarts = source.charAt(at - 1) == '\n';
  }

  private void comment() {
    int end = source.indexOf("#}", at);
    if (end < 0) {
      throw TemplateException.at(line(), "a comment has no end");
    }
    char sign = end > at ? source.charAt(end - 1) : ' ';
    at = end + 2;
    after(sign, false);
  }

  /** Whether a block was "raw", whose text up to "endraw" was taken. */
  private boolean raw() {
    int word = blanks(at);
    if (!source.startsWith("raw", word)) {
      return false;
    }
    int end = blanks(word + 3);
    boolean minus = source.startsWith("-", end);
    if (!source.startsWith("%}", minus ? end + 1 : end)) {
      return false;
    }
    at = end + (minus ? 3 : 2);
    after(minus ? '-' : ' ', false);
    Matcher close = END_RAW.matcher(source);
    if (!close.find(at)) {
      throw TemplateException.at(line(), "raw has no endraw");
    }
    String text = source.substring(at, close.start());
    data(before(text, '%', close.group(1).isEmpty() ? ' ' : close.group(1).charAt(0)));
    at = close.end();
    after(close.group(2).isEmpty() ? ' ' : close.group(2).charAt(0), false);
    return true;
  }

  private int blanks(int from) {
    int i = from;
    while (i < source.length() && Values.blank(source.charAt(i))) {
      i++;
    }
    return i;
  }

  /** The tokens of a tag; its end counts only outside all brackets. */
  private void inside(Token.Kind begin, Token.Kind end, String mark) {
    add(begin, "");
    Deque<Character> open = new ArrayDeque<>();
    while (true) {
      at = blanks(at);
      if (at >= source.length()) {
        throw TemplateException.at(line(), "a tag has no " + mark);
      }
      char c = source.charAt(at);
      boolean sign = c == '-' || c == '+' && end == Token.Kind.BLOCK_END;
      if (open.isEmpty() && source.startsWith(mark, sign ? at + 1 : at)) {
        add(end, "");
        at += sign ? 3 : 2;
        after(sign ? c : ' ', end == Token.Kind.VARIABLE_END);
        return;
      }
      token(c, open);
    }
  }

  private void token(char c, Deque<Character> open) {
    if (c == '\'' || c == '"') {
      string(c);
    } else if (Character.isDigit(c) && number.region(at, source.length()).lookingAt()) {
      boolean whole = number.group("float") == null;
      add(whole ? Token.Kind.INTEGER : Token.Kind.FLOAT, number.group().replace("_", ""));
      at = number.end();
    } else if (Character.isUnicodeIdentifierStart(c) || c == '_') {
      int end = at + 1;
      while (end < source.length() && Character.isUnicodeIdentifierPart(source.charAt(end))) {
        end++;
      }
      add(Token.Kind.NAME, source.substring(at, end));
      at = end;
    } else {
      operator(open);
    }
  }

  private void operator(Deque<Character> open) {
    for (String operator : OPERATORS) {
      if (source.startsWith(operator, at)) {
        char c = operator.charAt(0);
        if ("([{".indexOf(c) >= 0) {
          open.push(c);
        } else if (")]}".indexOf(c) >= 0
            && (open.isEmpty() || ")]}".indexOf(c) != "([{".indexOf(open.pop()))) {
          throw TemplateException.at(line(), "'" + c + "' closes no bracket");
        }
        add(Token.Kind.OPERATOR, operator);
        at += operator.length();
        return;
      }
    }
    throw TemplateException.at(line(), "'" + source.charAt(at) + "' is not expected here");
  }

  /** A string with Python's escapes. */
  private void string(char quote) {
    StringBuilder text = new StringBuilder();
    int i = at + 1;
    while (i < source.length() && source.charAt(i) != quote) {
      if (source.charAt(i) == '\\' && i + 1 < source.length()) {
        i = escape(i + 1, text);
      } else {
        text.append(source.charAt(i++));
      }
    }
    if (i >= source.length()) {
      throw TemplateException.at(line(), "a string has no end");
    }
    add(Token.Kind.STRING, text.toString());
    at = i + 1;
  }

  /** Appends the escaped character at a position and returns the position after it. */
  private int escape(int i, StringBuilder text) {
    char c = source.charAt(i);
    int plain = "\\'\"abfnrtv".indexOf(c);
    if (plain >= 0) {
      text.append("\\'\"\u0007\b\f\n\r\t\u000b".charAt(plain));
      return i + 1;
    }
    if (c == '\n') {
      return i + 1;
    }
    int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits > 0) {
      try {
        int end = i + 1 + digits;
        text.appendCodePoint(Integer.parseInt(source.substring(i + 1, end), 16));
        return end;
      } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
        throw TemplateException.at(line(), "a string holds a wrong \\" + c);
      }
    }
    int end = i;
    while (end < source.length() && end < i + 3 && "01234567".indexOf(source.charAt(end)) >= 0) {
      end++;
    }
    if (end > i) {
      text.append((char) Integer.parseInt(source.substring(i, end), 8));
      return end;
    }
    text.append('\\').append(c);
    return i + 1;
  }

  private void data(String text) {
    if (!text.isEmpty()) {
      add(Token.Kind.DATA, text);
    }
  }

  private void add(Token.Kind kind, String text) {
    tokens.add(new Token(kind, text, line()));
  }

  private int line() {
    for (; counted < at && counted < source.length(); counted++) {
      if (source.charAt(counted) == '\n') {
        line++;
      }
    }
    return line;
  }
}
