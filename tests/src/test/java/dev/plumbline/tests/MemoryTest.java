package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.cli.Main;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.alignment.train.TrainSettings;
import dev.plumbline.alignment.train.Trainer;
import dev.plumbline.tensor.optim.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Resident memory stays flat over a thousand training steps on batches of varying lengths. */
class MemoryTest {
  @TempDir Path work;

  @Test
  void residentMemoryIsFlatOverAThousandSteps() {
    Path problems = work.resolve("problems");
    Path model = work.resolve("model");
    assertThat(Main.run("problems", "--output=" + problems, "--train=2000", "--vocabulary=400"))
        .isZero();
    assertThat(
            Main.run(
                "new-model",
                "--tokenizer=" + problems,
                "--output=" + model,
                "--hidden-size=32",
                "--intermediate-size=64",
                "--layers=2",
                "--heads=2",
                "--kv-heads=1"))
        .isZero();
    Map<Long, Long> residentMib = new TreeMap<>();
    TrainSettings settings =
        new TrainSettings(
            TrainSettings.From.of(model),
            new Vft(),
            TrainSettings.Rows.of(problems.resolve("train.jsonl"), 0),
            new TrainSettings.Budget(1000, 0, 4, 1),
            new TrainSettings.Optimiser(1e-3, Schedule.CONSTANT, 0, 0, 1),
            TrainSettings.Output.of(work.resolve("out"), 10_000),
            TrainSettings.Execution.fused(null));
    new Trainer(
            settings,
            new Trainer.Progress() {
              @Override
              public void start(long steps, long from) {}

              @Override
              public void step(long step, Map<String, Double> metrics) {
                if (step % 100 == 0) {
                  residentMib.put(step, residentMib());
                }
              }
            })
        .run();
    System.out.println("Resident MiB by step: " + residentMib);
    assertThat(residentMib.get(1000L)).isLessThan(residentMib.get(400L) + 40);
  }

  private static long residentMib() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmRSS"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
