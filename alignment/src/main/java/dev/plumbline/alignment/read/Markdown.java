package dev.plumbline.alignment.read;

import dev.plumbline.alignment.report.page.Html;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Markdown of docs/math as HTML: paragraphs, lists, tables, blocks of code, displayed and
 * inline formulas. Links become their text, since a page stands alone.
 */
final class Markdown {
  private static final Pattern INLINE =
      Pattern.compile(
          "`(?<code>[^`]+)`|\\$(?<math>[^$]+)\\$|\\*\\*(?<bold>.+?)\\*\\*|\\*(?<italic>[^*]+)\\*"
              + "|\\[(?<link>[^\\]]+)\\]\\([^)]+\\)");

  private static final int LONG = 40; // characters of an inline formula that scrolls on a phone

  private final List<String> lines;
  private final StringBuilder out = new StringBuilder();
  private int at;

  private Markdown(List<String> lines) {
    this.lines = lines;
  }

  /** Lines without their heading as HTML. */
  static String html(List<String> lines) {
    Markdown markdown = new Markdown(lines);
    while (markdown.at < lines.size()) {
      markdown.block();
    }
    return markdown.out.toString();
  }

  private void block() {
    String line = lines.get(at);
    if (line.isBlank()) {
      at++;
    } else if (line.startsWith("#")) {
      heading(line);
    } else if (line.strip().equals("$$")) {
      at++;
      String formula = String.join("\n", takeUntil("$$"));
      at++;
      out.append(Latex.display(formula));
    } else if (line.startsWith("|")) {
      table();
    } else if (line.equals("```formula")) { // the worked example shows and computes it
      at++;
      takeUntil("```");
      at++;
    } else if (line.startsWith("    ")) {
      out.append(Markup.text("pre", String.join("\n", takeWhile("    ")).stripIndent()));
    } else if (line.startsWith("- ") || line.matches("\\d+\\. .*")) {
      list(line.startsWith("- ") ? "ul" : "ol");
    } else if (line.startsWith("Class: ")) {
      at++;
      out.append(Provenance.of(line).html());
    } else {
      out.append(Markup.element("p", inline(paragraph())));
    }
  }

  private void heading(String line) {
    at++;
    String text = line.replaceFirst("^#+ ", "");
    String tag = "h4 id=\"" + Markup.anchor(text) + "\"";
    out.append(Markup.element(tag, inline(text)));
  }

  private String paragraph() {
    StringBuilder text = new StringBuilder();
    while (at < lines.size()
        && !lines.get(at).isBlank()
        && !lines.get(at).matches("\\$\\$|#.*|\\|.*|Class: .*")) {
      text.append(text.length() == 0 ? "" : " ").append(lines.get(at++).strip());
    }
    return text.toString();
  }

  private void list(String tag) {
    String item = tag.equals("ul") ? "- .*" : "\\d+\\. .*";
    out.append('<').append(tag).append('>');
    while (at < lines.size() && lines.get(at).matches(item)) {
      StringBuilder text = new StringBuilder(lines.get(at++).replaceFirst("^(- |\\d+\\. )", ""));
      while (at < lines.size() && lines.get(at).startsWith("  ")) {
        text.append(' ').append(lines.get(at++).strip());
      }
      out.append(Markup.element("li", inline(text.toString())));
    }
    out.append("</").append(tag).append('>');
  }

  private void table() {
    List<String> rows = takeWhile("|");
    out.append("<div class=\"scroll\" tabindex=\"0\"><table>");
    for (int r = 0; r < rows.size(); r++) {
      if (r != 1) {
        StringBuilder row = new StringBuilder();
        for (String cell : cells(rows.get(r))) {
          row.append(Markup.element(r == 0 ? "th scope=\"col\"" : "td", inline(cell)));
        }
        out.append(Markup.element("tr", row.toString()));
      }
    }
    out.append("</table></div>");
  }

  /** The cells of a row of a table. */
  static List<String> cells(String row) {
    String inner = row.strip().replaceAll("^\\||\\|$", "");
    return List.of(inner.split("\\|")).stream().map(String::strip).toList();
  }

  private List<String> takeWhile(String prefix) {
    List<String> taken = new ArrayList<>();
    while (at < lines.size() && lines.get(at).startsWith(prefix)) {
      taken.add(lines.get(at++));
    }
    return taken;
  }

  private List<String> takeUntil(String end) {
    List<String> taken = new ArrayList<>();
    while (at < lines.size() && !lines.get(at).strip().equals(end)) {
      taken.add(lines.get(at++));
    }
    return taken;
  }

  /** Text with code, formulas, emphasis and the text of links. */
  static String inline(String text) {
    StringBuilder html = new StringBuilder();
    Matcher matcher = INLINE.matcher(text);
    int end = 0;
    while (matcher.find()) {
      html.append(Html.escape(text.substring(end, matcher.start())));
      if (matcher.group("code") != null) {
        html.append(Markup.text("code", matcher.group("code")));
      } else if (matcher.group("math") != null) {
        String formula = Latex.mathMl(matcher.group("math"), false);
        boolean isLong = matcher.group("math").length() > LONG;
        html.append(isLong ? Markup.element("span class=\"long\"", formula) : formula);
      } else if (matcher.group("bold") != null) {
        html.append(Markup.element("strong", inline(matcher.group("bold"))));
      } else if (matcher.group("italic") != null) {
        html.append(Markup.element("em", inline(matcher.group("italic"))));
      } else {
        html.append(inline(matcher.group("link")));
      }
      end = matcher.end();
    }
    return html.append(Html.escape(text.substring(end))).toString();
  }
}
