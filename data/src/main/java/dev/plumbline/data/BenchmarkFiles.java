package dev.plumbline.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.math.MathEquality;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Readers of the multiple-choice and mathematics benchmarks as their authors ship them.
 *
 * <p>Their solutions end in the form that {@link Task} grades: AQuA's and ECQA's in a line {@code
 * The answer is X}, in place of AQuA's own closing line (AFT spec 6.3), MATH's in its box.
 */
final class BenchmarkFiles {
  private static final Set<String> AQUA_KEYS =
      Set.of("question", "options", "rationale", "correct");
  private static final Set<String> ECQA_KEYS =
      Set.of("question", "choices", "answerKey", "answer", "rationale");
  private static final Pattern OPTION = Pattern.compile("\\(?([A-J])\\)\\s*(.*)", Pattern.DOTALL);

  /** "Answer: D", "correct option is B", "The answer is A." at the end of a rationale. */
  private static final Pattern CLOSING =
      Pattern.compile(
          "[\\s,;]*\\b(?:(?:hence|so|thus|therefore),?\\s+)?(?:the\\s+)?(?:correct\\s+)?"
              + "(?:answer|option|ans|choice)\\b[\\s:=.,-]*(?:is|will be|must be)?[\\s:=,-]*(?:option)?[\\s:=-]*"
              + "\\(?[A-Ea-e]\\)?\\W*$",
          Pattern.CASE_INSENSITIVE);

  /** "E is the answer.", "(B) is the correct choice", "Option B is correct" at the end. */
  private static final Pattern LETTER_FIRST =
      Pattern.compile(
          "[\\s,;]*\\b(?:(?:hence|so|thus|therefore),?\\s+)?(?:(?:the\\s+)?(?:option|answer|choice)\\s+)?"
              + "\\(?\\b[A-E]\\)?\\s+is\\s+(?:the\\s+)?(?:(?:correct|right)(?:\\s+(?:answer|option|choice))?"
              + "|answer)\\W*$",
          Pattern.CASE_INSENSITIVE);

  /** A last line "Answer: D) 109 rolls": the letter and no more than the option's own words. */
  private static final Pattern LETTER_AND_OPTION =
      Pattern.compile(
          "\\n\\s*(?i:hence|so|thus|therefore)?,?\\s*(?i:(?:the\\s+)?(?:correct\\s+)?(?:answer|ans))\\b"
              + "[\\s:=.-]*(?i:is|will be)?[\\s:=-]*(?i:option)?[\\s:=-]*\\(?([A-E])\\b[^\\n]{0,40}$");

  private static final Pattern LONE_LETTER = Pattern.compile("\\n\\s*\\(?[A-E]\\)?\\.?\\s*$");

  private BenchmarkFiles() {}

  /** A rationale without its closing answer, and the line that every target ends in. */
  private static String closed(String rationale, String letter) {
    String body = CLOSING.matcher(rationale.strip()).replaceFirst("");
    body = LETTER_FIRST.matcher(body).replaceFirst("");
    Matcher option = LETTER_AND_OPTION.matcher(body);
    if (option.find() && option.group(1).equals(letter)) {
      body = body.substring(0, option.start());
    }
    body = LONE_LETTER.matcher(body).replaceFirst("").strip();
    return explained(body, letter);
  }

  private static String explained(String body, String letter) {
    return (body.isBlank() ? "" : body.strip() + "\n") + "The answer is " + letter;
  }

  /** AQuA-RAT's JSONL: options carry their letters, {@code "A)32400"}. */
  static List<Problem> aqua(Path file) {
    List<Problem> problems = new ArrayList<>();
    for (RowFields row : RowFields.of(file)) {
      row.allowOnly(AQUA_KEYS);
      List<String> options = new ArrayList<>();
      for (String option : row.strings("options")) {
        options.add(optionText(row, option, options.size()));
      }
      String letter = letter(row, row.string("correct"), options.size());
      problems.add(
          new Problem(
              row.id(problems.size()),
              Task.AQUA,
              row.string("question").strip(),
              options,
              closed(row.string("rationale"), letter),
              letter));
    }
    return problems;
  }

  private static String optionText(RowFields row, String option, int index) {
    Matcher matcher = OPTION.matcher(option.strip());
    if (!matcher.matches() || matcher.group(1).charAt(0) != 'A' + index) {
      throw row.error(
          "option "
              + (index + 1)
              + " is \""
              + option
              + "\"; it must begin with \""
              + (char) ('A' + index)
              + ")\".");
    }
    return matcher.group(2).strip();
  }

