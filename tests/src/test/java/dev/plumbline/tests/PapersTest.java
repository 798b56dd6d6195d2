package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code docs/papers.md} names existing classes and equations that their sources name. */
class PapersTest {
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");
  private static final Pattern TAG =
      Pattern.compile("Eq\\. \\d+|Algorithm \\d+|Figure \\d+|section \\d+");

  private record Row(List<String> classes, List<String> tags, String line) {}

  @Test
  void everyEquationTagStandsInItsClass() throws IOException {
    Map<String, String> sources = sources();
    List<Row> rows = rows();
    assertThat(rows).hasSizeGreaterThan(20);
    int tags = 0;
    for (Row row : rows) {
      assertThat(row.classes()).as(row.line()).isNotEmpty();
      assertThat(sources.keySet()).as(row.line()).containsAll(row.classes());
      for (String tag : row.tags()) {
        Pattern whole = Pattern.compile(Pattern.quote(tag) + "(?!\\d)");
        boolean found = row.classes().stream().anyMatch(c -> whole.matcher(sources.get(c)).find());
        assertThat(found).as("%s is in a class of: %s", tag, row.line()).isTrue();
        tags++;
      }
    }
    assertThat(tags).isGreaterThan(20);
  }

  /** Rows with the status done; cells are paper, equation, subject, class, config, mark, status. */
  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(Cli.checkout().resolve("docs/papers.md"))) {
      String[] cells = line.split("\\|", -1);
      if (cells.length == 9 && cells[7].strip().equals("done")) {
        assertThat(cells[6].strip()).as(line).matches("[PCMI](, [PCMI])*");
        rows.add(new Row(found(NAME, cells[4], 1), found(TAG, cells[2], 0), line));
      }
    }
    return rows;
  }

  private static List<String> found(Pattern pattern, String cell, int group) {
    return pattern.matcher(cell).results().map((MatchResult m) -> m.group(group)).toList();
  }

  private static Map<String, String> sources() throws IOException {
    Map<String, String> sources = new HashMap<>();
    for (String module : List.of("data", "tensor", "transformer", "alignment")) {
      try (Stream<Path> files =
          Files.walk(Cli.checkout().resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          String name = file.getFileName().toString().replace(".java", "");
          sources.put(name, Files.readString(file));
        }
      }
    }
    return sources;
  }
}
