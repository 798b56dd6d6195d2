package dev.plumbline.alignment.read;

import dev.plumbline.alignment.objective.ObjectiveSpec;
import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.alignment.report.page.Html;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** Writes the pages of {@code plumbline read}. */
public final class ReadPages {
  private ReadPages() {}

  /** Writes the page of one objective and returns its file. */
  public static Path write(ObjectiveSpec spec, Path directory) throws IOException {
    return write(spec, directory, Formula.all());
  }

  /** Writes the pages of all objectives and their index, and returns the index. */
  public static Path writeAll(Path directory) throws IOException {
    Map<String, Formula> formulas = Formula.all();
    for (ObjectiveSpec spec : Objectives.ALL) {
      write(spec, directory, formulas);
    }
    return file(directory.resolve("index.html"), index());
  }

  private static Path write(ObjectiveSpec spec, Path directory, Map<String, Formula> formulas)
      throws IOException {
    return file(
        directory.resolve(spec.name() + ".html"), ObjectivePage.html(Reading.of(spec), formulas));
  }

  private static Path file(Path file, String html) {
    Html.write(file, html);
    return file;
  }

  /** All objectives under the headings of {@code train --help}, each with its equation. */
  static String index() {
    StringBuilder groups = new StringBuilder();
    for (ObjectiveSpec.Group group : ObjectiveSpec.Group.values()) {
      groups.append(Markup.text("h2", group.title())).append("<div class=\"cards\">");
      for (ObjectiveSpec spec : Objectives.ALL) {
        if (spec.group() == group) {
          String equation = Latex.display(Reading.of(spec).loss().formula());
          groups
              .append("<article><h3><a href=\"")
              .append(Html.escape(spec.name()))
              .append(".html\">")
              .append(Html.escape(spec.name()))
              .append("</a></h3>")
              .append(Markup.text("p", spec.summary() + " (" + spec.paper() + ")"))
              .append(equation)
              .append("</article>\n");
        }
      }
      groups.append("</div>");
    }
    String lead =
        "Each page has the equation with its derivation, the class that computes it, an example"
            + " whose numbers can be changed, and what its neighbours do with the same numbers.";
    return PageFrame.html(
        "Objectives of Plumbline",
        "<header><h1>Objectives</h1>"
            + Markup.text("p class=\"lead\"", lead)
            + "</header><main>"
            + groups
            + "</main>");
  }
}