  private static String letter(RowFields row, String letter, int options) {
    if (letter.length() != 1 || letter.charAt(0) < 'A' || letter.charAt(0) >= 'A' + options) {
      throw row.error(
          "the right option is \"" + letter + "\", and there are " + options + " from A on.");
    }
    return letter;
  }

  /**
   * ECQA joined with CommonsenseQA: choices by letter, and the explanation as rationale, which some
   * questions lack.
   */
  static List<Problem> ecqa(Path file) {
    List<Problem> problems = new ArrayList<>();
    for (RowFields row : RowFields.of(file)) {
      row.allowOnly(ECQA_KEYS);
      List<String> options = row.lettered("choices");
      String letter = letter(row, row.string("answerKey"), options.size());
      String named = options.get(letter.charAt(0) - 'A');
      if (row.has("answer") && !row.string("answer").strip().equalsIgnoreCase(named.strip())) {
        throw row.error(
            "the right option is \""
                + letter
                + "\", which reads \""
                + named
                + "\", and the answer is \""
                + row.string("answer")
                + "\"; mend one of them.");
      }
      problems.add(
          new Problem(
              row.id(problems.size()),
              Task.ECQA,
              row.string("question").strip(),
              options,
              explained(row.has("rationale") ? row.string("rationale") : "", letter),
              letter));
    }
    return problems;
  }

  /** MATH and MATH500: the answer is the file's, else the solution's box. */
  static List<Problem> math(Path file) {
    List<Problem> problems = new ArrayList<>();
    for (RowFields row : RowFields.of(file)) {
      String solution = row.string("solution");
      String answer = row.has("answer") ? row.string("answer") : MathEquality.boxed(solution);
      if (answer == null) {
        throw row.error("\"solution\" boxes no answer and there is no \"answer\"; add one.");
      }
      String id = row.has("unique_id") ? row.string("unique_id") : row.id(problems.size());
      problems.add(new Problem(id, Task.MATH, row.string("problem"), List.of(), solution, answer));
    }
    return problems;
  }

  /** FLAN's AQuA: question and options, the letter, the rationale; tabs between, no header. */
  static List<Problem> flanAqua(Path file, String text) {
    List<Problem> problems = new ArrayList<>();
    int line = 0;
    for (String row : text.lines().toList()) {
      line++;
      String[] cells = row.split("\t", -1);
      String[] halves = cells[0].replace("\\n", "\n").split("\nOptions:\n", -1);
      if (cells.length != 3 || halves.length != 2) {
        throw Jsonl.at(
            file, line, "is not question with options, letter and rationale between tabs");
      }
      ObjectNode fields = Jsonl.mapper().createObjectNode();
      RowFields at = new RowFields(fields, file, line, "");
      List<String> options = new ArrayList<>();
      for (String option : halves[1].lines().toList()) {
        options.add(optionText(at, option, options.size()));
      }
      String letter = letter(at, cells[1].replaceAll("[()\\s]", ""), options.size());
      problems.add(
          new Problem(
              ProblemFiles.defaultId(file, problems.size()),
              Task.AQUA,
              halves[0].strip(),
              options,
              closed(cells[2].replace("\\n", "\n"), letter),
              letter));
    }
    return problems;
  }

  /** MMLU's CSV: question, four options, letter; no header. */
  static List<Problem> mmlu(Path file, String text) {
    List<Problem> problems = new ArrayList<>();
    for (CsvTable.Line row : CsvTable.records(text, file)) {
      List<String> values = row.values();
      if (values.size() != 6 || !values.get(5).strip().matches("[A-D]")) {
        throw Jsonl.at(file, row.line(), "is not question, four options and a letter from A to D");
      }
      problems.add(
          new Problem(
              ProblemFiles.defaultId(file, problems.size()),
              Task.MMLU,
              values.get(0).strip(),
              values.subList(1, 5),
              "The answer is " + values.get(5).strip(),
              values.get(5).strip()));
    }
    return problems;
  }

  /** A directory of MMLU's subjects, in the order of their names. */
  static List<Problem> mmluSubjects(Path directory) {
    List<Problem> problems = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".csv")).sorted().toList()) {
        problems.addAll(mmlu(file, Jsonl.text(file)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The directory " + directory + " cannot be listed.", e);
    }
    if (problems.isEmpty()) {
      throw new UserError("The directory " + directory + " holds no .csv file of MMLU.");
    }
    return problems;
  }
}
