package dev.plumbline.alignment.report.page;

import dev.plumbline.data.io.AtomicFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Builds markup that is well-formed both as HTML and as XML. Everything that is passed as text or
 * as an attribute's value is escaped, so model output cannot leave its place.
 */
public final class Html {
  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /** A page up to its heading, without scripts or outside resources; {@link #endPage} ends it. */
  public static Html page(String title) {
    Html html = new Html();
    html.constant("<!DOCTYPE html>\n")
        .open("html", "lang", "en", "xmlns", "http://www.w3.org/1999/xhtml")
        .open("head");
    html.leaf("meta", "charset", "utf-8")
        .leaf("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    html.element("title", title).open("style").constant("\n" + PageStyle.CSS).close().close();
    return html.line().open("body").open("main").element("h1", title);
  }

  /** The whole page. */
  public String endPage() {
    return close().close().close().line().toString();
  }

  /** Opens an element; {@code attributes} alternates names and values. */
  public Html open(String tag, String... attributes) {
    start(tag, attributes).append('>');
    open.push(tag);
    return this;
  }

  /** Closes the element that was opened last. */
  public Html close() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /** An element that holds only text. */
  public Html element(String tag, String text, String... attributes) {
    return open(tag, attributes).text(text).close();
  }

  /** An element without content: a void element of HTML, or a shape of SVG. */
  public Html leaf(String tag, String... attributes) {
    start(tag, attributes).append("/>");
    return this;
  }

  /** Text, escaped. */
  public Html text(String text) {
    out.append(escape(text));
    return this;
  }

  /** Constant markup of this program, never text that was read or computed. */
  public Html constant(String markup) {
    out.append(markup);
    return this;
  }

  /** A line break in the source, for readers of the source. */
  public Html line() {
    out.append('\n');
    return this;
  }

  private StringBuilder start(String tag, String... attributes) {
    if (attributes.length % 2 != 0) {
      throw new IllegalArgumentException(
          "<" + tag + "> has an attribute without a value; give names and values in turn.");
    }
    out.append('<').append(tag);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ')
          .append(attributes[i])
          .append("=\"")
          .append(escape(attributes[i + 1]))
          .append('"');
    }
    return out;
  }

  /** The markup; every element has been closed. */
  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException(
          "The page still has <" + open.peek() + "> open; close it first.");
    }
    return out.toString();
  }

  /** Writes a page; readers of {@code file} see the old one or the new one, never half of it. */
  public static void write(Path file, String page) {
    AtomicFile.write(file, page.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Text as it may stand between tags or in a quoted attribute. Characters that XML forbids even as
   * references, such as NUL or half of a surrogate pair, which a byte-level tokenizer can produce,
   * become U+FFFD.
   */
  public static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.appendCodePoint(allowed(c) ? c : 0xFFFD);
              }
            });
    return escaped.toString();
  }

  /**
   * {@code Char} of XML 1.0, section 2.2, less the C1 controls, which browsers read as
   * Windows-1252.
   */
  private static boolean allowed(int c) {
    return c == '\t'
        || c == '\n'
        || c == '\r'
        || (c >= 0x20 && c < 0x7F)
        || (c >= 0xA0 && c <= 0xD7FF)
        || (c >= 0xE000 && c <= 0xFFFD)
        || c >= 0x10000;
  }
}
