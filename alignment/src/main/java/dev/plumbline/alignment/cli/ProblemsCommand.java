package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.tokenizer.BpeTokenizerTrainer;
import dev.plumbline.data.wordproblems.ArithmeticFacts;
import dev.plumbline.data.wordproblems.WordProblems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline problems}. */
@Command(
    name = "problems",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Generates word problems in GSM8K's format, and a tokenizer for them.")
final class ProblemsCommand implements Callable<Integer> {
  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory for train.jsonl, validation.jsonl, test.jsonl and the tokenizer.")
  private Path output;

  @Option(
      names = "--train",
      defaultValue = "40000",
      description = "Number of training problems (default: ${DEFAULT-VALUE}).")
  private int train;

  @Option(
      names = "--validation",
      defaultValue = "500",
      description = "Number of validation problems (default: ${DEFAULT-VALUE}).")
  private int validation;

  @Option(
      names = "--test",
      defaultValue = "1000",
      description = "Number of test problems (default: ${DEFAULT-VALUE}).")
  private int test;

  @Option(
      names = "--min-steps",
      defaultValue = "2",
      description =
          "Minimum number of steps of a solution, at least 1 (default: ${DEFAULT-VALUE}).")
  private int minSteps;

  @Option(
      names = "--max-steps",
      defaultValue = "5",
      description = "Maximum number of steps of a solution, at most 5 (default: ${DEFAULT-VALUE}).")
  private int maxSteps;

  @Option(
      names = "--max-operand",
      defaultValue = "20",
      description = "Maximum drawn factor, 6 to 1000 (default: ${DEFAULT-VALUE}).")
  private int maxOperand;

  @Option(
      names = "--distractor-share",
      defaultValue = "0.7",
      description =
          "Share of problems with a number that no step needs (default: ${DEFAULT-VALUE}).")
  private double distractorShare;

  @Option(
      names = "--facts",
      defaultValue = "0",
      description =
          "Number of one-operation questions, \"What is 17+25?\", that follow the training problems"
              + " in train.jsonl; they teach a base model arithmetic (default: ${DEFAULT-VALUE}).")
  private int facts;

  @Option(
      names = "--vocabulary",
      defaultValue = "768",
      description = "Vocabulary size of the tokenizer; 0 = none (default: ${DEFAULT-VALUE}).")
  private int vocabulary;

  @Option(names = "--seed", defaultValue = "0", description = "Seed (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() {
    atLeast("train", train, 1);
    atLeast("validation", validation, 0);
    atLeast("test", test, 0);
    if (vocabulary != 0) {
      atLeast("vocabulary", vocabulary, BpeTokenizerTrainer.MIN_VOCABULARY);
    }
    atLeast("facts", facts, 0);
    WordProblems problems =
        WordProblems.of(
            seed, new WordProblems.Options(minSteps, maxSteps, distractorShare, maxOperand));
    List<Problem> trained = new ArrayList<>(problems.train(train));
    trained.addAll(ArithmeticFacts.of(seed, facts, maxOperand));
    write(output.resolve("train.jsonl"), trained);
    write(output.resolve("validation.jsonl"), problems.validation(validation));
    write(output.resolve("test.jsonl"), problems.test(test));
    if (vocabulary > 0) {
      List<String> corpus = new ArrayList<>();
      for (Problem p : trained.subList(0, Math.min(20_000, trained.size()))) {
        corpus.add(dev.plumbline.data.problem.Prompts.question(p.question()));
        corpus.add(dev.plumbline.data.problem.Prompts.response(p.solution()));
      }
      BpeTokenizerTrainer.train(corpus, vocabulary, output);
    }
    System.out.printf(
        "%d training, %d validation and %d test problems written to %s%n",
        trained.size(), validation, test, output);
    return 0;
  }

  private static void atLeast(String key, int value, int least) {
    if (value < least) {
      throw new UserError(key + " must be >= " + least + ", but is " + value + ".");
    }
  }

  /** Writes problems in GSM8K's own layout. */
  static void write(Path file, List<Problem> problems) {
    List<ObjectNode> rows = new ArrayList<>();
    for (Problem p : problems) {
      ObjectNode row = Jsonl.mapper().createObjectNode();
      row.put("id", p.id());
      row.put("question", p.question());
      row.put("answer", p.solution());
      rows.add(row);
    }
    Jsonl.write(file, rows);
  }
}
