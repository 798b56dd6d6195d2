package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The pages of {@code docs/math}: every class line names existing classes and tests and a mark,
 * every equation number occurs in a class of its section, and nothing cites a document that readers
 * do not have.
 */
class MathPagesTest {
  private static final Pattern QUOTED = Pattern.compile("`([\\w.]+)`");
  private static final Pattern NUMBER = Pattern.compile("Eq\\. \\d+|Algorithm \\d+");
  private static final List<String> MARKS = List.of("P", "C", "M", "I", "D");

  /**
   * A section: its heading, the text of its headings and the text before equations, its class
   * lines.
   */
  private record Section(String page, String heading, List<String> lines) {}

  private static Map<String, String> sources;
  private static Map<String, String> tests;
  private static final List<Section> SECTIONS = new ArrayList<>();

  @BeforeAll
  static void read() throws IOException {
    sources = java("src/main/java");
    tests = java("src/test/java");
    for (Path page : files(Cli.checkout().resolve("docs/math"), ".md")) {
      String heading = "";
      List<String> lines = new ArrayList<>();
      for (String line : Files.readAllLines(page)) {
        if (line.startsWith("#")) {
          SECTIONS.add(new Section(page.getFileName().toString(), heading, lines));
          heading = line;
          lines = new ArrayList<>();
        } else {
          lines.add(line);
        }
      }
      SECTIONS.add(new Section(page.getFileName().toString(), heading, lines));
    }
  }

  @Test
  void everyClassLineNamesWhatExists() {
    int lines = 0;
    for (Section section : SECTIONS) {
      for (String line : section.lines()) {
        if (line.startsWith("Class: ")) {
          String[] fields = line.split(" · ", -1);
          String where = section.page() + ", " + section.heading() + ": " + line;
          assertThat(fields).as(where).hasSize(3);
          assertThat(fields[1]).as(where).startsWith("Test: ");
          assertThat(fields[2]).as(where).startsWith("Mark: ");
          assertThat(quoted(fields[0])).as(where).isNotEmpty();
          assertThat(sources.keySet()).as(where).containsAll(quoted(fields[0]));
          for (String test : quoted(fields[1])) {
            String[] parts = test.split("\\.");
            assertThat(tests).as(where).containsKey(parts[0]);
            assertThat(tests.get(parts[0])).as(where).contains(" " + parts[1] + "(");
          }
          assertThat(MARKS)
              .as(where)
              .containsAll(Arrays.asList(fields[2].substring("Mark: ".length()).split(", ")));
          lines++;
        }
      }
    }
    assertThat(lines).isGreaterThan(100);
  }

  /** Such as `ScoredResponse.logPi` in the table of symbols. */
  @Test
  void everyMemberOfAClassExists() throws IOException {
    Pattern member = Pattern.compile("`([A-Z]\\w*)\\.(\\w+)`");
    int members = 0;
    for (Path page : files(Cli.checkout().resolve("docs/math"), ".md")) {
      for (MatchResult named : member.matcher(Files.readString(page)).results().toList()) {
        String source = sources.get(named.group(1));
        if (source != null) {
          assertThat(Pattern.compile("\\b" + named.group(2) + "\\b").matcher(code(source)).find())
              .as("%s in %s", named.group(), page)
              .isTrue();
          members++;
        }
      }
    }
    assertThat(members).isGreaterThan(5);
  }

  /** A source without its comments. */
  private static String code(String source) {
    return source.replaceAll("(?s)/\\*.*?\\*/|//[^\n]*", "");
  }

  @Test
  void everyDisplayHasAClassLineInItsSection() {
    for (Section section : SECTIONS) {
      boolean displays = section.lines().contains("$$");
      boolean classes = section.lines().stream().anyMatch(line -> line.startsWith("Class: "));
      boolean derivation = section.lines().stream().anyMatch(line -> line.contains("**D**"));
      if (displays && !derivation && !section.page().equals("notation.md")) {
        assertThat(classes || precededByClasses(section))
            .as(section.page() + ", " + section.heading())
            .isTrue();
      }
    }
  }

  /** A derivation may have a separate section, below the section of its equation. */
  private static boolean precededByClasses(Section section) {
    int at = SECTIONS.indexOf(section);
    return SECTIONS.subList(Math.max(0, at - 2), Math.min(SECTIONS.size(), at + 3)).stream()
        .filter(other -> other.page().equals(section.page()))
        .anyMatch(other -> other.lines().stream().anyMatch(line -> line.startsWith("Class: ")));
  }

  @Test
  void everyEquationNumberStandsInAClassOfItsSection() {
    int numbers = 0;
    for (Section section : SECTIONS) {
      List<String> classes =
          section.lines().stream()
              .filter(line -> line.startsWith("Class: "))
              .flatMap(line -> quoted(line.split(" · ")[0]).stream())
              .toList();
      if (!classes.isEmpty()) {
        for (String number :
            NUMBER.matcher(section.heading()).results().map(m -> m.group()).toList()) {
          Pattern whole = Pattern.compile(Pattern.quote(number) + "(?!\\d)");
          assertThat(classes.stream().anyMatch(c -> whole.matcher(sources.get(c)).find()))
              .as("%s of %s, %s is in %s", number, section.page(), section.heading(), classes)
              .isTrue();
          numbers++;
        }
      }
    }
    assertThat(numbers).isGreaterThanOrEqualTo(5);
  }

  /** Sources and documents cite papers and code, or mark inferences. */
  @Test
  void nothingCitesADocumentThatReadersDoNotHave() throws IOException {
    Pattern cited =
        Pattern.compile(
            "\\bspec/|\\bspec,? [O\\d]|\\b(AFT|SCDPO) spec\\b|\\bspec tags|this specification");
    List<Path> all = new ArrayList<>(files(Cli.checkout().resolve("docs"), ".md"));
    for (String name : List.of("README.md", "CONTRIBUTING.md")) {
      all.add(Cli.checkout().resolve(name));
    }
    for (Path file : all) {
      assertThat(cited.matcher(Files.readString(file)).find()).as(file.toString()).isFalse();
    }
    for (Map.Entry<String, String> source : sources.entrySet()) {
      assertThat(cited.matcher(source.getValue()).find()).as(source.getKey()).isFalse();
    }
  }

  private static List<String> quoted(String field) {
    return QUOTED.matcher(field).results().map(m -> m.group(1)).toList();
  }

  private static Map<String, String> java(String folder) throws IOException {
    Map<String, String> all = new TreeMap<>();
    for (String module : List.of("data", "tensor", "transformer", "alignment", "tests")) {
      Path root = Cli.checkout().resolve(module).resolve(folder);
      for (Path file : Files.isDirectory(root) ? files(root, ".java") : List.<Path>of()) {
        all.merge(
            file.getFileName().toString().replace(".java", ""),
            Files.readString(file),
            String::concat);
      }
    }
    return all;
  }

  private static List<Path> files(Path root, String ending) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(f -> f.toString().endsWith(ending)).sorted().toList();
    }
  }
}
