package dev.plumbline.alignment.report.chart;

import java.util.List;

/**
 * A text whose tokens are coloured by a value, in several panels.
 *
 * @param caption what it is, with the question
 * @param marks what the marked tokens are, such as "the erroneous step"
 * @param boxed whether marked tokens are drawn in boxes, as single tokens are, or underlined
 * @param oneScale whether all panels show one quantity, under several models, on one scale; else
 *     each has its own
 * @param panels one per model or quantity
 */
public record ColouredText(
    String caption, String marks, boolean boxed, boolean oneScale, List<Panel> panels)
    implements Figure {

  /** The text under one model or quantity. */
  public record Panel(String name, List<Token> tokens) {}

  /**
   * A token.
   *
   * @param text as decoded
   * @param value its colour; NaN for none
   * @param marked whether it belongs to what the text is about, such as the erroneous step
   */
  public record Token(String text, double value, boolean marked) {}
}
