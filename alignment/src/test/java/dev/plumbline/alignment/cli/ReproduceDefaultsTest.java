package dev.plumbline.alignment.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.aft.AftSettings;
import dev.plumbline.alignment.cli.option.ConfigArguments;
import dev.plumbline.alignment.criticaltokens.CriticalSettings;
import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.Demo;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.Invocation;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.experiment.Setup;
import dev.plumbline.alignment.python.Python;
import dev.plumbline.alignment.scdpo.ScdpoSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** Help texts state the defaults that the settings hold, in full size and with --quick. */
class ReproduceDefaultsTest {
  private static final Pattern DEFAULT =
      Pattern.compile(
          "\\(default: ([^;,)]+?)(?:, as in [^)]*)?(?:; ([^)]+?) with (\\w* ?)--quick)?\\)");
  private static final Path OUTPUT = Path.of("unused");

  private final CommandSpec aft = new CommandLine(new ReproduceAftCommand()).getCommandSpec();
  private final CommandSpec scdpo = new CommandLine(new ReproduceScdpoCommand()).getCommandSpec();
  private final CommandSpec critical =
      new CommandLine(new ReproduceCriticalCommand()).getCommandSpec();
  private final CommandSpec demo = new CommandLine(new DemoCommand()).getCommandSpec();

  private static void states(CommandSpec command, String option, double full, double quick) {
    String text = String.join(" ", command.findOption(option).description());
    Matcher matcher = DEFAULT.matcher(text);
    assertThat(matcher.find()).as("%s: %s", option, text).isTrue();
    assertThat(Double.parseDouble(matcher.group(1))).as("%s: %s", option, text).isEqualTo(full);
    String stated = matcher.group(2);
    assertThat(stated == null ? full : Double.parseDouble(stated))
        .as("%s with --quick: %s", option, text)
        .isEqualTo(quick);
  }

  private static void sizes(CommandSpec command, Setup.Sizes full, Setup.Sizes quick) {
    states(command, "--questions", full.questions(), quick.questions());
  }

  private void shared(
      CommandSpec command, Setup full, Setup quick, FineTuning tuning, ArmTraining arms) {
    sizes(command, full.sizes(), quick.sizes());
    assertThat(command.findOption("--test-questions").description()[0])
        .contains("(default: 3000 for aft, else 6000; 1000 with --quick)");
    assertThat(full.sizes().testQuestions()).isEqualTo(command == aft ? 3000 : 6000);
    assertThat(quick.sizes().testQuestions()).isEqualTo(1000);
    states(command, "--samples", full.sizes().samples(), quick.sizes().samples());
    states(command, "--max-tokens", full.sizes().maxTokens(), quick.sizes().maxTokens());
    states(command, "--vft-epochs", tuning.epochs(), tuning.epochs());
    states(command, "--vft-learning-rate", tuning.learningRate(), tuning.learningRate());
    states(command, "--seeds", arms.seeds().size(), 1);
    states(command, "--epochs", arms.epochs(), arms.epochs());
    states(command, "--batch-size", arms.batchSize(), arms.batchSize());
  }

  @Test
  void ofAft() {
    AftSettings full = AftSettings.full(OUTPUT);
    AftSettings quick = AftSettings.quick(OUTPUT);
    assertThat(quick.arms().withOnly(null)).isEqualTo(full.arms().withSeeds(1));
    shared(aft, full.setup(), quick.setup(), full.fineTuning(), full.arms());
    states(aft, "--lessons", full.draws().lessons(), quick.draws().lessons());
    states(aft, "--candidates", full.draws().candidates(), quick.draws().candidates());
    double margin = full.methods().boundaryMargin();
    states(aft, "--boundary-margin", margin, quick.methods().boundaryMargin());
    states(aft, "--dpo-beta", full.methods().dpoBeta(), quick.methods().dpoBeta());
    int validation = full.extras().validationQuestions();
    states(aft, "--validation-questions", validation, quick.extras().validationQuestions());
  }

