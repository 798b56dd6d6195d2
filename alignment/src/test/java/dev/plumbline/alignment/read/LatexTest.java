package dev.plumbline.alignment.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xml.sax.InputSource;

/** LaTeX to MathML, on every formula of docs/math. */
class LatexTest {
  private static final Pattern FORMULA = Pattern.compile("\\$\\$(.+?)\\$\\$|\\$([^$]+)\\$");

  static Stream<Path> pages() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("../docs/math"))) {
      return files.filter(file -> file.toString().endsWith(".md")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyFormulaOfDocsMathBecomesMathMl(Path page) throws Exception {
    List<String> formulas = formulas(Files.readString(page));
    for (String formula : formulas) {
      parse(Latex.mathMl(formula, false));
      parse(Latex.display(formula));
    }
    assertThat(formulas).hasSizeGreaterThan(page.endsWith("README.md") ? -1 : 25);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyPageOfDocsMathBecomesHtmlWithoutLeftovers(Path page) throws Exception {
    String html = Markdown.html(Files.readAllLines(page));
    parse("<div>" + html + "</div>");
    assertThat(html.replaceAll("(?s)<(code|pre)[^>]*>.*?</\\1>|<[^>]*>", ""))
        .doesNotContain("$", "**", "](");
  }

  private static List<String> formulas(String markdown) {
    String text = markdown.replaceAll("`[^`\n]*`", "").replaceAll("(?m)^    .*$", "");
    List<String> formulas = new ArrayList<>();
    Matcher matcher = Pattern.compile(FORMULA.pattern(), Pattern.DOTALL).matcher(text);
    while (matcher.find()) {
      formulas.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return formulas;
  }

  @Test
  void anUnknownCommandIsNamed() {
    assertThatThrownBy(() -> Latex.mathMl("x = \\foo{y}", true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\\foo has no rule")
        .hasMessageContaining("x = \\foo{y}");
    assertThatThrownBy(() -> Latex.mathMl("\\frac{1}{2", true)).hasMessageContaining("'}'");
    assertThatThrownBy(() -> Latex.mathMl("x }", true)).hasMessageContaining("'}' has no rule");
  }

  @Test
  void aMinusIsASignOrADifference() {
    assertThat(Latex.mathMl("-x", false)).contains("form=\"prefix\"");
    assertThat(Latex.mathMl("x - y", false)).contains("form=\"infix\"");
    assertThat(Latex.mathMl("L = - \\log x", false)).contains("form=\"prefix\"");
    assertThat(Latex.mathMl("(a) - b", false)).contains("form=\"infix\"");
    assertThat(Latex.mathMl("\\sum_j -x_j", false)).contains("form=\"prefix\"");
  }

  @Test
  void scriptsStandWhereLatexPutsThem() {
    assertThat(Latex.mathMl("x_i^2", false))
        .contains("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>");
    assertThat(Latex.mathMl("\\sum_{i=1}^{n} i", true)).contains("<munderover>");
    assertThat(Latex.mathMl("\\mathbf{1}[a \\lt b]", false)).contains("𝟏", "&lt;");
  }

  @Test
  void displaysBreakAtQuads() {
    assertThat(LatexTokens.parts("L = x, \\quad x = \\beta h \\quad \\text{(sums)}"))
        .containsExactly("L = x,", "x = \\beta h \\quad \\text{(sums)}");
    assertThat(LatexTokens.parts("\\begin{cases} a & b \\quad c \\end{cases}")).hasSize(1);
  }

  private static void parse(String xml) throws Exception {
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }
}
