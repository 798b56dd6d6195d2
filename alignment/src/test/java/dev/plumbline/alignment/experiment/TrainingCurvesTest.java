package dev.plumbline.alignment.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.statistics.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingCurvesTest {
  @Test
  void eachPointIsTheMeanOfATenthOverSeeds(@TempDir Path folder) throws IOException {
    List<Path> models = List.of(folder.resolve("a"), folder.resolve("b"));
    for (int seed = 0; seed < 2; seed++) {
      StringBuilder lines = new StringBuilder();
      for (int step = 0; step < 20; step++) {
        lines.append("{\"step\":").append(step).append(",\"s/chosen\":").append(step + 10 * seed);
        lines.append(step < 2 ? ",\"s/rejected\":1.5}\n" : "}\n");
      }
      Files.createDirectories(models.get(seed));
      Files.writeString(models.get(seed).resolve("metrics.jsonl"), lines);
    }

    Trained arm = new Trained("arm", "", List.of(0L, 1L), models, List.of());
    TrainingCurves.Text text = new TrainingCurves.Text("title", "caption", "unit");
    Curve curve = TrainingCurves.curve("s", "score", "rare", text, List.of(arm));
    assertThat(TrainingCurves.curve("absent", "a", "b", text, List.of(arm)).lines()).isEmpty();

    assertThat(curve.lines())
        .extracting(Curve.Line::name)
        .containsExactlyInAnyOrder("arm, score", "arm, rare");
    for (Curve.Line line : curve.lines()) {
      List<Double> means = line.values().stream().map(Interval::estimate).toList();
      if (line.name().equals("arm, score")) {
        assertThat(means).containsExactly(5.5, 7.5, 9.5, 11.5, 13.5, 15.5, 17.5, 19.5, 21.5, 23.5);
      } else {
        assertThat(means.get(0)).isEqualTo(1.5);
        assertThat(means.subList(1, 10)).containsOnly(Double.NaN);
      }
    }
  }
}
