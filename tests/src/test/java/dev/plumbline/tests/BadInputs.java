package dev.plumbline.tests;

import dev.plumbline.data.files.ProblemFiles;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.io.Jsonl;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Bad inputs for every data reader: good files with one to three random changes each. The same seed
 * gives the same files.
 */
final class BadInputs {
  /** A file and its reader. */
  record Input(String name, byte[] content, String changes, Consumer<Path> reader) {}

  private record Good(String name, Consumer<Path> reader, String text) {}

  private static final List<Good> GOOD =
      List.of(
          rows(
              "completions.jsonl",
              "{\"prompt\": \"Say it\", \"response\": \" it\", \"id\": 3}\n{\"prompt_ids\": [1, 5], \"response_ids\": [6, 2], \"response_mask\": [0, 1]}\n"),
          rows("trl.jsonl", "{\"prompt\": \"Say it\", \"completion\": \" it\"}\n"),
          rows(
              "groups.jsonl",
              "{\"prompt\": \"p\", \"reference\": \"r\", \"candidates\": [{\"response_ids\": [1, 2], \"response_steps\": [1, 2], \"correct\": true, \"reward\": 0.5}, {\"response\": \"b\", \"correct\": false}]}\n"),
          rows(
              "judge.jsonl",
              "{\"question\": \"2+3?\", \"reference\": \"It is 5.\\n#### 5\", \"candidates\": [{\"text\": \"#### 5\", \"score\": 9}, {\"text\": \"#### 6\", \"score\": 1.5}]}\n"),
          rows(
              "pairs.jsonl",
              "{\"prompt\": \"p\", \"chosen_ids\": [1, 2], \"rejected\": \"x\", \"chosen_weights\": [0.5, 1]}\n{\"prompt\": \"p\", \"chosen\": \"a\", \"rejected\": \"b\"}\n"),
          rows(
              "array.json",
              "[\n {\"prompt\": \"p\", \"chosen\": \"a\", \"rejected\": \"b\"},\n {\"prompt\": \"p\", \"response\": \"\\u00e9\"}\n]\n"),
          new Good(
              "score.jsonl",
              BadInputs::score,
              "{\"prompt_ids\": [1], \"response_ids\": [2, 3], \"response_mask\": [1, 0]}\n{\"prompt\": \"a\", \"response\": \"b\"}\n"),
          problems(
              "gsm8k.jsonl",
              "{\"question\": \"Q?\", \"answer\": \"So <<600*2=1200>>1200.\\n#### 1,200\"}\n{\"question\": \"Q2?\", \"answer\": \"#### 2.50\", \"id\": \"mine\"}\n"),
          problems("gsm8k.json", "[{\"question\": \"Q?\", \"answer\": \"#### 3\"}]"),
          problems(
              "svamp.json",
              "[{\"ID\": \"chal-1\", \"Body\": \"A pack costs 76 dollars.\", \"Question\": \"How much for 3?\", \"Equation\": \"( 76.0 * 3.0 )\", \"Answer\": 228.0}]"),
          problems(
              "mawps.csv",
              "Question,Numbers,Equation,Answer\n\"He has number0 , spends number1\",25000.0 1500.0,- number0 number1,23500.0\nHalf of number0 ?,5,* number0 0.5,2.5\n"),
          problems(
              "aqua.jsonl",
              "{\"question\": \"How many?\", \"options\": [\"A)1\", \"B)2\", \"C)3\"], \"rationale\": \"It is 2.\\nAnswer: B\", \"correct\": \"B\"}\n"),
          problems("flan.tsv", "Q?\\nOptions:\\n(A) 1\\n(B) 2\t(B)\tIt is 2.\n"),
          problems(
              "ecqa.jsonl",
              "{\"question\": \"Where?\", \"choices\": {\"A\": \"bank\", \"B\": \"sea\"}, \"answerKey\": \"A\", \"answer\": \"bank\", \"rationale\": \"Money.\"}\n"),
          problems(
              "math.jsonl",
              "{\"problem\": \"1+1?\", \"solution\": \"It is \\\\boxed{2}.\", \"unique_id\": \"a/1\"}\n{\"problem\": \"x?\", \"solution\": \"y\", \"answer\": \"\\\\frac12\"}\n"),
          problems("mmlu.csv", "\"He said \"\"a\"\"?\",1,2,3,4,A\nWhat?,5,6,7,8,B\n"),
          problems("mmlu-header.csv", ",question,A,B,C,D,answer\n0,What?,1,2,3,4,C\n"));

