package dev.plumbline.alignment.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.aft.AftSettings;
import dev.plumbline.alignment.criticaltokens.CriticalSettings;
import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.Demo;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.Setup;
import dev.plumbline.alignment.scdpo.ScdpoSettings;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

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

  private static void shared(
      CommandSpec command, Setup full, Setup quick, FineTuning tuning, ArmTraining arms) {
    states(command, "--questions", full.questions(), quick.questions());
    states(command, "--test-questions", full.testQuestions(), quick.testQuestions());
    states(command, "--max-tokens", full.maxTokens(), quick.maxTokens());
    states(command, "--vft-epochs", tuning.epochs(), tuning.epochs());
    states(command, "--vft-learning-rate", tuning.learningRate(), tuning.learningRate());
    states(command, "--seeds", arms.seeds().size(), arms.seeds().size());
  }

  @Test
  void ofAft() {
    AftSettings full = AftSettings.full(OUTPUT);
    AftSettings quick = AftSettings.quick(OUTPUT);
    shared(aft, full.setup(), quick.setup(), full.fineTuning(), full.arms());
    states(aft, "--epochs", full.arms().epochs(), quick.arms().epochs());
    states(aft, "--batch-size", full.arms().batchSize(), quick.arms().batchSize());
    states(aft, "--candidates", full.draws().candidates(), quick.draws().candidates());
    double margin = full.methods().boundaryMargin();
    states(aft, "--boundary-margin", margin, quick.methods().boundaryMargin());
    states(aft, "--dpo-beta", full.methods().dpoBeta(), quick.methods().dpoBeta());
    int validation = full.extras().validationQuestions();
    states(aft, "--validation-questions", validation, quick.extras().validationQuestions());
  }

  /** The texts of options that all reproductions share name the exception of aft. */
  @Test
  void ofTheArms() {
    assertThat(aft.findOption("--learning-rate").description()[0])
        .contains("(default: 3e-4 for aft, else 1e-5)");
    assertThat(AftSettings.full(OUTPUT).arms().learningRate()).isEqualTo(3e-4);
    ArmTraining arms = AftSettings.full(OUTPUT).arms().withLearningRate(1e-5);
    assertThat(ScdpoSettings.full(OUTPUT).arms()).isEqualTo(arms);
    assertThat(CriticalSettings.full(OUTPUT).arms()).isEqualTo(arms);
  }

  @Test
  void ofScdpo() {
    ScdpoSettings full = ScdpoSettings.full(OUTPUT);
    ScdpoSettings quick = ScdpoSettings.quick(OUTPUT);
    shared(scdpo, full.setup(), quick.setup(), full.fineTuning(), full.arms());
    assertThat(full.arms()).isEqualTo(quick.arms());
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
    assertThat(full.arms()).isEqualTo(quick.arms());
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
    states(demo, "--questions", full.setup().questions(), quick.setup().questions());
    states(demo, "--test-questions", full.setup().testQuestions(), quick.setup().testQuestions());
    states(demo, "--candidates", full.candidates(), quick.candidates());
    states(demo, "--epochs", full.arms().epochs(), quick.arms().epochs());
    states(demo, "--batch-size", full.arms().batchSize(), quick.arms().batchSize());
    states(demo, "--learning-rate", full.arms().learningRate(), quick.arms().learningRate());
    states(demo, "--boundary-margin", full.boundaryMargin(), quick.boundaryMargin());
  }
}
