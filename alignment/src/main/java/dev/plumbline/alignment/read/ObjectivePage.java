package dev.plumbline.alignment.read;

import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.alignment.report.page.Html;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The page of an objective: equation beside class, worked example, gradient, neighbours. */
final class ObjectivePage {
  private final Reading reading;
  private final Map<String, Formula> formulas;

  private ObjectivePage(Reading reading, Map<String, Formula> formulas) {
    this.reading = reading;
    this.formulas = formulas;
  }

  /**
   * The page as one HTML file.
   *
   * @param formulas of all objectives
   */
  static String html(Reading reading, Map<String, Formula> formulas) {
    ObjectivePage page = new ObjectivePage(reading, formulas);
    String name = reading.spec().name();
    String body =
        page.header()
            + "<main><div class=\"columns\">"
            + section("equation", "Equation", page.equation())
            + section("class", "Class", page.code())
            + "</div>"
            + section("example", "Worked example", page.example())
            + (reading.neighbours().isEmpty()
                ? ""
                : section("neighbours", "Neighbours", page.neighbours()))
            + "</main>"
            + PageFrame.script(PageData.json(reading, formulas));
    return PageFrame.html(name + ": equation, class, example", body);
  }

  private static String section(String id, String title, String content) {
    return "\n<section aria-labelledby=\""
        + id
        + "\">"
        + Markup.text("h2 id=\"" + id + "\"", title)
        + content
        + "</section>";
  }

  private String header() {
    String reads = reading.spec().readable();
    return "<header><nav aria-label=\"Pages\"><a href=\"index.html\">All objectives</a>"
        + " <a href=\"#equation\">Equation</a> <a href=\"#class\">Class</a>"
        + " <a href=\"#example\">Example</a>"
        + (reading.neighbours().isEmpty() ? "" : " <a href=\"#neighbours\">Neighbours</a>")
        + "</nav>"
        + Markup.text("h1", reading.spec().name())
        + Markup.text(
            "p class=\"lead\"", reading.spec().summary() + " (" + reading.spec().paper() + ")")
        + Markup.element("p", "Run: " + Markup.text("code", command()))
        + Markup.text("p class=\"small\"", "Hyperparameters and defaults: " + reads + ".")
        + "</header>\n";
  }

  private String command() {
    return "./plumbline train model=MODEL objective="
        + reading.spec().name()
        + " data=ROWS.jsonl output=OUT";
  }

  private String equation() {
    MathPage.Equation loss = reading.loss();
    MathPage math = MathPage.read(reading.math());
    String sections =
        reading.sections().stream()
            .map(heading -> math.section(heading))
            .map(
                lines ->
                    Markup.text("h3", lines.get(0).replaceFirst("^#+ ", ""))
                        + Markdown.html(lines.subList(1, lines.size())))
            .collect(Collectors.joining("\n"));
    return "<div class=\"hero\">"
        + Latex.display(loss.formula())
        + loss.provenance().html()
        + "</div>"
        + symbols(loss, math)
        + Markup.element(
            "div class=\"prose\"",
            sections
                + Markup.element(
                    "p class=\"small\"",
                    "From docs/math/" + reading.math() + ".md of this build."));
  }

  private String symbols(MathPage.Equation loss, MathPage math) {
    boolean ofSeveralLosses = loss.formula().strip().startsWith("\\text");
    List<String> formulas =
        ofSeveralLosses
            ? List.of(loss.formula())
            : MathPage.equations(math.section(reading.sections().get(0))).stream()
                .map(MathPage.Equation::formula)
                .toList();
    StringBuilder rows = new StringBuilder();
    MathPage.symbols(formulas, redefined(math.section(reading.sections().get(0))))
        .forEach(
            (symbol, meaning) ->
                rows.append(Markup.element("dt", Markdown.inline(symbol)))
                    .append(Markup.element("dd", Markdown.inline(meaning))));
    return "<details open=\"open\"><summary>Symbols</summary><dl class=\"symbols\">"
        + rows
        + "</dl></details>";
  }

