package dev.plumbline.alignment.report.page;

/** A model's answer to a question in a box that says whether it is right. */
public final class AnswerBox {
  private AnswerBox() {}

  /** One answer; {@code right} is null for the gold solution. */
  public static void draw(Html html, String name, Boolean right, String text) {
    String word = right == null ? "" : right ? "right" : "wrong";
    html.line().open("div", "class", ("answer " + word).strip()).open("h4").text(name);
    if (right != null) {
      html.text(": ").element("b", mark(right));
    }
    html.close().element("div", text(text), "class", "text").close();
  }

  /** Right or wrong as a symbol and a word. */
  public static String mark(boolean right) {
    return right ? "\u2713 right" : "\u2717 wrong";
  }

  /** The model's text, or a note that it is empty. */
  public static String text(String text) {
    return text.isBlank() ? "(empty)" : text;
  }
}
