package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.RunLock;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.tokenizer.BpeTokenizerTrainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline tokenizer}. */
@Command(
    name = "tokenizer",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Trains a tokenizer on the texts of training files.",
      "A byte-level BPE with a token for every digit, which reads any text; 'new-model' makes a model for it."
    },
    footer = {
      "",
      "Example:",
      "  ./plumbline tokenizer data=train.jsonl vocabulary=1024 output=runs/tokenizer"
    })
final class TokenizerCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      required = true,
      split = ",",
      paramLabel = "FILE",
      description = "Training rows of any form; prompts and responses count.")
  private List<Path> data;

  @Option(
      names = "--vocabulary",
      defaultValue = "1024",
      description = "Maximum number of tokens, at least 259 (default: ${DEFAULT-VALUE}).")
  private int vocabulary;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory for tokenizer.json and tokenizer_config.json.")
  private Path output;

  @Override
  public Integer call() {
    RunFiles.refuseForeign(output);
    try (RunLock lock = RunLock.directory(output)) {
      RunFiles.claim(output, "tokenizer", new Made(data, vocabulary));
      if (Files.exists(output.resolve("tokenizer_config.json"))) { // written last
        System.out.println("Already complete, in " + output);
        return 0;
      }
      List<TokenText> texts =
          data.stream()
              .flatMap(file -> TrainingRows.read(file).stream())
              .flatMap(row -> Stream.concat(Stream.of(row.prompt()), row.responses().stream()))
              .toList();
      List<String> corpus = texts.stream().map(TokenText::text).filter(Objects::nonNull).toList();
      if (corpus.isEmpty()) {
        throw new UserError(
            "The rows of " + data + " have token ids alone; a tokenizer is trained on texts.");
      }
      int size = BpeTokenizerTrainer.train(corpus, vocabulary, output);
      int left = texts.size() - corpus.size();
      System.out.printf(
          "A tokenizer of %,d tokens, trained on %,d texts%s, written to %s%n",
          size,
          corpus.size(),
          left == 0 ? "" : String.format(" (%,d given as ids alone left out)", left),
          output);
    }
    return 0;
  }

  /** Settings that decide the result. */
  private record Made(List<Path> data, int vocabulary) {}
}
