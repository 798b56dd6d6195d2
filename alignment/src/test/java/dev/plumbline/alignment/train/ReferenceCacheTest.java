package dev.plumbline.alignment.train;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.data.io.AtomicFile;
import dev.plumbline.transformer.graph.TokenTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Cached rows, missing rows, and damaged or unwritable files. */
class ReferenceCacheTest {
  private static final ModelHash MODEL = new ModelHash("w", "c", "t");
  private static final String FUSED = "float32 fused";
  private static final TokenTree ONE = tree(ids(1, 2), ids(3, 4), ids(5));
  private static final TokenTree TWO = tree(ids(1), ids(7, 8, 9));
  private static final TokenTree THREE = tree(ids(6), ids(6));

  @TempDir Path work;
  private final List<TokenTree> scored = new ArrayList<>();
  private final ListAppender<ILoggingEvent> warnings = new ListAppender<>();

  @BeforeEach
  void listen() {
    warnings.start();
    logger().addAppender(warnings);
    logger().setAdditive(false); // expected warnings should not be in the output of the test
  }

  @AfterEach
  void stopListening() {
    logger().detachAppender(warnings);
    logger().setAdditive(true);
  }

  @Test
  void cachedRowsAreNotComputedAgain() {
    ReferenceCache.Found first = find(MODEL, FUSED, ONE, TWO);
    assertThat(first.cached()).isZero();
    assertThat(scored).containsExactly(ONE, TWO);
    ReferenceCache.Found second = find(MODEL, FUSED, TWO, ONE);
    assertThat(second.cached()).isEqualTo(2);
    assertThat(scored).as("calls").hasSize(2);
    sameBits(second.scores().get(0), first.scores().get(1));
    sameBits(second.scores().get(1), first.scores().get(0));
    assertThat(warnings.list).isEmpty();
  }

  @Test
  void onlyMissingRowsAreComputed() {
    List<float[]> before = find(MODEL, FUSED, ONE).scores().get(0);
    ReferenceCache.Found found = find(MODEL, FUSED, TWO, ONE, THREE);
    assertThat(found.cached()).isEqualTo(1);
    assertThat(scored).containsExactly(ONE, TWO, THREE);
    sameBits(found.scores().get(1), before);
    assertThat(find(MODEL, FUSED, THREE, TWO, ONE).cached()).isEqualTo(3);
  }

  @Test
  void aRepeatedRowIsComputedOnce() {
    ReferenceCache.Found found = find(MODEL, FUSED, ONE, TWO, ONE);
    assertThat(scored).containsExactly(ONE, TWO);
    sameBits(found.scores().get(2), found.scores().get(0));
  }

  @Test
  void everyChangedInputMisses() throws IOException {
    find(MODEL, FUSED, ONE);
    List<ModelHash> others =
        List.of(
            new ModelHash("W", "c", "t"),
            new ModelHash("w", "C", "t"),
            new ModelHash("w", "c", "T"));
    for (ModelHash other : others) {
      assertThat(find(other, FUSED, ONE).cached()).as(other.toString()).isZero();
    }
    for (String arithmetic : List.of("float32 composed", "float64 fused")) {
      assertThat(find(MODEL, arithmetic, ONE).cached()).as(arithmetic).isZero();
    }
    assertThat(files()).as("one file for each model and arithmetic").hasSize(6);
    assertThat(find(MODEL, FUSED, ONE).cached()).as("the first beside the others").isEqualTo(1);
  }

