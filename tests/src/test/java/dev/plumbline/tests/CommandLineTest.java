package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.cli.Main;
import dev.plumbline.alignment.objective.Objectives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/**
 * Help, names of options and keys, and what overrides what. {@link BadArgumentsTest} has the
 * mistakes.
 */
class CommandLineTest {
  @TempDir static Path shared;
  private static Path model;
  private static Path problems;

  @TempDir Path work;

  @BeforeAll
  static void makeModelAndData() {
    model = Cli.tinyModel(shared);
    problems = shared.resolve("problems").resolve("train.jsonl");
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
    String err = Cli.sentence(Cli.run(args.toArray(String[]::new)));
    assertThat(err).contains(told);
    assertThat(work.resolve("out")).doesNotExist();
  }

  @Test
  void whatTheObjectiveIgnoresIsRefused() {
    assertThat(Cli.sentence(Cli.run(train("objective=dpo", "likelihood-target=best"))))
        .contains("likelihood-target is given, but vft-weight is 0");
    assertThat(Cli.sentence(Cli.run(train("objective=dpo", "vft-weight=-1"))))
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
    String err = Cli.sentence(Cli.run(train(pair)));
    assertThat(err).contains("Unknown key '" + pair.substring(0, pair.indexOf('=')) + "'");
    assertThat(err).contains("the nearest valid key is '" + nearest + "'");
    assertThat(work.resolve("out")).doesNotExist();
  }

  @Test
  void anUnknownKeyOfAFileNamesTheNearest() throws IOException {
    Path config = Files.writeString(work.resolve("run.yaml"), "lerning-rate: 1e-4\n");
    String err = Cli.sentence(Cli.run(train("--config=" + config)));
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
    Cli.noTrace(result);
  }

  @Test
  void anUnknownCommandIsRefused() {
    Cli.Result result = Cli.run("trian");
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("trian").contains("train");
    Cli.noTrace(result);
  }

  @ParameterizedTest
  @ValueSource(strings = {"demo", "doctor"})
  void otherCommandsKnowTheirKeysToo(String command) {
    Cli.Result result = Cli.run(command, "--no-such-option");
    assertThat(result.code()).isEqualTo(2);
    Cli.noTrace(result);
  }

  @Test
  void anUnknownWorkloadIsRefusedByName() {
    String err = Cli.sentence(Cli.run("bench", "--workloads=sft-step,sft-stop"));
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

  @Test
  void problemsOfOneStepAndTheFactsThatFollowThem() throws IOException {
    Path made = work.resolve("steps");
    String steps = "max-steps=1";
    Cli.succeed(
        "problems", "output=" + made, "train=20", "facts=3", "min-steps=1", steps, "vocabulary=0");
    List<JsonNode> rows = Cli.rows(made.resolve("train.jsonl"));
    assertThat(rows).hasSize(23);
    for (JsonNode row : rows) {
      assertThat(row.path("answer").asText().split("<<")).as(row.toString()).hasSize(2);
    }
    assertThat(rows.get(19).path("question").asText()).doesNotStartWith("What is ");
    assertThat(rows.subList(20, 23)).allMatch(r -> r.path("id").asText().startsWith("fact-"));
    String refused =
        Cli.sentence(Cli.run("problems", "output=" + made, "train=1", "min-steps=3", steps));
    assertThat(refused).contains("min-steps is 3 and max-steps is 1");
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
        .contains("baseline", "10 problems", "undecided: ", "+0.0 points (+0.0 to +0.0)")
        .contains("one seed, so this holds for it only")
        .contains("It would take about 300 questions to show that it is below 1 point.");
    predictions("seed-0", 20, 2);
    predictions("seed-1", 20, 4);
    predictions("better-0", 20, 16);
    predictions("better-1", 20, 18);
    assertThat(Cli.succeed("compare", seeds("seed-0", "seed-1"), seeds("better-0", "better-1")))
        .contains("20 problems", "second is higher: ", "+70.0 points", "sd over 2 seeds 0.0");
    assertThat(Cli.succeed("compare", seeds("better-0"), seeds("seed-0"), seeds("better-0")))
        .contains("first is higher: ", "-70.0 points", "undecided: ");
    assertThat(Cli.run("compare", seeds("seed-0", "seed-1"), seeds("a", "b")).err())
        .contains("has predictions for other problems than");
    String three = seeds("better-0", "better-1", "better-0");
    assertThat(Cli.run("compare", seeds("seed-0", "seed-1"), three).err())
        .contains("has 3 seeds and", "has 2; give the same number, or a single one.");
    Cli.Result nothing = Cli.run("compare", work.resolve("a").toString(), work.toString());
    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.err()).contains("Nothing to compare: ", "plumbline evaluate output=DIR");
    assessment(
        "assessed-0",
        "{\"won\":1,\"pairs\":4}",
        "{\"won\":0,\"pairs\":4}",
        "{\"won\":1,\"pairs\":2}");
    assessment(
        "assessed-1",
        "{\"won\":3,\"pairs\":4}",
        "{\"won\":2,\"pairs\":4}",
        "{\"won\":2,\"pairs\":2}");
    assertThat(Cli.succeed("compare", seeds("assessed-0"), seeds("assessed-1")))
        .contains("10 pairs of candidates", "+50.0 points", " of assessment accuracy");
    assessment("assessed-2", "{\"won\":3,\"pairs\":4}", "{\"won\":2,\"pairs\":4}");
    assertThat(Cli.run("compare", seeds("assessed-0"), seeds("assessed-2")).err())
        .contains("has an assessment of other candidates than");
  }

