package dev.plumbline.data.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonlTest {
  @TempDir Path folder;

  private static ObjectNode row(int n) {
    return Jsonl.mapper().createObjectNode().put("n", n);
  }

  @Test
  void writesOneObjectPerLine() throws IOException {
    Path file = folder.resolve("a.jsonl");
    Jsonl.write(file, List.of(row(1), row(2)));
    assertThat(file).hasContent("{\"n\":1}\n{\"n\":2}\n");
    assertThat(Jsonl.read(file)).containsExactly(row(1), row(2));
  }

  @Test
  void withoutCommitTheOldFileStays() throws IOException {
    Path file = folder.resolve("a.jsonl");
    Jsonl.write(file, List.of(row(1)));
    try (Jsonl.Writer writer = Jsonl.writer(file)) {
      writer.write(row(2));
      assertThat(names())
          .hasSize(2)
          .anyMatch(name -> name.matches("a\\.jsonl\\.[0-9]+-[0-9]+\\.tmp"));
      assertThat(Jsonl.read(file)).containsExactly(row(1));
    }
    assertThat(Jsonl.read(file)).containsExactly(row(1));
    assertOnlyFile("a.jsonl");
  }

  @Test
  void failureWhileWritingLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("a.jsonl");
    Jsonl.write(file, List.of(row(1)));
    Iterable<ObjectNode> failing =
        () ->
            List.of(1, 2, 3).stream()
                .map(
                    n -> {
                      if (n == 3) {
                        throw new IllegalStateException("the third fails");
                      }
                      return row(n + 10);
                    })
                .iterator();
    assertThatThrownBy(() -> Jsonl.write(file, failing)).isInstanceOf(IllegalStateException.class);
    assertThat(Jsonl.read(file)).containsExactly(row(1));
    assertOnlyFile("a.jsonl");
  }

  @Test
  void leftoverOfADeadProcessIsRemoved() throws IOException {
    Files.writeString(
        folder.resolve("a.jsonl.999999999-1.tmp"), "left by a process that has ended");
    Jsonl.write(folder.resolve("a.jsonl"), List.of(row(1)));
    assertThat(folder.resolve("a.jsonl")).hasContent("{\"n\":1}\n");
    assertOnlyFile("a.jsonl");
  }

  @Test
  void directoryAsTargetIsRefused() {
    assertThatThrownBy(() -> Jsonl.write(folder, List.of(row(1))))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is a directory");
  }

  private void assertOnlyFile(String name) throws IOException {
    assertThat(names()).containsExactly(name);
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
