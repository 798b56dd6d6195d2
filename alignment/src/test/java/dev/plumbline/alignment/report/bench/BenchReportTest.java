package dev.plumbline.alignment.report.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.bench.BenchFigures;
import dev.plumbline.alignment.bench.Scaling.Point;
import dev.plumbline.alignment.bench.Scaling.Sweep;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class BenchReportTest {
  private static final BenchFigures STEP =
      new BenchFigures(
          "dpo-step",
          0.5,
          4080,
          2.2,
          null,
          1,
          1.1,
          0.8,
          null,
          1,
          0.79,
          700L << 20,
          Map.of("add", 3.0));
  private static final BenchFigures ROLLOUTS =
      new BenchFigures(
          "rollouts",
          10,
          90_000,
          120.0,
          null,
          1 / 16.0,
          30.0,
          null,
          200.0,
          1 / 8.0,
          0.5,
          1L << 30,
          Map.of());
  private static final Sweep SWEEP =
      new Sweep(
          "sequence length",
          "4 sequences <wide>",
          2,
          List.of(new Point(64, 0.05), new Point(128, 0.1), new Point(256, 0.21)),
          1.03,
          1.07);

  @Test
  void thePageIsWellFormedAndNamesWhatItShows() throws Exception {
    String html = BenchReport.html("a machine & more", List.of(STEP, ROLLOUTS), List.of(SWEEP));
    Document page =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
    assertThat(page.getElementsByTagName("tr").getLength()).isEqualTo(3 + 2);
    assertThat(page.getElementsByTagName("circle").getLength()).isEqualTo(3);
    assertThat(html).contains("a machine &amp; more").contains("4 sequences &lt;wide&gt;");
  }

  @Test
  void aTableMarksWhatWasScaledUp() {
    String table = BenchReport.table(List.of(STEP, ROLLOUTS));
    assertThat(table).contains("1.10 (0.80)").contains("120.00*").contains("30.00* (200.00*)");
    assertThat(BenchReport.line(STEP))
        .contains("0.500 s")
        .contains("8160 tokens/s")
        .contains("4.4 times")
        .contains("unshared 2.2 times");
  }

  @Test
  void sweepsTellTheirGrowth() {
    assertThat(BenchReport.sweeps(List.of(SWEEP)))
        .contains("2 threads")
        .contains("210.0")
        .contains("^1.03")
        .contains("^1.07");
  }
}
