package dev.plumbline.alignment.read;

import dev.plumbline.alignment.report.page.Html;
import java.util.Locale;

/** The little markup that the pages share; what is read from files is escaped here. */
final class Markup {
  private Markup() {}

  /**
   * An element.
   *
   * @param tag its name, with attributes whose values are escaped
   * @param content markup
   */
  static String element(String tag, String content) {
    int space = tag.indexOf(' ');
    return "<" + tag + ">" + content + "</" + (space < 0 ? tag : tag.substring(0, space)) + ">";
  }

  /** An element that holds text. */
  static String text(String tag, String text) {
    return element(tag, Html.escape(text));
  }

  /** A heading as the target of a link: {@code Eq. 7: the loss} is {@code eq-7-the-loss}. */
  static String anchor(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
  }
}