  /** Symbols that a section uses in a sense of its own: "(Here $s_w$ and $s_l$ are steps …)". */
  private static String redefined(List<String> lines) {
    return lines.stream().filter(line -> line.startsWith("(Here ")).collect(Collectors.joining());
  }

  private String code() {
    StringBuilder html = new StringBuilder();
    for (SourceFile file : reading.classes()) {
      html.append(Markup.element("h3", Markup.text("code", file.name()) + ", alignment.objective"));
      boolean numbered = CodeBlock.hasEquations(file.all());
      for (SourceFile.Part part : SourceFile.Part.values()) {
        html.append(part(file, part, !numbered));
      }
      if (file.part(SourceFile.Part.EXPLANATION).isEmpty()) {
        html.append(inheritedExplanation());
      }
    }
    for (SourceFile file : reading.helpers()) {
      html.append("<details><summary>It calls ")
          .append(Markup.text("code", file.name()))
          .append("</summary>")
          .append(CodeBlock.html(file.all(), false))
          .append("</details>");
    }
    return "<p class=\"small\">Marked lines compute the equation that their comment names; where the"
        + " paper numbers nothing, they return the loss.</p>"
        + html;
  }

  /** The explanation of the interface that has one. */
  private String inheritedExplanation() {
    return reading.helpers().stream()
        .filter(helper -> !helper.part(SourceFile.Part.EXPLANATION).isEmpty())
        .findFirst()
        .map(
            helper ->
                Markup.element("h4", "Explanation, from " + Markup.text("code", helper.name()))
                    + CodeBlock.html(helper.part(SourceFile.Part.EXPLANATION), false))
        .orElse("");
  }

  private static String part(SourceFile file, SourceFile.Part part, boolean unnumbered) {
    String code = file.part(part);
    if (code.isEmpty()) {
      return "";
    }
    boolean formula = part == SourceFile.Part.VALUE || part == SourceFile.Part.GRAPH;
    String block = CodeBlock.html(code, unnumbered && formula);
    if (part == SourceFile.Part.REST) {
      return "<details><summary>"
          + part.title()
          + ": "
          + part.about()
          + "</summary>"
          + block
          + "</details>";
    }
    return Markup.element("h4", part.title() + " <span class=\"small\">" + part.about() + "</span>")
        + block;
  }

  private String example() {
    String about = PageData.example(reading.example()).get("about").asText();
    return Markup.text("p", about + " Change a number: everything below follows.")
        + "<noscript><p>The example computes in the page and needs JavaScript.</p></noscript>"
        + "<div class=\"columns even\"><div><h3>Numbers</h3><div id=\"inputs\"></div></div>"
        + "<div><h3>Gradient by log-probability</h3><div id=\"gradient\"></div></div></div>"
        + "<h3>Step by step</h3><div id=\"steps\" aria-live=\"polite\"></div>"
        + "<p class=\"small\">The page computes the formula written here, and gradients by central"
        + " differences with D held. A test compares the formula with <code>value</code> of the"
        + " class on random numbers. It shows the loss alone: align-weight 1, vft-weight 0.</p>";
  }

  private String neighbours() {
    StringBuilder cards = new StringBuilder();
    for (String name : reading.neighbours()) {
      Reading other = Reading.of(Objectives.spec(name));
      cards
          .append("<article><h4><a href=\"")
          .append(Html.escape(name))
          .append(".html\">")
          .append(Html.escape(name))
          .append("</a></h4>")
          .append(Latex.display(other.loss().formula()))
          .append(
              Markup.element(
                  "pre class=\"diff\" tabindex=\"0\"",
                  FormulaDiff.html(formulas.get(reading.spec().name()), formulas.get(name))))
          .append("</article>");
    }
    return "<div id=\"compared\"></div>"
        + "<p class=\"small\">Neighbours have the defaults of their own papers; a hyperparameter with"
        + " the same name and the same default follows the number above.</p>"
        + "<h3>What differs in the formula</h3>"
        + "<p>Beside <code>"
        + Html.escape(reading.spec().name())
        + "</code>: <ins>what the neighbour adds</ins>, <del>what it lacks</del>.</p>"
        + Markup.element("div class=\"cards\"", cards.toString());
  }
}
