package dev.plumbline.alignment.report.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.statistics.Interval;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class DemoReportTest {
  @Test
  void pageIsWellFormedAndAccessible() throws Exception {
    Document page = parse(DemoReport.html(Samples.result()));
    assertThat(page.getDocumentElement().getAttribute("lang")).isEqualTo("en");
    Set<String> ids = new HashSet<>();
    NodeList all = page.getElementsByTagName("*");
    for (int i = 0; i < all.getLength(); i++) {
      Element element = (Element) all.item(i);
      if (element.hasAttribute("id")) {
        assertThat(ids.add(element.getAttribute("id"))).as(element.getAttribute("id")).isTrue();
      }
      if (element.getTagName().equals("th")) {
        assertThat(element.getAttribute("scope")).isIn("col", "row");
      }
    }
    NodeList drawings = page.getElementsByTagName("svg");
    int images = 0;
    for (int i = 0; i < drawings.getLength(); i++) {
      Element drawing = (Element) drawings.item(i);
      if (!drawing.getAttribute("aria-hidden").equals("true")) {
        images++;
        assertThat(drawing.getAttribute("role")).isEqualTo("img");
        assertThat(ids).contains(drawing.getAttribute("aria-labelledby").split(" "));
      }
    }
    assertThat(images).isEqualTo(2 + 3 + 1);
  }

  @Test
  void pageNeedsNothingFromOutside() {
    String page = DemoReport.html(Samples.result());
    assertThat(page)
        .doesNotContain("<script")
        .doesNotContain("<link")
        .doesNotContain("url(")
        .doesNotContain("@import")
        .doesNotContain("src=");
  }

  @Test
  void everyFigureAppears() throws Exception {
    String text = parse(DemoReport.html(Samples.result())).getDocumentElement().getTextContent();
    assertThat(text)
        .contains(
            "412 of 1000",
            "431 of 1000",
            "456 of 1000",
            "41.2\u00a0%",
            "43.1\u00a0%",
            "45.6\u00a0%",
            "[38.2 to 44.3]",
            "78.4\u00a0%",
            "[77.6 to 79.2]",
            "77.3\u00a0%",
            "9321 pairs",
            "1.412",
            "1.357",
            "1.398",
            "258 s",
            "none",
            "71",
            "90",
            "0.156",
            "68",
            "112",
            "0.0013",
            "83",
            "108",
            "0.0822",
            "+4.4",
            "[+1.8 to +7.0]",
            "[\u22120.6 to +4.4]",
            "+2.5",
            "3420 right",
            "4580 wrong",
            "./plumbline demo",
            "learningRate=3.0E-4",
            "<<3*4=12>>12 pens.\n12 - 5",
            "✓ right",
            "✗ wrong",
            "(empty)",
            "description of AFT-BC",
            "synthetic",
            "too narrow");
  }

  @Test
  void textFromModelsStaysText() throws Exception {
    String hostile = "</style></pre><script>alert('&amp;\"')</script><!-- ]]> \u0000\u001b\ud800";
    DemoResult sample = Samples.result();
    DemoResult.Arm arm = Samples.nothing(hostile);
    DemoResult result =
        new DemoResult(
            hostile,
            List.of(new Study.Fact(hostile, hostile)),
            List.of(arm, sample.arms().get(1)),
            List.of(
                new DemoResult.PairedTest(
                    hostile,
                    "VFT",
                    0,
                    0,
                    Double.NaN,
                    new Interval(Double.NaN, Double.NaN, Double.NaN))),
            List.of(
                new DemoResult.Example(
                    hostile, hostile, List.of(hostile, hostile, hostile), List.of(true))));
    Document page = parse(DemoReport.html(result));
    assertThat(page.getElementsByTagName("script").getLength()).isZero();
    assertThat(page.getElementsByTagName("h1").item(0).getTextContent())
        .isEqualTo("</style></pre><script>alert('&amp;\"')</script><!-- ]]> \ufffd\ufffd\ufffd");
    assertThat(DemoReport.table(result)).doesNotContain("\u001b").doesNotContain("\u0000");
  }

  @Test
  void missingDataBreaksNothing() throws Exception {
    DemoResult sample = Samples.result();
    double[] odd = {Double.NaN, Double.NEGATIVE_INFINITY, -1, Double.NaN};
    DemoResult.Arm broken =
        new DemoResult.Arm(
            "broken",
            "",
            1,
            1,
            new Interval(1, 0.2, 1),
            new Interval(Double.NaN, 0, 1),
            Double.NaN,
            0,
            Double.POSITIVE_INFINITY,
            1,
            odd,
            odd,
            odd,
            1e9);
    for (List<DemoResult.Arm> arms :
        List.of(
            List.<DemoResult.Arm>of(),
            List.of(Samples.nothing("x")),
            List.of(sample.arms().get(2)),
            List.of(broken),
            List.of(Samples.nothing("x"), broken))) {
      DemoResult result = new DemoResult("t", List.of(), arms, List.of(), List.of());
      String page = DemoReport.html(result);
      assertThat(parse(page).getDocumentElement().getTextContent())
          .doesNotContain("NaN")
          .doesNotContain("Infinity");
      assertThat(page).doesNotContain("\"NaN").doesNotContain("n/a\"");
      assertThat(DemoReport.table(result)).startsWith("model");
    }
  }

  @Test
  void tableIsAlignedAndNarrow() {
    DemoResult sample = Samples.result();
    List<DemoResult.Arm> arms =
        List.of(
            sample.arms().get(0),
            Samples.nothing("a name that is far too long for any column 𝒳"),
            sample.arms().get(2));
    String[] blocks =
        DemoReport.table(new DemoResult("t", List.of(), arms, sample.tests(), List.of()))
            .split("\n\n");
    assertThat(blocks).hasSize(2);
    for (String block : blocks) {
      assertThat(
              block
                  .lines()
                  .mapToInt(line -> line.codePointCount(0, line.length()))
                  .distinct()
                  .toArray())
          .hasSize(1);
      assertThat(block.lines().allMatch(line -> line.length() <= 100)).isTrue();
    }
    assertThat(blocks[0])
        .contains(
            "41.2 (38.2 to 44.3)", "45.6 (42.5 to 48.7)", "n/a (n/a)", "258 s", "a name that is …");
    assertThat(blocks[1]).contains("start -> AFT-BC", "0.0013", "+4.4 (+1.8 to +7.0)", "undecided");
  }

  @Test
  void fileAppearsWhole(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("new/report.html");
    DemoReport.write(file, Samples.result());
    DemoReport.write(file, Samples.result());
    assertThat(Files.readString(file)).isEqualTo(DemoReport.html(Samples.result()));
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  static Document parse(String page) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8)));
  }
}