  /** The text of the rate, which all reproductions share, names the exception of aft. */
  @Test
  void ofTheArms() {
    assertThat(aft.findOption("--learning-rate").description()[0])
        .contains("(default: 1e-3 for aft, else 2e-5)");
    ArmTraining arms = AftSettings.full(OUTPUT).arms();
    assertThat(arms.learningRate()).isEqualTo(1e-3);
    assertThat(arms.learningRates()).isEqualTo(Map.of("vft", 1e-4));
    assertThat(aft.findOption("--learning-rates").description()[0])
        .contains("(default: chosen on validation questions, see configs/reproduce-*.yaml)");
    ArmTraining others = new ArmTraining(arms.seeds(), arms.epochs(), arms.batchSize(), 2e-5);
    assertThat(ScdpoSettings.full(OUTPUT).arms())
        .isEqualTo(others.withLearningRates(Map.of("scdpo", 1e-5, "data-equal", 1e-5)));
    Map<String, Double> rates = new HashMap<>(Map.of("sft", 3e-4, "tdpo", 4e-5, "rpo", 4e-5));
    rates.put("critical-dpo", 4e-5);
    rates.put("critical-dpo-both", 2e-5);
    rates.put("critical-dpo-elementwise", 2e-5);
    assertThat(CriticalSettings.full(OUTPUT).arms()).isEqualTo(others.withLearningRates(rates));
  }

  @Test
  void ofScdpo() {
    ScdpoSettings full = ScdpoSettings.full(OUTPUT);
    ScdpoSettings quick = ScdpoSettings.quick(OUTPUT);
    shared(scdpo, full.setup(), quick.setup(), full.fineTuning(), full.arms());
    assertThat(quick.arms().withOnly(null)).isEqualTo(full.arms().withSeeds(1));
    states(scdpo, "--code-questions", full.code().questions(), quick.code().questions());
    states(scdpo, "--attempts", full.pairs().attempts(), quick.pairs().attempts());
    states(scdpo, "--cuts", full.pairs().cuts(), quick.pairs().cuts());
    states(scdpo, "--max-tries", full.pairs().maxTries(), quick.pairs().maxTries());
    int pilot = full.extras().pilotQuestions();
    states(scdpo, "--pilot-questions", pilot, quick.extras().pilotQuestions());
    double rate = full.code().learningRate();
    states(scdpo, "--code-learning-rate", rate, quick.code().learningRate());
    states(scdpo, "--beta", full.beta(), quick.beta());
  }

  @Test
  void ofCriticalTokens() {
    CriticalSettings full = CriticalSettings.full(OUTPUT);
    CriticalSettings quick = CriticalSettings.quick(OUTPUT);
    shared(critical, full.setup(), quick.setup(), full.fineTuning(), full.arms());
    assertThat(quick.arms().withOnly(null)).isEqualTo(full.arms().withSeeds(1));
    int searched = full.search().trajectories();
    states(critical, "--trajectories", searched, quick.search().trajectories());
    states(critical, "--planted", full.search().planted(), quick.search().planted());
    states(critical, "--rollouts", full.search().rollouts(), quick.search().rollouts());
    int candidates = full.estimator().candidates();
    states(critical, "--candidates", candidates, quick.estimator().candidates());
    states(critical, "--estimator-epochs", full.estimator().epochs(), quick.estimator().epochs());
    double rate = full.estimator().learningRate();
    states(critical, "--estimator-learning-rate", rate, quick.estimator().learningRate());
    states(critical, "--estimator-beta", full.estimator().beta(), quick.estimator().beta());
    states(
        critical, "--temperature", full.sampling().temperature(), quick.sampling().temperature());
    states(critical, "--top-p", full.sampling().topP(), quick.sampling().topP());
    states(critical, "--beta", full.beta(), quick.beta());
  }

  @Test
  void ofTheDemo() {
    Demo.Settings full = Demo.Settings.full(OUTPUT);
    Demo.Settings quick = Demo.Settings.quick(OUTPUT);
    Setup.Sizes quickly = quick.setup().sizes();
    sizes(demo, full.setup().sizes(), quickly);
    int questions = full.setup().sizes().testQuestions();
    states(demo, "--test-questions", questions, quickly.testQuestions());
    states(demo, "--lessons", full.lessons(), quick.lessons());
    states(demo, "--candidates", full.candidates(), quick.candidates());
    states(demo, "--epochs", full.arms().epochs(), quick.arms().epochs());
    states(demo, "--batch-size", full.arms().batchSize(), quick.arms().batchSize());
    states(demo, "--learning-rate", full.arms().learningRate(), quick.arms().learningRate());
    states(demo, "--boundary-margin", full.boundaryMargin(), quick.boundaryMargin());
  }

  /** The command as it stands after parsing the options of a file. */
  private static Object parsed(String command, Path yaml) {
    List<String> args = new ArrayList<>(List.of(command.split(" ")));
    args.addAll(List.of("--config=" + yaml, "--output=" + OUTPUT));
    CommandLine root = Main.commandLine();
    ParseResult result = root.parseArgs(ConfigArguments.expand(root, args.toArray(String[]::new)));
    while (result.hasSubcommand()) {
      result = result.subcommand();
    }
    return result.commandSpec().userObject();
  }

