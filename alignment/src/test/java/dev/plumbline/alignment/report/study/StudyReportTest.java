package dev.plumbline.alignment.report.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.alignment.report.chart.Case;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.LineStyle;
import dev.plumbline.alignment.report.chart.Palette;
import dev.plumbline.alignment.report.chart.Scores;
import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.statistics.Interval;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class StudyReportTest {
  private static final String HOSTILE =
      "</style></td><script>alert('&amp;\"')</script><!-- ]]> | `x` **y** \n# z \u0000\u001b\ud800";

  @Test
  void pageIsWellFormedAndAccessible() throws Exception {
    for (Study study :
        List.of(
            StudySamples.study(),
            StudySamples.empty(),
            StudySamples.degenerate("x"),
            StudySamples.degenerate(HOSTILE))) {
      Document page = parse(StudyReport.html(study));
      Set<String> ids = new HashSet<>();
      assertThat(page.getDocumentElement().getAttribute("lang")).isEqualTo("en");
      NodeList all = page.getElementsByTagName("*");
      for (int i = 0; i < all.getLength(); i++) {
        Element element = (Element) all.item(i);
        String id = element.getAttribute("id");
        assertThat(id.isEmpty() || ids.add(id)).as(id).isTrue();
        if (element.getTagName().equals("th")) {
          assertThat(element.getAttribute("scope")).isIn("col", "row");
        }
      }
      NodeList drawings = page.getElementsByTagName("svg");
      for (int i = 0; i < drawings.getLength(); i++) {
        Element drawing = (Element) drawings.item(i);
        if (!drawing.getAttribute("aria-hidden").equals("true")) {
          assertThat(drawing.getAttribute("role")).isEqualTo("img");
          assertThat(ids).contains(drawing.getAttribute("aria-labelledby").split(" "));
        }
      }
    }
    assertThat(StudyReport.html(StudySamples.study()))
        .contains("role=\"note\"")
        .doesNotContain("<script")
        .doesNotContain("<link")
        .doesNotContain("url(")
        .doesNotContain("@import")
        .doesNotContain("src=");
  }

  @Test
  void everyFigureAppears() throws Exception {
    assertThat(text(StudySamples.study()))
        .contains(
            "Of 5 claims, 2 are reproduced, 1 is contradicted, 1 is undecided and 1 was not run.")
        .contains("reproduced: VFT models misjudge", "constraint falls below VFT.")
        .contains("✓\u00a0reproduced", "✗\u00a0contradicted", "?\u00a0undecided")
        .contains(
            "Primary: AFT-BC solves more than VFT.", "Verdicts: 2 reproduced, 1 contradicted, ")
        .contains("–\u00a0not run", "GSM8K: VFT 40.32, AFT-BC 43.05", "Table 4, binary feedback")
        .contains("Holm p 1.2e-38", "−21.4 points")
        .contains("how AFT-BC came about", "45.0\u00a0%", "[42.2 to 47.8]")
        .contains("45.0 ± 0.8 over 3 seeds", "1 seed", "88.4\u00a0%", "[82.7 to 86.1]", "7.310")
        .contains("31.2\u00a0%", "252 s", "none")
        .contains("4.4e-34", "[−24.3 to −18.5]", "first is higher", "second is higher")
        .contains("greedy accuracy", "0.156primary", "smaller than 1 point")
        .contains("Sampled accuracy", "35.0\u00a0%", "[32.9 to 37.1]")
        .contains("3420 right", "4580 wrong", "1000 reference")
        .contains("43.0 (40.2 to 45.8)", "1.391 (1.388 to 1.395)", "A gap means")
        .contains("Pearson's r over 15 models: 0.87, 95\u00a0% interval 0.64 to 0.96")
        .contains("AFT-none, seed 2: 0.")
        .contains("2 of 4 for VFT and 4 of 4 for AFT-BC", "place 3", "✗ wrong", "(empty)")
        .contains("All candidates are right", "./plumbline reproduce aft");
  }

  @Test
  void candidatesStandInTheOrderOfTheFirstModel() {
    String page = StudyReport.html(StudySamples.study());
    String cases = page.substring(page.indexOf("Candidates of question 1"));
    assertThat(cases.indexOf("\u2212" + "0.100")).isLessThan(cases.indexOf("\u2212" + "0.200"));
    assertThat(cases.indexOf("\u2212" + "0.200")).isLessThan(cases.indexOf("\u2212" + "0.300"));
    assertThat(cases.indexOf("\u2717 wrong")).isLessThan(cases.indexOf("\u2713 right"));
  }

  @Test
  void gapsAreLeftOutOfLines() throws Exception {
    Document page = parse(StudyReport.html(StudySamples.study()));
    NodeList paths = page.getElementsByTagName("path");
    Set<String> dashes = new HashSet<>();
    int broken = 0;
    for (int i = 0; i < paths.getLength(); i++) {
      Element path = (Element) paths.item(i);
      if (path.getAttribute("class").startsWith("curve")) {
        dashes.add(path.getAttribute("stroke-dasharray"));
        broken += path.getAttribute("d").lastIndexOf('M') > 0 ? 1 : 0;
      }
    }
    assertThat(broken).isOne(); // AFT-none misses one value amid the others
    assertThat(dashes).hasSize(4);
  }

  @Test
  void missingFiguresAreNeverPrintedAsNumbers() throws Exception {
    for (Study study : List.of(StudySamples.empty(), StudySamples.degenerate("x"))) {
      String page = StudyReport.html(study);
      for (String text :
          List.of(text(study), StudyReport.table(study), StudyReport.markdown(study))) {
        assertThat(text).doesNotContain("NaN").doesNotContain("Infinity").doesNotContain("null");
      }
      assertThat(page).doesNotContain("\"NaN").doesNotContain("n/a\"").doesNotContain("±\u00a0n/a");
    }
    assertThat(text(StudySamples.empty())).contains("No claim was tested");
    assertThat(StudyReport.table(StudySamples.empty())).startsWith("No claim was tested");
    assertThat(text(StudySamples.degenerate("x")))
        .contains("Of 1 claim, 1 is undecided.", "Nothing was measured for this figure.")
        .contains("There is no correlation to give for 1 model.", "All candidates are wrong");
  }

  @Test
  void textFromModelsStaysText() throws Exception {
    Study study = StudySamples.degenerate(HOSTILE);
    Document page = parse(StudyReport.html(study));
    assertThat(page.getElementsByTagName("script").getLength()).isZero();
    assertThat(page.getElementsByTagName("h1").item(0).getTextContent())
        .startsWith("</style></td><script>alert('&amp;\"')</script>")
        .endsWith("\ufffd\ufffd\ufffd");
    assertThat(StudyReport.table(study)).doesNotContain("\u001b").doesNotContain("\u0000");
    String markdown = StudyReport.markdown(study);
    assertThat(markdown).doesNotContain("<").doesNotContain("\u001b").contains("\\`x\\` \\*\\*y");
    assertThat(markdown.lines().filter(line -> line.startsWith("|")))
        .allMatch(line -> line.endsWith("|"));
  }

  @Test
  void tableIsAtMostAHundredColumnsWide() {
    String table = StudyReport.table(StudySamples.study());
    assertThat(table)
        .contains("contradicted          PRO without a constraint falls below VFT")
        .contains("AFT-BC    45.0 (42.2-47.8)  0.8     35.0     88.4      84.4   1.398")
        .contains("undecided             Primary: AFT-BC solves more than VFT.")
        .endsWith(
            "Verdicts: 2 reproduced, 1 contradicted, 0 smaller than 1 point, 1 undecided, 1 not run.\n")
        .contains("not run               The ranking loss");
    Interval all = new Interval(1, 1, 1);
    Study.Seed seed = new Study.Seed(0, 1, 1, 1e9, 0);
    Study.Arm widest =
        new Study.Arm(
            "a name that is far too long",
            "",
            List.of(seed, new Study.Seed(1, 0, 1, 1e9, 0)),
            new Study.Accuracy(all, all),
            new Study.Assessed(all, all),
            Double.NEGATIVE_INFINITY,
            1);
    Study wide =
        new Study(
            "t",
            "",
            List.of(),
            List.of(
                new Study.Claim("x".repeat(300), "", "", Study.Verdict.NOT_RUN, "y ".repeat(90))),
            List.of(new Study.Table("z ".repeat(90), List.of(widest))),
            List.of(),
            Figures.of(List.of()));
    for (String text :
        List.of(
            table, StudyReport.table(wide), StudyReport.table(StudySamples.degenerate(HOSTILE)))) {
      assertThat(text.lines()).allMatch(line -> line.codePointCount(0, line.length()) <= 100);
    }
    assertThat(StudyReport.table(wide).lines().filter(l -> l.endsWith("xxx"))).hasSize(4);
  }

  @Test
  void markdownHoldsTheSameFigures() {
    String markdown = StudyReport.markdown(StudySamples.study());
    assertThat(markdown)
        .startsWith("# AFT reproduced")
        .contains("\n> Tiny model")
        .contains("| Seeds | 0, 1, 2 |")
        .contains("| ✗ contradicted |")
        .contains("| 45.0 (42.2 to 47.8) | 45.0 ± 0.8 over 3 seeds | 35.0 (32.9 to 37.1) |")
        .contains("| VFT | AFT-none | greedy accuracy | -21.4 (-24.3 to -18.5) | 0.7 | 1.1e-34 |")
        .contains("| 0.156 | 0.156 (primary) | undecided |", "| 4.4e-34 | first is higher |")
        .contains("| Primary: AFT-BC solves more than VFT. |", "\nVerdicts: 2 reproduced, 1 contra")
        .contains("| 4 | n/a | 44.3 (41.5 to 47.1) | 37.0 (34.5 to 39.5) |")
        .contains("Pearson's r over 15 models: 0.87");
  }

  /** Sampled accuracy has a column only where something was sampled. */
  @Test
  void sampledAccuracyIsShownWhereItIsMeasured() throws Exception {
    Study unsampled = StudySamples.degenerate("x");
    for (String text :
        List.of(text(unsampled), StudyReport.markdown(unsampled), StudyReport.table(unsampled))) {
      assertThat(text).doesNotContainIgnoringCase("sampled");
    }
  }

  @Test
  void methodsKeepTheirColour() {
    Palette palette = StudyReport.palette(StudySamples.study());
    assertThat(palette.hue("AFT-BC, maj@k")).isEqualTo(palette.hue("AFT-BC"));
    assertThat(palette.hue("AFT-BC, ranks, seed 1")).isEqualTo(palette.hue("AFT-BC, ranks"));
    assertThat(palette.method("VFT, seed 2")).isEqualTo("VFT");
    Set<String> styles = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      Html html = new Html();
      new LineStyle(i).point(html, 0, 0);
      assertThat(styles.add(html.toString())).isTrue();
    }
  }

  @Test
  void perplexitiesAreTheExponentialOfTheScores() {
    double ln2 = -Math.log(2);
    List<Scores> models =
        List.of(
            new Scores("A", new double[] {ln2}, new double[] {2 * ln2, 0}, new double[0]),
            new Scores("B", new double[] {Double.NaN}, new double[0], new double[0]));
    assertThat(PerplexityTable.of(models).headings()).containsExactly("Model", "Right", "Wrong");
    assertThat(PerplexityTable.of(models).rows())
        .containsExactly(
            List.of("A", "2.000 (2.000 to 2.000)", "2.500 (1.750 to 3.250)"),
            List.of("B", "n/a", "n/a"));
  }

  @Test
  void placesAreSharedByEqualScores() {
    Case.Scored first = new Case.Scored("a", true, List.of(-1.0));
    Case.Scored second = new Case.Scored("b", false, List.of(-1.0));
    Case.Scored third = new Case.Scored("c", false, List.of(-2.0));
    Case question = new Case("", "", List.of(), List.of("m"), List.of(third, first, second));
    assertThat(StudySummary.ranking(question, 0)).containsExactly(first, second, third);
    assertThat(StudySummary.place(question, 0, second)).isEqualTo(1);
    assertThat(StudySummary.place(question, 0, third)).isEqualTo(3);
    assertThat(StudySummary.order(question, 0)).isEqualTo("1 of 2"); // a tie is not higher
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(
            () ->
                new Curve(
                    "c",
                    "",
                    "",
                    "",
                    "",
                    List.of("1", "2"),
                    List.of(new Curve.Line("l", Arrays.asList((Interval) null)))))
        .hasMessageContaining("1 values for 2 swept ones");
    assertThatThrownBy(
            () ->
                new Case(
                    "", "", List.of(), List.of("m"), List.of(new Case.Scored("", true, List.of()))))
        .hasMessageContaining("0 scores for 1 models");
  }

  /** What the demo shows: losses, and answers without scored candidates. */
  @Test
  void lossesAndPlainAnswersAreShown() throws Exception {
    Study sample = StudySamples.study();
    Case answers =
        new Case(
            "How much is 2 + 2?",
            "#### 4",
            List.of(new Case.Answer("start", "", false), new Case.Answer("AFT-BC", "4", true)),
            List.of(),
            List.of());
    Study study =
        new Study(
            "t",
            "",
            List.of(),
            List.of(),
            sample.tables(),
            List.of(),
            Figures.of(
                List.of(
                    answers, sample.figures().losses().get(0), sample.figures().losses().get(1))));
    Document page = parse(StudyReport.html(study));
    assertThat(page.getDocumentElement().getTextContent())
        .contains("Training loss", "running mean over a twentieth of the run (strong; 9 steps")
        .contains("VFT: running mean from 0.", "in 188 steps")
        .contains("start, greedy: ✗ wrong", "(empty)", "AFT-BC, greedy: ✓ right")
        .doesNotContain("Candidates of question");
    NodeList drawings = page.getElementsByTagName("svg");
    long images = 0;
    for (int i = 0; i < drawings.getLength(); i++) {
      images += ((Element) drawings.item(i)).getAttribute("role").equals("img") ? 1 : 0;
    }
    assertThat(images).isEqualTo(2 * 3 + 1); // three forest plots for each table, and the losses
  }

  @Test
  void fileAppearsWhole(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("new/study.html");
    StudyReport.write(file, StudySamples.study());
    StudyReport.write(file, StudySamples.study());
    assertThat(Files.readString(file)).isEqualTo(StudyReport.html(StudySamples.study()));
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  private static Document parse(String page) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
  }

  private static String text(Study study) throws Exception {
    return parse(StudyReport.html(study)).getDocumentElement().getTextContent();
  }
}
