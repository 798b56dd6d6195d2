package dev.plumbline.alignment.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The work that a journal saves when a command fails, and the files that it refuses. */
class JournalTest {
  @TempDir Path work;

  private record Settings(int seed) {}

  private Path file() {
    return work.resolve("out.jsonl.partial");
  }

  /** Computes the squares of 0 to 5, then adds one to each; fails before the given item. */
  private List<Integer> run(int seed, int breakBefore, List<Integer> worked) {
    try (Journal journal = Journal.beside(work.resolve("out.jsonl"))) {
      journal.resume("count", new Settings(seed));
      Journal.Work<Integer> squares =
          (missing, finished) -> {
            for (int i : missing) {
              if (worked.size() == breakBefore) {
                throw new IllegalStateException("the command fails");
              }
              worked.add(i);
              finished.accept(i * i, i);
            }
          };
      List<Integer> first = journal.batch("squares", 6, Integer.class, squares);
      List<Integer> second =
          journal.batch(
              "sums",
              6,
              Integer.class,
              (missing, finished) ->
                  Arrays.stream(missing)
                      .forEach(
                          i -> {
                            worked.add(i);
                            finished.accept(first.get(i) + 1, i);
                          }));
      journal.finish();
      return second;
    }
  }

  private void breakOff(int seed, int before) {
    assertThatThrownBy(() -> run(seed, before, new ArrayList<>()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void savedWorkIsNotRepeated() throws Exception {
    breakOff(1, 4);
    assertThat(Files.readAllLines(file())).hasSize(5);
    List<Integer> worked = new ArrayList<>();
    assertThat(run(1, -1, worked)).containsExactly(1, 2, 5, 10, 17, 26);
    assertThat(worked).containsExactly(4, 5, 0, 1, 2, 3, 4, 5);
    assertThat(file()).doesNotExist();
    assertThat(work.resolve("out.jsonl.lock")).doesNotExist();
  }

  /** Cuts the file at every byte. */
  @Test
  void anIncompleteLineIsDroppedAndItsItemRepeated() throws Exception {
    breakOff(1, 4);
    byte[] whole = Files.readAllBytes(file());
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file(), Arrays.copyOf(whole, length));
      List<Integer> worked = new ArrayList<>();
      assertThat(run(1, -1, worked)).as("%d bytes", length).containsExactly(1, 2, 5, 10, 17, 26);
      long lines =
          new String(whole, 0, length, StandardCharsets.UTF_8)
              .chars()
              .filter(c -> c == '\n')
              .count();
      assertThat(worked).as("%d bytes", length).hasSize(12 - (int) Math.max(0, lines - 1));
    }
  }

  @Test
  void otherSettingsAndForeignFilesAreRefusedAndUnchanged() throws Exception {
    breakOff(1, 4);
    byte[] before = Files.readAllBytes(file());
    assertThatThrownBy(() -> run(2, -1, new ArrayList<>()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("has unfinished work of 'count' with other options");
    assertThat(Files.readAllBytes(file())).isEqualTo(before);
    for (String foreign : List.of("my notes", "my notes\n", "{\"a\": 1}\n", "{\"command\"")) {
      Files.writeString(file(), foreign);
      if (foreign.startsWith("{\"command")) { // as after a kill during the first line
        run(1, -1, new ArrayList<>());
        continue;
      }
      assertThatThrownBy(() -> run(1, -1, new ArrayList<>()))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("is not a journal of Plumbline");
      assertThat(file()).hasContent(foreign);
    }
    Files.createDirectory(file());
    assertThatThrownBy(() -> run(1, -1, new ArrayList<>()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is not a journal of Plumbline");
  }

  @Test
  void aJournalWithoutWorkIsReplaced() throws Exception {
    breakOff(1, 0);
    assertThat(file()).doesNotExist();
    breakOff(1, 1);
    Files.write(file(), Files.readAllLines(file()).subList(0, 1)); // killed before the first item
    assertThat(run(2, -1, new ArrayList<>())).hasSize(6);
  }

  @Test
  void aDamagedRowIsNamed() throws Exception {
    breakOff(1, 4);
    List<String> lines = new ArrayList<>(Files.readAllLines(file()));
    for (String bad : List.of("", "{", "{\"batch\":0,\"item\":1}", "[]", "null")) {
      List<String> damaged = new ArrayList<>(lines);
      damaged.set(2, bad);
      Files.write(file(), damaged);
      assertThatThrownBy(() -> run(1, -1, new ArrayList<>()))
          .isInstanceOf(UserError.class)
          .hasMessageContaining("Row 3 of " + file() + " is damaged");
    }
    lines.set(2, lines.get(2).replace("\"item\":1", "\"item\":77"));
    Files.write(file(), lines);
    assertThatThrownBy(() -> run(1, -1, new ArrayList<>()))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("item 77 of batch 0 does not belong to this command");
  }

  @Test
  void floatsAreRestoredToTheBit() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    float[] values = new float[5000];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(random.nextInt());
    }
    values[0] = Float.NEGATIVE_INFINITY;
    values[1] = -0f;
    values[2] = Float.MIN_VALUE;
    for (int run = 0; run < 2; run++) {
      boolean first = run == 0;
      try (Journal journal = Journal.beside(work.resolve("floats"))) {
        journal.resume("floats", new Settings(0));
        double[] kept =
            journal
                .batch(
                    "arrays",
                    1,
                    double[].class,
                    (missing, finished) -> {
                      assertThat(missing).hasSize(first ? 1 : 0);
                      if (first) {
                        finished.accept(KeptScores.doubles(values), 0);
                      }
                    })
                .get(0);
        assertThat(KeptScores.floats(kept)).as("seed %d", seed).isEqualTo(values);
      }
    }
  }
}
