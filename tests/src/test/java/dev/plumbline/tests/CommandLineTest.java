package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.cli.Main;
import dev.plumbline.alignment.objective.Objectives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Help, and errors of the user: exit code 2, one sentence, and no files left behind. */
class CommandLineTest {
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

  @Test
  void everyCommandHasHelp() {
    for (String command : Main.commandLine().getSubcommands().keySet()) {
      assertThat(Cli.succeed(command, "--help")).contains("Usage: plumbline " + command);
    }
    assertThat(Cli.succeed("--version")).contains("plumbline");
    assertThat(Cli.succeed()).contains("Usage: plumbline");
  }

  /** Before anything is sampled or written. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "demo epochs=-1 | epochs must be > 0, but is -1.",
        "demo learning-rate=-1 | learning-rate must be >= 0, but is -1.",
        "demo boundary-margin=-1 | boundary-margin must be >= 0, but is -1.0.",
        "reproduce aft learning-rate=-1 | learning-rate must be >= 0, but is -1.",
        "reproduce aft vft-epochs=-1 | vft-epochs must be >= 0, but is -1.",
        "reproduce aft dpo-beta=-1 | dpo-beta must be >= 0, but is -1.",
        "reproduce scdpo beta=-1 | beta must be >= 0, but is -1.",
        "reproduce scdpo code-learning-rate=NaN | code-learning-rate must be >= 0, but is NaN.",
        "reproduce critical-tokens estimator-beta=-2 | estimator-beta must be >= 0, but is -2.",
        "reproduce critical-tokens top-p=2 | top-p"
      })
  void anExperimentChecksItsSettingsBeforeItsFirstStep(String command, String told) {
    List<String> args = new ArrayList<>(List.of(command.split(" ")));
    args.add("output=" + work.resolve("out"));
    String err = refused(Cli.run(args.toArray(String[]::new)));
    assertThat(err).contains(told);
    assertThat(work.resolve("out")).doesNotExist();
  }

  @Test
  void whatTheObjectiveIgnoresIsRefused() {
    assertThat(refused(Cli.run(train("objective=dpo", "likelihood-target=best"))))
        .contains("likelihood-target is given, but vft-weight is 0");
    assertThat(refused(Cli.run(train("objective=dpo", "vft-weight=-1"))))
        .contains("vft-weight must be >= 0, but is -1.0.");
  }

  /** The list of commands shows the first line of each description, cut at the margin. */
  @Test
  void helpFitsIntoEightyColumns() {
    for (CommandLine command : all()) {
      CommandLine.Model.UsageMessageSpec usage = command.getCommandSpec().usageMessage();
      assertThat(usage.footer())
          .as(command.getCommandName())
          .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(78));
      assertThat(usage.description())
          .as("lists of " + command.getCommandName())
          .filteredOn(line -> line.startsWith(" "))
          .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(78));
    }
  }

  @Test
  void everyDescriptionBeginsWithACompleteShortSentence() {
    for (CommandLine command : all().subList(1, all().size())) { // without the root
      String first = command.getCommandSpec().usageMessage().description()[0];
      assertThat(first)
          .as(command.getCommandName())
          .hasSizeLessThanOrEqualTo(75)
          .matches("[A-Z].*\\.");
    }
  }

  private static List<CommandLine> all() {
    List<CommandLine> all = new ArrayList<>(List.of(Main.commandLine()));
    for (int i = 0; i < all.size(); i++) {
      all.addAll(all.get(i).getSubcommands().values());
    }
    assertThat(all).hasSizeGreaterThan(25);
    return all;
  }

  @Test
  void trainListsEveryObjectiveAndNamesFilesThatExist() {
    String help = Cli.succeed("train", "--help");
    assertThat(help).contains(Objectives.NAMES).contains("AFT: candidates, correct or wrong");
    Matcher files = Pattern.compile("configs/[\\w.-]+").matcher(help);
    while (files.find()) {
      assertThat(Path.of("..", files.group())).exists();
    }
  }

  @Test
  void readWritesPagesAndRefusesUnknownObjectives() {
    Path pages = work.resolve("pages");
    assertThat(Cli.succeed("read", "dpo", "output=" + pages))
        .contains(pages.resolve("dpo.html").toString());
    assertThat(pages.resolve("index.html")).doesNotExist();
    assertThat(Cli.succeed("read", "output=" + pages))
        .contains(pages.resolve("index.html").toString());
    assertThat(pages.toFile().list()).hasSize(Objectives.NAMES.size() + 1);
    Cli.Result result = Cli.run("read", "dpoo", "output=" + pages);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("There is no objective 'dpoo'");
  }

  @Test
  void oldNamesStillWork() throws IOException {
    for (String old : List.of("locate", "contrast", "estimate")) {
      assertThat(Cli.succeed(old, "--help")).contains("Usage: plumbline " + old);
      assertThat(Cli.succeed("--help")).doesNotContain("  " + old + " ");
      assertThat(Cli.run(old, "--help").err()).isEmpty();
    }
    assertThat(Cli.run("locate", "model=no/such", "data=no/such", "output=x").err())
        .startsWith("plumbline: 'locate' is now 'critical-tokens find'.");
    Cli.Result result = Cli.run("score", "model=" + model, "input=no/such.jsonl", "output=x");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("'input' is now 'data'", "no/such.jsonl");
    Path config = Files.writeString(work.resolve("old.yaml"), "margin: -1\n");
    assertThat(Cli.run(train("objective=dpo-bc", "--config=" + config)).err())
        .contains("'margin' is now 'boundary-margin'", "boundary-margin must be >= 0");
    assertThat(Cli.run("demo", "beta=-1", "output=" + work.resolve("demo")).err())
        .contains("'beta' is now 'boundary-margin'", "boundary-margin must be >= 0");
  }

  @ParameterizedTest
  @CsvSource({
    "learning-rat=1, learning-rate",
    "batchsize=2, batch-size",
    "output_dir=x, output",
    "beat=0.1, beta",
    "Model=x, model"
  })
  void anUnknownKeyNamesTheNearest(String pair, String nearest) {
    String err = refused(Cli.run(train(pair)));
    assertThat(err).contains("Unknown key '" + pair.substring(0, pair.indexOf('=')) + "'");
    assertThat(err).contains("the nearest valid key is '" + nearest + "'");
    assertThat(work.resolve("out")).doesNotExist();
  }

  @Test
  void anUnknownKeyOfAFileNamesTheNearest() throws IOException {
    Path config = Files.writeString(work.resolve("run.yaml"), "lerning-rate: 1e-4\n");
    String err = refused(Cli.run(train("--config=" + config)));
    assertThat(err).contains("lerning-rate").contains(config.toString()).contains("learning-rate");
  }

  private static Set<String> experiments() {
    return Main.commandLine().getSubcommands().get("reproduce").getSubcommands().keySet();
  }

  /** Includes lists. With --help a command parses its options and does nothing else. */
  @ParameterizedTest
  @MethodSource("experiments")
  void theConfigurationsOfTheExperimentsAreOptionsOfTheirCommands(String experiment) {
    Path configs = Path.of("..", "configs");
    Path file = configs.resolve("reproduce-" + experiment + ".yaml");
    assertThat(Cli.succeed("reproduce", experiment, "--config", file.toString(), "--help"))
        .contains("Usage: plumbline reproduce " + experiment);
  }

  @Test
  void anUnknownOptionNamesTheNearest() {
    Cli.Result result = Cli.run(train("--learning-rat=1"));
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--learning-rat").contains("--learning-rate");
    noTrace(result);
  }

  @Test
  void anUnknownCommandIsRefused() {
    Cli.Result result = Cli.run("trian");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("trian").contains("train");
    noTrace(result);
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "doctor"})
  void otherCommandsKnowTheirKeysToo(String command) {
    Cli.Result result = Cli.run(command, "--no-such-option");
    assertThat(result.code()).isEqualTo(2);
    noTrace(result);
  }

  @Test
  void anUnknownWorkloadIsRefusedByName() {
    String err = refused(Cli.run("bench", "--workloads=sft-step,sft-stop"));
    assertThat(err).contains("'sft-stop'").contains("sft-step, sft-step-32k");
  }

  @Test
  void laterSourcesOverrideEarlierOnes() throws IOException {
    Path config = Files.writeString(work.resolve("run.yaml"), "train: 5\nvocabulary: 0\n");
    Path one = work.resolve("one");
    Path two = work.resolve("two");
    String common = "--validation=1";
    Cli.succeed("problems", "--config", config.toString(), "output=" + one, common, "test=1");
    Cli.succeed(
        "problems",
        "--config=" + config,
        "train=6",
        "--train=7",
        "output=" + two,
        common,
        "test=1");
    assertThat(Cli.rows(one.resolve("train.jsonl"))).hasSize(5);
    assertThat(Cli.rows(two.resolve("train.jsonl"))).hasSize(7);
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
    noTrace(result);
    assertThat(work.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-0.1", "NaN", "-Infinity", "Infinity"})
  void betaIsANumberOfZeroOrMore(String beta) {
    for (String given : List.of("objective=dpo beta=", "objective=aft-bc boundary-margin=")) {
      String[] args = given.split(" ");
      String err = refused(Cli.run(train(args[0], args[1] + beta, "data=" + candidates)));
      assertThat(err).contains("must be >= 0, but is " + beta);
    }
    assertThat(refused(Cli.run(train("objective=dpo", "gamma-ratio=1", "data=" + candidates))))
        .contains("gamma-ratio is not read by dpo, which reads beta (0.1), align-weight (1)");
    assertThat(refused(Cli.run(train("objective=aft-bc", "beta=1", "data=" + candidates))))
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
        refused(Cli.run(train("objective=dpo", "data=" + pairs, "reference=no/such/reference")));
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
    String err = refused(Cli.run(train("data=" + data)));
    assertThat(err).contains(told);
    assertThat(work.resolve("out")).doesNotExist();
  }

  @Test
  void anEmptyFile() throws IOException {
    Path data = Files.writeString(work.resolve("rows.jsonl"), "");
    assertThat(refused(Cli.run(train("data=" + data)))).contains("is empty");
    assertThat(work.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: [1, 2", "just text", "learning-rate: {a: 1}", "seed: 1\nseed: 2", ""})
  void malformedConfigurations(String yaml) throws IOException {
    Path config = Files.writeString(work.resolve("run.yaml"), yaml);
    refused(Cli.run(train("--config=" + config)));
    assertThat(work.resolve("out")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors", "tokenizer.json"})
  void brokenModels(String file) throws IOException {
    Path missing = copyOfModel("missing");
    Files.delete(missing.resolve(file));
    assertThat(refused(Cli.run(train("model=" + missing)))).contains(missing.toString());
    Path broken = copyOfModel("broken");
    byte[] bytes = Files.readAllBytes(broken.resolve(file));
    Files.write(broken.resolve(file), Arrays.copyOf(bytes, bytes.length / 2));
    assertThat(refused(Cli.run(train("model=" + broken)))).contains(broken.toString());
    assertThat(work.resolve("out")).doesNotExist();
  }

  @Test
  void theOutputMayNotBeTheModel() throws IOException {
    Path copy = copyOfModel("copy");
    byte[] before = Files.readAllBytes(copy.resolve("model.safetensors"));
    refused(Cli.run(train("model=" + copy, "output=" + copy)));
    assertThat(Files.readAllBytes(copy.resolve("model.safetensors"))).isEqualTo(before);
  }

  @Test
  void missingOptionsAreNamed() {
    for (String command : List.of("train", "sample", "rft", "score", "generate", "objective")) {
      Cli.Result result = Cli.run(command);
      assertThat(result.code()).as(command).isEqualTo(2);
      assertThat(result.err()).startsWith("plumbline: Missing required option").contains("--");
      noTrace(result);
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
    assertThat(refused(Cli.run(arguments))).contains(told);
    assertThat(output).doesNotExist();
  }

  /** A training command that is valid except for the changes; later pairs override. */
  private String[] train(String... changes) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "model=" + model,
                "objective=vft",
                "data=" + problems,
                "output=" + work.resolve("out"),
                "epochs=1"));
    arguments.addAll(Arrays.asList(changes));
    return arguments.toArray(String[]::new);
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

  /** The single line of standard error after exit code 2. */
  private static String refused(Cli.Result result) {
    assertThat(result.code()).as(result.err()).isEqualTo(2);
    assertThat(result.err()).startsWith("plumbline: ");
    assertThat(result.err().lines().toList()).as("one sentence").hasSize(1);
    assertThat(result.out()).isEmpty();
    noTrace(result);
    return result.err();
  }

  private static void noTrace(Cli.Result result) {
    assertThat(result.err()).doesNotContain("\tat ").doesNotContain("Exception");
  }

  @Test
  void candidatesBecomeRftRowsAndProblemsAreMixed() throws IOException {
    Path model = Cli.tinyModel(work);
    Path train = work.resolve("problems/train.jsonl");
    Path candidates = Cli.candidates(train, work.resolve("candidates.jsonl"), 4);
    String out = Cli.succeed("rft", "data=" + candidates, "output=" + work.resolve("rft.jsonl"));
    assertThat(out).contains("4 references and 4 candidates").contains("refused: 7 wrong");
    assertThat(Cli.rows(work.resolve("rft.jsonl"))).hasSize(8);

    Path test = work.resolve("problems/test.jsonl");
    out =
        Cli.succeed(
            "mix",
            "data=" + train + "," + test,
            "held-out=" + test,
            "limit=20",
            "output=" + work.resolve("mix.jsonl"));
    assertThat(out)
        .contains(
            "20 problems; dropped 0", "180 beyond the limit", "0 problems; dropped 10", "20 rows");

    out =
        Cli.succeed(
            "mix",
            "data=" + train + "," + test,
            "limit=7,0",
            "output=" + work.resolve("mix.jsonl"));
    assertThat(out).contains(": 7 problems", ": 10 problems", "17 rows");
    Cli.Result limits = Cli.run("mix", "data=" + train, "limit=1,2", "output=x");
    assertThat(limits.code()).isEqualTo(2);
    assertThat(limits.err()).contains("2 limits and 1 files");

    assertThat(Cli.succeed("grade", "gold=" + train)).contains("200 of 200 gold solutions correct");
    assertThat(Cli.run("grade", "task=chess", "data=" + train, "output=x").err())
        .contains("There is no task 'chess'");

    for (String name : List.of("a", "b")) {
      Cli.succeed(
          "evaluate",
          "model=" + model,
          "data=" + test,
          "output=" + work.resolve(name),
          "max-tokens=8",
          "votes=2");
    }
    assertThat(Cli.succeed("compare", work.resolve("a").toString(), work.resolve("b").toString()))
        .contains("baseline", "10 problems", "b 0, c 0");
    assertThat(Cli.run("compare", work.resolve("a").toString(), work.toString()).code())
        .isEqualTo(2);
  }
}