  private static AftSettings aft(Path yaml) {
    return ((ReproduceAftCommand) parsed("reproduce aft", yaml)).settings();
  }

  private static ScdpoSettings scdpo(Path yaml) {
    return ((ReproduceScdpoCommand) parsed("reproduce scdpo", yaml)).settings();
  }

  private static CriticalSettings critical(Path yaml) {
    return ((ReproduceCriticalCommand) parsed("reproduce critical-tokens", yaml)).settings();
  }

  private static Path yaml(Path file, boolean quick, Map<String, Object> options)
      throws IOException {
    return Files.writeString(file, Invocation.of("", "", quick, options).settings());
  }

  private static Path absolute(String name) {
    return Path.of(name).toAbsolutePath();
  }

  /** The file works from any directory, and its numbers are written as people write them. */
  @Test
  void settingsHoldAbsolutePathsAndPlainNumbers() {
    Map<String, Object> options = new LinkedHashMap<>();
    options.put("model", Path.of("runs/../m"));
    ArmTraining arms = new ArmTraining(List.of(0L), 2, 16, 3e-4);
    options.putAll(arms.withLearningRates(Map.of("rft", 1e-4)).options());
    assertThat(Invocation.of("", "", false, options).settings())
        .isEqualTo(
            "model: '"
                + absolute("m")
                + "'\nseeds: 1\nepochs: 2\nbatch-size: 16\nlearning-rate: 3e-4\n"
                + "learning-rates: [rft=1e-4]\n");
  }

  /** The settings that a report prints can be run again, whatever their values. */
  @Test
  void settingsAsYamlGiveTheSettings(@TempDir Path work) throws IOException {
    AftSettings aftSettings =
        AftSettings.quick(OUTPUT)
            .withSetup(
                new Setup(
                    OUTPUT,
                    absolute("a: model"),
                    absolute("o'ne.jsonl"),
                    absolute("two.jsonl"),
                    ProblemSplit.HeldOut.VALIDATION,
                    new Setup.Sizes(7, 8, 0, 9)))
            .withTraining(
                new FineTuning(0.5, 2e-4, 4),
                new ArmTraining(
                    List.of("vft", "aft-bc", "rft"),
                    List.of(0L, 1L),
                    1.5,
                    4,
                    1e-5,
                    Map.of("rft", 1e-3, "aft-bc", 2.5e-5),
                    null))
            .withParts(List.of(AftSettings.Piece.RANKS, AftSettings.Piece.VOTES), 77)
            .withTasks(
                new AftSettings.MultiTask(
                    List.of(new AftSettings.TaskData(absolute("t"), absolute("u"))),
                    absolute("l")));
    AftSettings again = aft(yaml(work.resolve("aft"), false, aftSettings.options()));
    assertThat(again.options()).isEqualTo(aftSettings.options());
    assertThat(again.setup()).isEqualTo(aftSettings.setup());
    assertThat(again.arms()).isEqualTo(aftSettings.arms());
    assertThat(again.fineTuning()).isEqualTo(aftSettings.fineTuning());

    ScdpoSettings scdpoSettings = ScdpoSettings.quick(OUTPUT);
    assertThat(scdpo(yaml(work.resolve("scdpo"), true, scdpoSettings.options())))
        .isEqualTo(scdpoSettings);

    CriticalSettings criticalSettings = CriticalSettings.quick(OUTPUT);
    assertThat(critical(yaml(work.resolve("critical"), true, criticalSettings.options())))
        .isEqualTo(criticalSettings);

    Demo.Settings demoSettings = Demo.Settings.quick(OUTPUT);
    Path demoYaml = yaml(work.resolve("demo"), true, demoSettings.options());
    assertThat(((DemoCommand) parsed("demo", demoYaml)).settings()).isEqualTo(demoSettings);
  }

  /** The files of the full runs hold every option with its default. */
  @Test
  void configsHoldTheDefaults() {
    Path configs = Path.of("../configs");
    assertThat(aft(configs.resolve("reproduce-aft.yaml"))).isEqualTo(AftSettings.full(OUTPUT));
    ScdpoSettings full = ScdpoSettings.full(OUTPUT);
    ScdpoSettings.Code code = full.code();
    assertThat(scdpo(configs.resolve("reproduce-scdpo.yaml")))
        .isEqualTo(
            full.withCode(
                new ScdpoSettings.Code(
                    Python.Kind.PYTHON3, code.questions(), code.learningRate())));
    assertThat(critical(configs.resolve("reproduce-critical-tokens.yaml")))
        .isEqualTo(CriticalSettings.full(OUTPUT));
  }
}
