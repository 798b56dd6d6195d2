package dev.plumbline.data.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.CsvTable;
import dev.plumbline.data.io.FileText;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Arithmetic;
import dev.plumbline.data.problem.CalculatorCheck;
import dev.plumbline.data.problem.Decimals;
import dev.plumbline.data.problem.Gsm8kGrader;
import dev.plumbline.data.problem.Problem;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads problems in the formats of their authors. The content decides which format a file has:
 *
 * <ul>
 *   <li>GSM8K (Cobbe et al. 2021): JSONL of {@code {"question", "answer"}};
 *   <li>SVAMP (Patel et al. 2021, arXiv 2103.07191): a JSON list with Body, Question, Equation,
 *       Answer;
 *   <li>MAWPS, ASDiv-A and SVAMP as SVAMP's code ships them: CSV with {@code number0} placeholders,
 *       the numbers in a separate column and the equation in prefix form;
 *   <li>AQuA-RAT (JSONL, or FLAN's TSV), ECQA joined with CommonsenseQA (JSONL), MATH (JSONL) and
 *       MMLU (CSV, or a directory of subjects): see {@link BenchmarkFiles}.
 * </ul>
 *
 * <p>SVAMP and the CSV sets have no reasoning text; their solution is the equation as one
 * calculator annotation and {@code #### n}.
 */
public final class ProblemFiles {
  private static final Set<String> GSM8K_KEYS = Set.of("answer", "question");

  private static final Pattern SVAMP_KEY =
      Pattern.compile("\"(Body|Equation)\"\\s*:|^\\s*\\[\\s*\\]");
  private static final Pattern PLACEHOLDER = Pattern.compile("\\bnumber([0-9]{1,9})\\b");

  /** Far more than any problem has; bounds the quadratic time of a hostile equation. */
  private static final int MAX_TERMS = 1_000;

  private static final Pattern MMLU_END =
      Pattern.compile(",\\s*\"?[A-D]\"?\\s*$", Pattern.MULTILINE);

  private ProblemFiles() {}

  /**
   * Reads all problems of a file, or of a directory of MMLU's subjects.
   *
   * @throws UserError when the file is missing or empty, has an unknown format, or a problem is
   *     malformed
   */
  public static List<Problem> read(Path file) {
    if (Files.isDirectory(file)) {
      return BenchmarkFiles.mmluSubjects(file);
    }
    String text = FileText.read(file);
    if (text.isBlank()) {
      throw new UserError(file + " is empty; it needs at least one problem.");
    }
    char first = text.strip().charAt(0);
    if (first == '{') {
      return jsonl(file);
    }
    if (first == '[') {
      return SVAMP_KEY.matcher(text).find() ? svamp(file, text) : jsonl(file);
    }
    String header = text.lines().findFirst().orElse("");
    if (header.contains("Question") && header.contains("Numbers") && header.contains("Equation")) {
      return csv(file, text);
    }
    if (header.contains("\t") && header.contains("Options:")) {
      return BenchmarkFiles.flanAqua(file, text);
    }
    boolean headed = BenchmarkFiles.mmluColumns(List.of(header.split(",", -1))) != null;
    if (headed || MMLU_END.matcher(text).find()) {
      return BenchmarkFiles.mmlu(file, text);
    }
    throw new UserError(
        file
            + " is neither JSONL of GSM8K, AQuA, ECQA or MATH, nor SVAMP's JSON list, nor a CSV with the columns Question,"
            + " Numbers, Equation and Answer, nor MMLU's CSV; it begins with \""
            + header.substring(0, Math.min(40, header.length()))
            + "\".");
  }

  private static List<Problem> jsonl(Path file) {
    ObjectNode first = Jsonl.read(file).get(0);
    if (first.has("options")) {
      return BenchmarkFiles.aqua(file);
    }
    if (first.has("choices")) {
      return BenchmarkFiles.ecqa(file);
    }
    return first.has("problem") ? BenchmarkFiles.math(file) : gsm8k(file);
  }

  private static List<Problem> gsm8k(Path file) {
    List<Problem> problems = new ArrayList<>();
    for (RowFields fields : RowFields.of(file)) {
      fields.refuseForeignForms();
      fields.allowOnly(GSM8K_KEYS);
      String solution = fields.string("answer");
      String answer =
          Gsm8kGrader.strict(solution)
              .orElseThrow(
                  () ->
                      fields.error(
                          "\"answer\" has no final answer; end it with a line \"#### n\"."));
      problems.add(
          new Problem(
              fields.id(problems.size()), fields.string("question"), solution, canonical(answer)));
    }
    return problems;
  }

  private static List<Problem> svamp(Path file, String text) {
    JsonNode list;
    try {
      list = Jsonl.mapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new UserError(file + " is not valid JSON (" + Jsonl.reason(e) + ").", e);
    }
    List<Problem> problems = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      JsonNode item = list.get(i);
      for (String key : List.of("Body", "Question", "Equation", "Answer")) {
        if (!item.hasNonNull(key)) {
          throw new UserError(
              file
                  + ", problem "
                  + (i + 1)
                  + " has no \""
                  + key
                  + "\"; every problem of SVAMP has one.");
        }
      }
      // Body and question are joined by a blank only, as in SVAMP's own scripts: a few bodies lack
      // a full stop.
      String question =
          item.get("Body").asText().strip() + " " + item.get("Question").asText().strip();
      String answer = answer(file, i + 1, plainNumber(file, i + 1, item.get("Answer")));
      String id = item.hasNonNull("ID") ? item.get("ID").asText() : defaultId(file, i);
      problems.add(
          new Problem(id, question, solution(item.get("Equation").asText(), answer), answer));
    }
    return nonEmpty(file, problems);
  }

  /** SVAMP writes answers as 51.0 and 22090603.0; Double.toString would print 2.2E7. */
  private static String plainNumber(Path file, int problem, JsonNode number) {
    if (!number.isNumber()) {
      return number.asText();
    }
    if (!Double.isFinite(number.doubleValue())) {
      throw new UserError(
          file
              + ", problem "
              + problem
              + " has an \"Answer\" beyond the largest number of double precision; correct it.");
    }
    return number.decimalValue().toPlainString();
  }

  private static List<Problem> csv(Path file, String text) {
    List<Problem> problems = new ArrayList<>();
    for (CsvTable.Row row : CsvTable.parse(text, file)) {
      for (String column : List.of("Question", "Numbers", "Equation", "Answer")) {
        if (!row.fields().containsKey(column)) {
          throw new UserError(file + " has no column \"" + column + "\"; the header needs it.");
        }
      }
      String[] numbers = row.fields().get("Numbers").strip().split("\\s+", -1);
      for (int k = 0; k < numbers.length; k++) {
        numbers[k] = answer(file, row.line(), numbers[k]);
      }
      String question = fill(row.fields().get("Question"), numbers);
      if (PLACEHOLDER.matcher(question).find()) {
        throw Jsonl.at(
            file, row.line(), "has more placeholders than its " + numbers.length + " numbers");
      }
      String infix = infix(file, row.line(), fill(row.fields().get("Equation"), numbers));
      String answer = answer(file, row.line(), row.fields().get("Answer"));
      problems.add(
          new Problem(defaultId(file, problems.size()), question, solution(infix, answer), answer));
    }
    return nonEmpty(file, problems);
  }

  private static String fill(String text, String[] numbers) {
    return PLACEHOLDER
        .matcher(text)
        .replaceAll(
            place -> {
              int k = Integer.parseInt(place.group(1));
              return k < numbers.length ? numbers[k] : place.group();
            });
  }

  /**
   * Converts {@code - 25 * 3 4} to {@code 25-(3*4)}: reading from the right, each operator takes
   * the two newest terms.
   */
  private static String infix(Path file, int line, String prefix) {
    Deque<String> terms = new ArrayDeque<>();
    String[] tokens = prefix.strip().split("\\s+", -1);
    if (tokens.length > MAX_TERMS) {
      throw Jsonl.at(
          file,
          line,
          "has an equation of " + tokens.length + " terms, but at most " + MAX_TERMS + " are read");
    }
    for (int i = tokens.length - 1; i >= 0; i--) {
      if (tokens[i].length() == 1 && "+-*/".contains(tokens[i])) {
        if (terms.size() < 2) {
          throw Jsonl.at(
              file,
              line,
              "has the equation \""
                  + RowFields.shortened(prefix)
                  + "\", which is not in prefix form");
        }
        String left = terms.pop();
        String right = terms.pop();
        terms.push("(" + left + tokens[i] + right + ")");
      } else {
        terms.push(tokens[i]);
      }
    }
    if (terms.size() != 1) {
      throw Jsonl.at(
          file,
          line,
          "has the equation \"" + RowFields.shortened(prefix) + "\", which is not in prefix form");
    }
    return terms.pop();
  }

  /**
   * Writes one line {@code e = <<e=n>>n} and {@code #### n}; the result is the value of the
   * equation, the answer is the file's.
   */
  private static String solution(String equation, String answer) {
    String plain = equation.replaceAll("(?<=[0-9])\\.0\\b", "").replaceAll("\\s", "");
    if (plain.startsWith("(") && plain.endsWith(")") && plain.indexOf('(', 1) < 0) {
      plain = plain.substring(1, plain.length() - 1);
    }
    // If the file's answer is not the equation's value, the line still shows correct arithmetic;
    // #### keeps the file's answer.
    OptionalDouble value = Arithmetic.evaluate(plain);
    String result =
        value.isEmpty() || CalculatorCheck.holds(plain + "=" + answer)
            ? answer
            : Decimals.canonical(BigDecimal.valueOf(Math.round(value.getAsDouble() * 1e6), 6));
    return plain + " = <<" + plain + "=" + result + ">>" + result + "\n#### " + answer;
  }

  private static String answer(Path file, int line, String raw) {
    return Decimals.parse(raw)
        .map(Decimals::canonical)
        .orElseThrow(
            () ->
                Jsonl.at(
                    file, line, "has \"" + RowFields.shortened(raw) + "\" instead of a number"));
  }

  private static String canonical(String number) {
    return Decimals.parse(number).map(Decimals::canonical).orElse(number); // or a fraction
  }

  private static List<Problem> nonEmpty(Path file, List<Problem> problems) {
    if (problems.isEmpty()) {
      throw new UserError(file + " contains no problem; it needs at least one.");
    }
    return problems;
  }

  /**
   * Builds an id such as {@code train-17}: the file's name without extension and the index in the
   * file, from 0.
   */
  static String defaultId(Path file, int index) {
    return file.getFileName().toString().replaceFirst("\\.[^.]*$", "") + "-" + index;
  }
}
