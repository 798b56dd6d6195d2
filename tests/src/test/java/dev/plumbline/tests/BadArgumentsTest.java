package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Mistakes of the user: exit code 2, one sentence, and no files left behind. */
class BadArgumentsTest {
  @TempDir static Path shared;
  private static Path model;
  private static Path problems;
  private static Path candidates;

  @TempDir Path work;

  @BeforeAll
  static void makeModelAndData() throws IOException {
    model = Cli.tinyModel(shared);
    problems = shared.resolve("problems").resolve("train.jsonl");
    candidates = Cli.candidates(problems, shared.resolve("candidates.jsonl"), 8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model=no/such/model | no/such/model",
        "data=no/such/file.jsonl | no/such/file.jsonl",
        "objective=ppo | ppo",
        "objective=dpo | dpo needs rows with",
        "objective=aft-bc | aft-bc needs rows with",
        "batch-size=0 | batch-size must be >= 1, but is 0",
        "accumulate=-1 | accumulate must be >= 1, but is -1",
        "save-every=0 | save-every must be >= 1, but is 0",
        "learning-rate=-1 | learning-rate must be >= 0, but is -1",
        "learning-rate=NaN | learning-rate must be >= 0, but is NaN",
        "weight-decay=-0.1 | weight-decay must be >= 0, but is -0.1",
        "max-grad-norm=-1 | max-grad-norm must be >= 0, but is -1",
        "warmup-ratio=1.5 | warmup-ratio must be between 0 and 1, but is 1.5",
        "epochs=0 | epochs is 0",
        "max-length=1 | longer than 1 tokens",
        "steps=many | many",
        "schedule=sawtooth | sawtooth",
        "ops=quick | quick",
        "dtype=F8 | F8",
        "shuffle=perhaps | perhaps",
        "detach-boundary=maybe | maybe",
        "--config=no/such.yaml | no/such.yaml"
      })
  void mistakesInTraining(String change, String told) {
    Cli.Result result = Cli.run(train(change));
    assertThat(result.code()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).startsWith("plumbline: ").contains(told);
    Cli.noTrace(result);
    assertThat(work.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.1", "NaN", "-Infinity", "Infinity"})
  void betaIsANumberOfZeroOrMore(String beta) {
    for (String given : List.of("objective=dpo beta=", "objective=aft-bc boundary-margin=")) {
      String[] args = given.split(" ");
      String err = Cli.sentence(Cli.run(train(args[0], args[1] + beta, "data=" + candidates)));
      assertThat(err).contains("must be >= 0, but is " + beta);
    }
    assertThat(Cli.sentence(Cli.run(train("objective=dpo", "gamma-ratio=1", "data=" + candidates))))
        .contains("gamma-ratio is not read by dpo, which reads beta (0.1), align-weight (1)");
    assertThat(Cli.sentence(Cli.run(train("objective=aft-bc", "beta=1", "data=" + candidates))))
        .contains("beta is not read by aft-bc", "boundary-margin.");
    assertThat(work.resolve("out")).doesNotExist();
  }

  @Test
  void aMissingReferenceModel() throws IOException {
    Path pairs =
        Cli.write(
            work.resolve("pairs.jsonl"),
            List.of(Map.of("prompt", "a", "chosen", "b", "rejected", "c")));
    String err =
        Cli.sentence(
            Cli.run(train("objective=dpo", "data=" + pairs, "reference=no/such/reference")));
    assertThat(err).contains("no/such/reference");
    assertThat(work.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"prompt\": \"a\", \"response\": | line 2",
        "[1, 2] | line 2",
        "`` | line 2",
        "{\"prompt\": \"a\", \"respones\": \"b\"} | respones",
        "{\"prompt\": \"a\"} | 2",
        "{\"prompt_ids\": [1, 99999], \"response_ids\": [2]} | 99999",
        "{\"prompt_ids\": [1, -1], \"response_ids\": [2]} | -1",
        "{\"prompt_ids\": [], \"response_ids\": [2]} | prompt",
        "{\"prompt_ids\": [1], \"response_ids\": []} | response",
        "{\"prompt_ids\": [1.5], \"response_ids\": [1]} | prompt_ids",
        "{\"prompt\": 3, \"response\": \"b\"} | prompt"
      })
  void malformedRows(String line, String told) throws IOException {
    String good = "{\"prompt_ids\": [1, 2], \"response_ids\": [3]}\n";
    Path data = Files.writeString(work.resolve("rows.jsonl"), good + line + "\n" + good);
    String err = Cli.sentence(Cli.run(train("data=" + data)));
    assertThat(err).contains(told);
    assertThat(work.resolve("out")).doesNotExist();
  }

  @Test
  void anEmptyFile() throws IOException {
    Path data = Files.writeString(work.resolve("rows.jsonl"), "");
    assertThat(Cli.sentence(Cli.run(train("data=" + data)))).contains("is empty");
    assertThat(work.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: [1, 2", "just text", "learning-rate: {a: 1}", "seed: 1\nseed: 2", ""})
  void malformedConfigurations(String yaml) throws IOException {
    Path config = Files.writeString(work.resolve("run.yaml"), yaml);
    Cli.sentence(Cli.run(train("--config=" + config)));
    assertThat(work.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors", "tokenizer.json"})
  void brokenModels(String file) throws IOException {
    Path missing = copyOfModel("missing");
    Files.delete(missing.resolve(file));
    assertThat(Cli.sentence(Cli.run(train("model=" + missing)))).contains(missing.toString());
    Path broken = copyOfModel("broken");
    byte[] bytes = Files.readAllBytes(broken.resolve(file));
    Files.write(broken.resolve(file), Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(Cli.sentence(Cli.run(train("model=" + broken)))).contains(broken.toString());
    assertThat(work.resolve("out")).doesNotExist();
  }

  @Test
  void theOutputMayNotBeTheModel() throws IOException {
    Path copy = copyOfModel("copy");
    byte[] before = Files.readAllBytes(copy.resolve("model.safetensors"));
    Cli.sentence(Cli.run(train("model=" + copy, "output=" + copy)));
    assertThat(Files.readAllBytes(copy.resolve("model.safetensors"))).isEqualTo(before);
  }

  @Test
  void missingOptionsAreNamed() {
    for (String command : List.of("train", "sample", "rft", "score", "generate", "objective")) {
      Cli.Result result = Cli.run(command);
      assertThat(result.code()).as(command).isEqualTo(2);
      assertThat(result.err()).startsWith("plumbline: Missing required option").contains("--");
      Cli.noTrace(result);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "score --model=MODEL --data=no/such.jsonl --output=OUT | no/such.jsonl",
        "score --model=no/such --data=PROBLEMS --output=OUT | no/such",
        "score --model=MODEL --data=PROBLEMS --output=OUT | prompt",
        "grade --data=no/such.jsonl --output=OUT | no/such.jsonl",
        "grade --data=PROBLEMS --output=OUT | response",
        "grade --task=chess --data=PROBLEMS --output=OUT | chess",
        "evaluate --model=MODEL --output=OUT | data=FILE",
        "evaluate --model=MODEL --data=no/such.jsonl --output=OUT | no/such.jsonl",
        "evaluate --model=MODEL --candidates=PROBLEMS --output=OUT | candidates",
        "evaluate --model=MODEL --data=PROBLEMS --limit=2 --max-tokens=0 --output=OUT | max",
        "sample --model=MODEL --data=PROBLEMS --output=OUT --candidates=0 | candidates must be >= 1, but is 0",
        "sample --model=MODEL --data=PROBLEMS --output=OUT --temperature=-1 | temperature",
        "sample --model=MODEL --data=PROBLEMS --output=OUT --top-p=2 | top",
        "sample --model=MODEL --data=PROBLEMS --output=OUT --top-k=-2 | top",
        "sample --model=no/such --data=PROBLEMS --output=OUT | no/such",
        "generate --model=no/such --prompt=a | no/such",
        "generate --model=MODEL --prompt=a --max-tokens=0 | max",
        "generate --model=MODEL --prompt=a --temperature=NaN | temperature",
        "objective --objective=ppo --model=MODEL --data=PROBLEMS | ppo",
        "objective --objective=dpo --beta=-1 --model=MODEL --data=PROBLEMS | beta must be >= 0",
        "objective --objective=dpo --model=MODEL --data=PROBLEMS | dpo needs rows",
        "inspect --model=MODEL --data=PROBLEMS --row=9999 | row is 9999",
        "inspect --model=MODEL --data=PROBLEMS --row=0 | row is 0",
        "problems --output=OUT --train=-1 | train",
        "problems --output=OUT --train=20 --vocabulary=10 | 10",
        "new-model --tokenizer=no/such --output=OUT | no/such",
        "new-model --tokenizer=MODEL --output=OUT --hidden-size=30 --heads=4 --kv-heads=2 | head",
        "new-model --tokenizer=MODEL --output=OUT --heads=4 --kv-heads=3 | heads",
        "new-model --tokenizer=MODEL --output=OUT --layers=0 | layers",
        "new-model --tokenizer=MODEL --architecture=llama-9 --output=OUT | llama-9",
        "new-model --tokenizer=MODEL --dtype=I8 --output=OUT | dtype must be F32, BF16 or F16, but is I8",
        "new-model --tokenizer=MODEL --vocabulary=2147483647 --output=OUT | vocab_size x hidden_size",
        "new-model --tokenizer=MODEL --intermediate-size=2147483647 --output=OUT | intermediate_size x",
        "train --model=MODEL --objective=vft --data=PROBLEMS --dtype=F64 --output=OUT | dtype must be F32, BF16 or F16, but is F64",
        "train --model=MODEL --objective=vft --data=PROBLEMS --lora-rank=100000000 --output=OUT | lora-rank",
        "plan --model=MODEL --stored=I8 | stored must be F32, BF16 or F16, but is I8",
        "plan --model=no/such | no known architecture no/such",
        "plan --model=MODEL --batch-size=0 | batch-size must be >= 1, but is 0",
        "plan --model=MODEL --responses=-1 | responses must be >= 0, but is -1",
        "plan --model=MODEL --objective=ppo | ppo",
        "prompts --model=no/such | no/such",
        "prompts --model=MODEL --form=haiku | haiku",
        "prompts --model=MODEL --form=chat | no chat template",
        "prompts --model=MODEL --form=mathcoder | <|system|>",
        "prompts --model=MODEL --system=Think | form=chat only",
        "bench --model=no/such | no/such",
        "bench --model=MODEL --steps=0 | steps must be >= 1, but is 0",
        "bench --model=MODEL --workloads=sft-step | cannot be combined with model",
        "demo --candidates=0 --output=OUT | candidates must be >= 1, but is 0",
        "demo --batch-size=0 --output=OUT | batch-size must be >= 1, but is 0"
      })
  void mistakesInOtherCommands(String line, String told) {
    Path output = work.resolve("out");
    String[] arguments =
        line.replace("MODEL", model.toString())
            .replace("PROBLEMS", problems.toString())
            .replace("OUT", output.toString())
            .split(" ");
    assertThat(Cli.sentence(Cli.run(arguments))).contains(told);
    assertThat(output).doesNotExist();
  }

  private Path copyOfModel(String name) throws IOException {
    Path copy = Files.createDirectories(work.resolve(name));
    try (var files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  private String[] train(String... changes) {
    return Cli.train(model, problems, work.resolve("out"), changes);
  }
}