  private static final List<String> VALUES =
      List.of(
          "1e999",
          "-1e999",
          "1e1000000000",
          "99999999999999999999",
          "2147483648",
          "-1",
          "1.5",
          "-0",
          "0",
          "null",
          "true",
          "\"7\"",
          "\"\"",
          "[]",
          "{}",
          "[[1]]",
          "NaN",
          "Infinity",
          "\"\\ud800\"",
          "\"\\u0000\"",
          "[1, null]",
          "{\"role\": \"user\"}");
  private static final List<String> PIECES =
      List.of(
          "\n", "\r\n", "\n\n", "\u0000", "\uFEFF", "\"", "\\", ",", "\t", "{", "}", "[", "]", ":",
          "#### ", "\\ud83d", "(A)", "\u2028");

  private BadInputs() {}

  private static Good rows(String name, String text) {
    return new Good(name, file -> TrainingRows.read(file, true), text);
  }

  private static Good problems(String name, String text) {
    return new Good(name, ProblemFiles::read, text);
  }

  private static void score(Path file) {
    int line = 0;
    for (var row : Jsonl.read(file)) {
      line++;
      TrainingRows.text(file, line, row, "prompt");
      TrainingRows.text(file, line, row, "response");
    }
  }

  /** Returns {@code count} bad inputs, for all readers in turn. */
  static List<Input> of(long seed, int count) {
    Random random = new Random(seed);
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Good good = GOOD.get(i % GOOD.size());
      byte[] content = good.text.getBytes(StandardCharsets.UTF_8);
      StringBuilder changes = new StringBuilder();
      for (int k = 1 + random.nextInt(3); k > 0; k--) {
        content = changed(content, random, changes);
      }
      inputs.add(new Input(i + "-" + good.name, content, changes.toString(), good.reader));
    }
    return inputs;
  }

  private static byte[] changed(byte[] content, Random random, StringBuilder changes) {
    int kind = random.nextInt(12);
    int at = content.length == 0 ? 0 : random.nextInt(content.length);
    String text = new String(content, StandardCharsets.ISO_8859_1);
    changes.append(kind).append('@').append(at).append(' ');
    String changed =
        switch (kind) {
          case 0 -> text.substring(0, at); // cut off
          case 1 -> flipped(content, at, random);
          case 2 -> text.substring(0, at) + latin(pick(PIECES, random)) + text.substring(at);
          case 3 -> replaced(text, at, "-?[0-9][0-9.]*", pick(VALUES, random));
          case 4 -> replaced(text, at, "\"[^\"\n]*\"(?!:)", pick(VALUES, random));
          case 5 -> replaced(text, at, "\\{", "{\"prompt\": 1, \"prompt\": 2, "); // a key twice
          case 6 ->
              replaced(text, at, "\\{", "{\"" + "k".repeat(random.nextInt(5_000)) + "\": 1, ");
          case 7 ->
              text.substring(0, at) + "[".repeat(random.nextInt(100_000)) + text.substring(at);
          case 8 ->
              text.substring(0, at) + text.substring(0, at) + text.substring(at); // a part twice
          case 9 -> replaced(text, at, "\"[^\"\n]+\":", "\"messages\":"); // another key
          case 10 ->
              text.substring(0, at) + "9".repeat(random.nextInt(200_000)) + text.substring(at);
          default -> latin(pick(PIECES, random)) + text; // at the beginning
        };
    return changed.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String flipped(byte[] content, int at, Random random) {
    byte[] bits = Arrays.copyOf(content, content.length);
    if (bits.length > 0) {
      bits[at] ^= (byte) (1 << random.nextInt(8));
    }
    return new String(bits, StandardCharsets.ISO_8859_1);
  }

  /** Replaces the first match from {@code at} on; returns the text unchanged if there is none. */
  private static String replaced(String text, int at, String pattern, String by) {
    String rest = text.substring(at);
    return text.substring(0, at)
        + rest.replaceFirst(pattern, java.util.regex.Matcher.quoteReplacement(latin(by)));
  }

  private static String pick(List<String> from, Random random) {
    return from.get(random.nextInt(from.size()));
  }

  private static String latin(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
