package dev.plumbline.alignment.read;

import dev.plumbline.alignment.report.page.Html;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Colours Java: comments, strings, numbers, keywords and annotations. */
final class Highlighter {
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<comment>//[^\\n]*|/\\*.*?\\*/)|(?<string>\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n])*\"|'(?:\\\\.|[^'\\\\])+')"
              + "|(?<annotation>@\\w+)|(?<number>\\b\\d[\\w.]*(?:[eE]-\\d+)?)"
              + "|(?<keyword>\\b(?:abstract|boolean|break|case|char|class|continue|default|do|double|else|enum"
              + "|extends|false|final|float|for|if|implements|import|instanceof|int|interface|long|new"
              + "|non-sealed|null|package|permits|private|public|record|return|sealed|static|super"
              + "|switch|this|throw|true|try|var|void|while)\\b)",
          Pattern.DOTALL);

  private static final String[] KINDS = {"comment", "string", "annotation", "number", "keyword"};

  private Highlighter() {}

  /** Code as HTML; no element crosses a line, so that lines can be marked. */
  static String html(String java) {
    StringBuilder html = new StringBuilder();
    Matcher matcher = TOKEN.matcher(java);
    int end = 0;
    while (matcher.find()) {
      html.append(Html.escape(java.substring(end, matcher.start())));
      for (String kind : KINDS) {
        if (matcher.group(kind) != null) {
          String open = "<span class=\"" + kind + "\">";
          html.append(open)
              .append(Html.escape(matcher.group()).replace("\n", "</span>\n" + open))
              .append("</span>");
        }
      }
      end = matcher.end();
    }
    return html.append(Html.escape(java.substring(end))).toString();
  }
}
