package dev.plumbline.alignment.read;

import dev.plumbline.alignment.report.page.Html;

/** The frame of a page: one file, without anything to load. */
final class PageFrame {
  private PageFrame() {}

  /**
   * A whole page, well-formed as HTML and as XML.
   *
   * @param title plain text
   * @param body markup
   */
  static String html(String title, String body) {
    return """
        <!DOCTYPE html>
        <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>%s</title>
        <style>
        %s</style>
        </head>
        <body>
        %s
        </body>
        </html>
        """
        .formatted(Html.escape(title), Resources.text("page.css"), body);
  }

  /** The script of a page behind its data, in a form that is valid in HTML and in XML. */
  static String script(String json) {
    return "<script type=\"application/json\" id=\"page-data\">"
        + json
        + "</script>\n<script>//<![CDATA[\n"
        + Resources.text("page.js")
        + "//]]></script>";
  }
}
