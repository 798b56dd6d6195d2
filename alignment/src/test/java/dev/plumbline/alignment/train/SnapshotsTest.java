package dev.plumbline.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotsTest {
  @TempDir Path output;

  private List<String> kept() throws Exception {
    try (Stream<Path> all = Files.list(output.resolve("snapshots"))) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  /** A kill after step 4 with the last state at step 2: the rows end before a snapshot does. */
  @Test
  void aSnapshotBehindTheLastStateWaitsForItsSteps() throws Exception {
    Snapshots best = new Snapshots(5, 1, "loss");
    for (int step : new int[] {1, 4}) {
      Files.createDirectories(Snapshots.directory(output, step));
    }
    List<Map<String, Double>> rows = new ArrayList<>();
    for (double loss : new double[] {0.5, 0.25}) {
      rows.add(Map.of("loss", loss));
    }
    Files.createDirectories(Snapshots.directory(output, 2));
    best.prune(output, rows, 5);
    assertThat(kept()).containsExactly("step-000002", "step-000004");
    rows.add(Map.of("loss", 0.75));
    rows.add(Map.of("loss", 1.0));
    best.prune(output, rows, 5);
    assertThat(kept()).containsExactly("step-000002");
  }
}
