package dev.plumbline.data.problem;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.SharedFolder;
import dev.plumbline.data.io.Jsonl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Full agreement with the graded pairs of the shared cases; null means that there is no verdict.
 */
class GradedPairsTest {
  private static final Pattern TASK = Pattern.compile("grade task=(\\w+)");

  @Test
  void everyRowOfTheList() {
    List<String> wrong = new ArrayList<>();
    List<ObjectNode> rows = Jsonl.read(SharedFolder.file("cases/grade.jsonl"));
    for (ObjectNode row : rows) {
      compare(
          row.path("task").asText(),
          row,
          row.path("expected_correct"),
          row.path("expected_correct_flexible"),
          wrong);
    }
    System.out.printf(
        "grade.jsonl: %d of %d rows agree.%n", rows.size() - wrong.size(), rows.size());
    assertThat(wrong).isEmpty();
    assertThat(rows).isNotEmpty();
  }

  @Test
  void everyDirectory() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<Path> folders;
    try (Stream<Path> all = Files.list(SharedFolder.file("cases"))) {
      folders = all.filter(f -> f.getFileName().toString().matches("g[0-9]+-.*")).sorted().toList();
    }
    int rows = 0;
    for (Path folder : folders) {
      Matcher task = TASK.matcher(Files.readString(folder.resolve("README")));
      assertThat(task.find()).as("a task in %s", folder).isTrue();
      List<ObjectNode> inputs = Jsonl.read(folder.resolve("input.jsonl"));
      for (JsonNode expected : Jsonl.mapper().readTree(folder.resolve("expected.json").toFile())) {
        ObjectNode input = inputs.get(expected.path("row").asInt() - 1);
        input.put("id", folder.getFileName() + " row " + expected.path("row"));
        compare(
            task.group(1),
            input,
            expected.path("correct"),
            expected.path("correct_flexible"),
            wrong);
        rows++;
      }
    }
    System.out.printf(
        "%d folders: %d of %d rows agree.%n", folders.size(), rows - wrong.size(), rows);
    assertThat(wrong).isEmpty();
    assertThat(rows).isPositive();
  }

  private static void compare(
      String name, ObjectNode row, JsonNode strict, JsonNode flexible, List<String> wrong) {
    Task task = Task.of(name);
    String gold = task.goldAnswer(row.path("answer").asText());
    Grade grade = task.grade(gold, row.path("response").asText());
    boolean agrees =
        (!strict.isBoolean() || strict.asBoolean() == grade.correct())
            && (!flexible.isBoolean() || flexible.asBoolean() == grade.correctFlexible());
    if (!agrees) {
      wrong.add(row.path("id").asText() + ": " + row.path("answer") + " against " + grade);
    }
  }
}
