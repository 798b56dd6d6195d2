package dev.plumbline.alignment.report.chart;

import java.util.List;

/**
 * What a page opens with: the result in a sentence and its few main figures.
 *
 * @param sentence the result
 * @param tiles the figures, side by side
 */
public record Headline(String sentence, List<Tile> tiles) implements Figure {
  /** Copies the tiles. */
  public Headline {
    tiles = List.copyOf(tiles);
  }

  /**
   * A figure to be read at a glance.
   *
   * @param value such as {@code 44.6 %}
   * @param label what it is of
   * @param detail what it is compared with, or how it was measured
   */
  public record Tile(String value, String label, String detail) {}
}