  @Test
  void noTwoRowsAreTaken() {
    List<TokenTree> rows =
        List.of(
            tree(ids(1, 2), ids(3, 4)),
            tree(ids(1), ids(2, 3, 4)),
            tree(ids(1, 2), ids(3), ids(4)),
            tree(ids(1, 2), ids(4), ids(3)),
            tree(ids(1), ids(2), ids(3, 4)),
            tree(ids(1), ids(2, 3), ids(4)),
            tree(ids(1, 1), ids(2, 3, 4)));
    for (TokenTree row : rows) {
      assertThat(find(MODEL, FUSED, row).cached()).isZero();
    }
    assertThat(find(MODEL, FUSED, rows.toArray(TokenTree[]::new)).cached()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 11, 12, 19, 50, -8, -1})
  void aShortenedFileIsEmpty(int length) throws IOException {
    find(MODEL, FUSED, ONE, TWO);
    byte[] bytes = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(bytes, length < 0 ? bytes.length + length : length));
    isEmptyAndHeals();
  }

  @Test
  void everyChangedByteIsDetected() throws IOException {
    find(MODEL, FUSED, ONE, TWO);
    byte[] bytes = Files.readAllBytes(file());
    for (int i = 0; i < bytes.length; i++) {
      byte[] damaged = bytes.clone();
      damaged[i] ^= 0x10;
      Files.write(file(), damaged);
      isEmptyAndHeals();
    }
  }

  @Test
  void aWriterThatIsKilledLeavesTheOldFile() throws IOException {
    find(MODEL, FUSED, ONE);
    AtomicFile killed = AtomicFile.create(file()); // never committed, never closed
    killed.stream().write(new byte[1 << 17]);
    assertThat(files()).as("the incomplete file").hasSize(2);
    Path left = file().resolveSibling(file().getFileName() + ".999999999-1.tmp"); // no such process
    for (Path half : files()) {
      if (!half.equals(file())) {
        Files.move(half, left);
      }
    }
    assertThat(find(MODEL, FUSED, ONE).cached()).isEqualTo(1);
    assertThat(find(MODEL, FUSED, ONE, TWO).cached()).isEqualTo(1);
    assertThat(find(MODEL, FUSED, ONE, TWO).cached()).isEqualTo(2);
    assertThat(files()).hasSize(1);
    assertThat(warnings.list).isEmpty();
  }

  @Test
  void anUnwritableDirectoryIsReportedOnce() throws IOException {
    Path taken = Files.writeString(work.resolve("taken"), "a file");
    ReferenceCache.Found found =
        new ReferenceCache(taken, MODEL, FUSED).find(List.of(ONE), this::score);
    assertThat(found.cached()).isZero();
    sameBits(found.scores().get(0), score(List.of(ONE)).get(0));
    assertThat(warnings.list).hasSize(1);
    assertThat(warnings.list.get(0).getFormattedMessage())
        .contains(taken.toString())
        .contains("the run continues without it");
  }

  @Test
  void aDirectoryHasAMaximumSize() throws IOException {
    for (int i = 0; i < ReferenceCache.MAX_FILES + 3; i++) {
      find(new ModelHash("w" + i, "c", "t"), FUSED, ONE);
      for (Path file : files()) {
        FileTime time = Files.getLastModifiedTime(file); // each one second older than the next
        Files.setLastModifiedTime(file, FileTime.fromMillis(time.toMillis() - 1000));
      }
    }
    assertThat(files()).hasSize(ReferenceCache.MAX_FILES);
    assertThat(find(new ModelHash("w3", "c", "t"), FUSED, ONE).cached()).isEqualTo(1);
    assertThat(find(new ModelHash("w2", "c", "t"), FUSED, ONE).cached()).isZero();
  }

  @Test
  void aFileHasAMaximumSize() {
    Map<String, List<float[]>> entries = new LinkedHashMap<>();
    entries.put("newer", List.of(new float[2], new float[3])); // 32 + 4 * (1 + 2 + 5) bytes
    entries.put("older", List.of(new float[1])); // 32 + 4 * (1 + 1 + 1)
    int frame = 12 + 8;
    assertThat(ReferenceFile.fitting(entries, frame + 64 + 44)).hasSize(2);
    assertThat(ReferenceFile.fitting(entries, frame + 64 + 43)).containsOnlyKeys("newer");
    assertThat(ReferenceFile.fitting(entries, frame + 63)).isEmpty();
  }

  private void isEmptyAndHeals() {
    warnings.list.clear();
    assertThat(find(MODEL, FUSED, ONE, TWO).cached()).isZero();
    assertThat(warnings.list).hasSize(1);
    assertThat(warnings.list.get(0).getFormattedMessage()).contains("counts as empty");
    assertThat(find(MODEL, FUSED, ONE, TWO).cached()).isEqualTo(2);
    assertThat(warnings.list).hasSize(1);
  }

  private ReferenceCache.Found find(ModelHash model, String arithmetic, TokenTree... rows) {
    return new ReferenceCache(work.resolve("cache"), model, arithmetic)
        .find(List.of(rows), this::score);
  }

  /** Counts its calls; values follow from the tokens. */
  private List<List<float[]>> score(List<TokenTree> rows) {
    List<List<float[]>> scores = new ArrayList<>();
    for (TokenTree row : rows) {
      List<float[]> values = new ArrayList<>();
      for (int[] response : row.responses()) {
        float[] each = new float[response.length];
        for (int i = 0; i < each.length; i++) {
          each[i] = -(response[i] + i / 7f + row.prompt().length / 11f);
        }
        values.add(each);
      }
      scores.add(values);
    }
    scored.addAll(rows);
    return scores;
  }

  private static void sameBits(List<float[]> found, List<float[]> expected) {
    assertThat(found).hasSameSizeAs(expected);
    for (int r = 0; r < found.size(); r++) {
      assertThat(found.get(r)).isEqualTo(expected.get(r));
    }
  }

  private Path file() throws IOException {
    return files().get(0);
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(work.resolve("cache"))) {
      return files.sorted().toList();
    }
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(ReferenceCache.class);
  }

  private static TokenTree tree(int[] prompt, int[]... responses) {
    return new TokenTree(prompt, List.of(responses));
  }

  private static int[] ids(int... ids) {
    return ids;
  }
}
