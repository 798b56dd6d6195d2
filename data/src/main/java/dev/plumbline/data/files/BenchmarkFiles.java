package dev.plumbline.data.files;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.CsvTable;
import dev.plumbline.data.io.FileText;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.math.MathEquality;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.problem.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads the multiple-choice and mathematics benchmarks in the formats of their authors.
 *
 * <p>Their solutions end in the form that {@link Task} grades: AQuA's and ECQA's in a line {@code
 * The answer is X}, which replaces AQuA's own closing line (inferred, I); MATH's in its box.
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

  /** A last line "Answer: D) 109 rolls": the letter and only the option's own words. */
  private static final Pattern LETTER_AND_OPTION =
      Pattern.compile(
          "\\n\\s*(?i:hence|so|thus|therefore)?,?\\s*(?i:(?:the\\s+)?(?:correct\\s+)?(?:answer|ans))\\b"
              + "[\\s:=.-]*(?i:is|will be)?[\\s:=-]*(?i:option)?[\\s:=-]*\\(?([A-E])\\b[^\\n]{0,40}$");

  /**
   * Only this many characters at the end are searched, because the patterns take quadratic time.
   */
  private static final int CLOSING_CHARACTERS = 1_000;

  private static final Pattern LONE_LETTER = Pattern.compile("\\n\\s*\\(?[A-E]\\)?\\.?\\s*$");

  private BenchmarkFiles() {}

  /** The rationale without its closing answer, followed by the line that every target ends with. */
  private static String closed(String rationale, String letter) {
    String whole = rationale.strip();
    int cut = Math.max(0, whole.length() - CLOSING_CHARACTERS);
    return explained(whole.substring(0, cut) + unclosed(whole.substring(cut), letter), letter);
  }

  private static String unclosed(String end, String letter) {
    String body = CLOSING.matcher(end).replaceFirst("");
    body = LETTER_FIRST.matcher(body).replaceFirst("");
    Matcher option = LETTER_AND_OPTION.matcher(body);
    if (option.find() && option.group(1).equals(letter)) {
      body = body.substring(0, option.start());
    }
    return LONE_LETTER.matcher(body).replaceFirst("").stripTrailing();
  }

  private static String explained(String body, String letter) {
    return (body.isBlank() ? "" : body.strip() + "\n") + "The answer is " + letter;
  }

  /** Reads AQuA-RAT's JSONL; options begin with their letters, {@code "A)32400"}. */
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
              + RowFields.shortened(option)
              + "\"; it must begin with \""
              + (char) ('A' + index)
              + ")\".");
    }
    return matcher.group(2).strip();
  }

  private static String letter(RowFields row, String letter, int options) {
    if (letter.length() != 1 || letter.charAt(0) < 'A' || letter.charAt(0) >= 'A' + options) {
      throw row.error(
          "the correct option is \""
              + RowFields.shortened(letter)
              + "\", but there are "
              + options
              + " from A on.");
    }
    return letter;
  }

  /**
   * Reads ECQA joined with CommonsenseQA: choices by letter, and the explanation as rationale,
   * which some questions lack.
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
            "the correct option is \""
                + letter
                + "\", whose text is \""
                + RowFields.shortened(named)
                + "\", but the answer is \""
                + RowFields.shortened(row.string("answer"))
                + "\"; correct one of them.");
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

  /** Reads MATH and MATH500: the answer is the file's, else the content of the solution's box. */
  static List<Problem> math(Path file) {
    List<Problem> problems = new ArrayList<>();
    for (RowFields row : RowFields.of(file)) {
      String solution = row.string("solution");
      String answer = row.has("answer") ? row.string("answer") : MathEquality.boxed(solution);
      if (answer == null) {
        throw row.error("\"solution\" boxes no answer and \"answer\" is missing; add one.");
      }
      String id = row.has("unique_id") ? row.string("unique_id") : row.id(problems.size());
      problems.add(new Problem(id, Task.MATH, row.string("problem"), List.of(), solution, answer));
    }
    return problems;
  }

  /**
   * Reads FLAN's AQuA: question with options, letter, rationale, separated by tabs, without a
   * header.
   */
  static List<Problem> flanAqua(Path file, String text) {
    List<Problem> problems = new ArrayList<>();
    int line = 0;
    for (String row : text.lines().toList()) {
      line++;
      String[] cells = row.split("\t", -1);
      String[] halves = cells[0].replace("\\n", "\n").split("\nOptions:\n", -1);
      if (cells.length != 3 || halves.length != 2) {
        throw Jsonl.at(
            file,
            line,
            "must be a question with options, a letter and a rationale, separated by tabs");
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

  /**
   * Reads MMLU's CSV: question, four options, letter. A header may name them in any order, and a
   * first column of row numbers is allowed.
   */
  static List<Problem> mmlu(Path file, String text) {
    List<CsvTable.Line> rows = new ArrayList<>(CsvTable.records(text, file));
    rows.removeIf(row -> row.values().equals(List.of("")));
    List<Integer> columns = rows.isEmpty() ? null : mmluColumns(rows.get(0).values());
    if (columns != null) {
      rows.remove(0);
    }
    boolean numbered =
        columns == null
            && rows.stream()
                .allMatch(r -> r.values().size() == 7 && r.values().get(0).matches("[0-9]{1,9}"));
    List<Integer> order =
        columns != null
            ? columns
            : numbered ? List.of(1, 2, 3, 4, 5, 6) : List.of(0, 1, 2, 3, 4, 5);
    int width = columns != null ? -1 : numbered ? 7 : 6;
    List<Problem> problems = new ArrayList<>();
    for (CsvTable.Line row : rows) {
      List<String> values = row.values();
      boolean fits = width < 0 ? values.size() > Collections.max(order) : values.size() == width;
      String letter = fits ? values.get(order.get(5)).strip() : "";
      if (!letter.matches("[A-D]")) {
        throw Jsonl.at(
            file, row.line(), "must be a question, four options and a letter from A to D");
      }
      problems.add(
          new Problem(
              ProblemFiles.defaultId(file, problems.size()),
              Task.MMLU,
              values.get(order.get(0)).strip(),
              order.subList(1, 5).stream().map(values::get).toList(),
              "The answer is " + letter,
              letter));
    }
    return problems;
  }

  /**
   * Columns of question, A, B, C, D and answer in a header; null for a row that is not a header.
   */
  static List<Integer> mmluColumns(List<String> header) {
    List<String> names =
        header.stream().map(name -> name.strip().toLowerCase(Locale.ROOT)).toList();
    List<Integer> columns = new ArrayList<>();
    for (String wanted : List.of("question", "a", "b", "c", "d", "answer")) {
      int at = names.indexOf(wanted);
      if (at < 0) {
        return null;
      }
      columns.add(at);
    }
    return columns;
  }

  /** Reads a directory of MMLU's subjects, in the order of their names. */
  static List<Problem> mmluSubjects(Path directory) {
    List<Problem> problems = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".csv")).sorted().toList()) {
        problems.addAll(mmlu(file, FileText.read(file)));
      }
    } catch (IOException e) {
      throw SystemReason.cannot("listed", directory, e);
    }
    if (problems.isEmpty()) {
      throw new UserError(
          "The directory " + directory + " contains no .csv file of MMLU; name one that does.");
    }
    return problems;
  }
}
