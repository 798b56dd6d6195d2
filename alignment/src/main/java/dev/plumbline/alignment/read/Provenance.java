package dev.plumbline.alignment.read;

import dev.plumbline.alignment.report.page.Html;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The line below an equation of docs/math: {@code Class: `Dpo` · Test: `DpoTest.x` · Mark: P, C}.
 *
 * @param classes classes that compute the equation
 * @param tests tests that check it
 * @param marks how we know it, letters of docs/math/notation.md
 */
record Provenance(String classes, String tests, List<String> marks) {
  private static final Pattern LINE =
      Pattern.compile("Class: (?<classes>.*?)(?: · Test: (?<tests>.*?))? · Mark: (?<marks>.*)");

  private static final Map<String, String> MEANINGS =
      Map.of(
          "P", "read in the paper",
          "C", "read in code",
          "M", "not verified: from memory or a secondary source",
          "I", "inferred by us",
          "D", "derived on this page");

  static Provenance of(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'" + line + "' is no line of the form 'Class: … · Test: … · Mark: …'.");
    }
    String tests = matcher.group("tests") == null ? "" : matcher.group("tests");
    return new Provenance(
        matcher.group("classes"), tests, List.of(matcher.group("marks").strip().split(", ")));
  }

  /** The marks in words, the classes and the tests. */
  String html() {
    String known =
        marks.stream()
            .map(
                mark ->
                    Markup.text("span class=\"mark\"", mark)
                        + " "
                        + Html.escape(MEANINGS.getOrDefault(mark, "a mark without meaning")))
            .collect(Collectors.joining(", "));
    return Markup.element(
        "p class=\"provenance\"",
        known
            + ". Class "
            + Markdown.inline(classes)
            + (tests.isEmpty() ? "" : ". Test " + Markdown.inline(tests))
            + ".");
  }
}
