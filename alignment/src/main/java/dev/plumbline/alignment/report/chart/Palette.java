package dev.plumbline.alignment.report.chart;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The methods of a study in order, so that each has one colour all over the page.
 *
 * @param names of the methods, and of lines and models that belong to none of them
 */
public record Palette(List<String> names) {
  /** The methods among names, each once. */
  public static Palette of(Stream<String> all) {
    List<String> names = new ArrayList<>();
    all.forEach(
        name -> {
          if (find(names, name) < 0) {
            names.add(name);
          }
        });
    return new Palette(List.copyOf(names));
  }

  /** The number of a method's colour. A line called {@code VFT, maj@k} belongs to {@code VFT}. */
  public int hue(String name) {
    return Math.max(0, find(names, name));
  }

  /** The method that a line or a model belongs to, or its own name. */
  public String method(String name) {
    int found = find(names, name);
    return found < 0 ? name : names.get(found);
  }

  private static int find(List<String> names, String name) {
    int exact = names.indexOf(name);
    int comma = name.lastIndexOf(", ");
    return exact >= 0 || comma < 0 ? exact : find(names, name.substring(0, comma));
  }
}