  /** A directory as of 'evaluate' of candidates. */
  private void assessment(String name, String... rows) throws IOException {
    Path folder = Files.createDirectories(work.resolve(name));
    Files.write(folder.resolve("assessment.jsonl"), List.of(rows));
  }

  /** A directory as of 'evaluate' in which the first problems are solved. */
  private void predictions(String name, int problems, int solved) throws IOException {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < problems; i++) {
      rows.add("{\"id\": \"" + i + "\", \"correct\": " + (i < solved) + "}");
    }
    Files.createDirectories(work.resolve(name));
    Files.write(work.resolve(name).resolve("predictions.jsonl"), rows);
  }

  private String seeds(String... names) {
    return Arrays.stream(names)
        .map(name -> work.resolve(name).toString())
        .collect(Collectors.joining(","));
  }

  private String[] train(String... changes) {
    return Cli.train(model, problems, work.resolve("out"), changes);
  }

  @Test
  void aTokenizerIsTrainedOnRowsOfAnyForm() throws IOException {
    Path rows = work.resolve("rows.jsonl");
    Files.writeString(
        rows,
        """
        {"prompt": "Zebra zebra", "response": "zebra 12"}
        {"prompt": "Zebra zebra", "chosen": "zebra", "rejected": "zebra zebra"}
        """);
    Path made = work.resolve("tokenizer");
    String told = Cli.succeed("tokenizer", "data=" + rows + "," + problems, "output=" + made);
    assertThat(told).contains("tokens, trained on");
    assertThat(Files.readString(made.resolve("tokenizer.json"))).contains("\"Zebra\"");
    Cli.succeed("new-model", "tokenizer=" + made, "layers=1", "output=" + work.resolve("own"));
    assertThat(Cli.succeed("tokenizer", "data=" + rows + "," + problems, "output=" + made))
        .startsWith("Already complete");
    assertThat(Cli.sentence(Cli.run("tokenizer", "data=" + rows, "output=" + made)))
        .contains("with other settings");
    assertThat(
            Cli.sentence(
                Cli.run(
                    "tokenizer", "data=" + rows, "vocabulary=258", "output=" + work.resolve("a"))))
        .contains("must be >= 259");
    assertThat(Cli.sentence(Cli.run("tokenizer", "data=" + rows, "output=" + model)))
        .contains("contains a run of 'new-model'");
    Files.writeString(rows, "{\"prompt_ids\": [1], \"response_ids\": [2]}\n");
    assertThat(Cli.sentence(Cli.run("tokenizer", "data=" + rows, "output=" + work.resolve("b"))))
        .contains("token ids alone");
  }
}
