package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.cli.option.CutOptions;
import dev.plumbline.alignment.cli.option.DrawOptions;
import dev.plumbline.alignment.cli.option.ProblemsOption;
import dev.plumbline.alignment.cli.option.TemperatureOptions;
import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.alignment.generate.KeptGenerator;
import dev.plumbline.alignment.generate.PlainGenerator;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.alignment.scdpo.NaivePairs;
import dev.plumbline.alignment.scdpo.PairFiles;
import dev.plumbline.alignment.scdpo.PairRows;
import dev.plumbline.alignment.scdpo.StepControl;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline pairs}. */
@Command(
    name = "pairs",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes naive and step-controlled preference pairs (SCDPO, section 3.1).",
      "A naive pair is a correct and a wrong solution of one problem. A step-controlled "
          + "pair is a correct solution and a wrong one that shares its first steps: it is "
          + "continued from a cut at a rising temperature until it is wrong. Writes:",
      "  naive.jsonl            naive pairs",
      "  step-controlled.jsonl  step-controlled pairs",
      "  scdpo.jsonl            both, shuffled",
      "  data-equal.jsonl       as many naive pairs as scdpo.jsonl has, if enough",
      "  counts.json            numbers of pairs and of draws"
    },
    footer = {
      "",
      "Examples:",
      "  ./plumbline pairs model=runs/vft data=train.jsonl output=runs/pairs",
      "  ./plumbline train model=runs/vft objective=dpo data=runs/pairs/scdpo.jsonl \\",
      "      output=runs/scdpo"
    })
final class PairsCommand implements Callable<Integer> {
  /** Settings that decide the pairs. */
  private record Settings(
      String model,
      List<Problem> problems,
      NaivePairs.Settings naive,
      StepControl.Settings control,
      int maxTokens,
      OpMode ops) {}

  @Mixin private final ProblemsOption input = new ProblemsOption();

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the files.")
  private Path output;

  @Option(
      names = "--temperature",
      defaultValue = "1",
      description = "Sampling temperature of the naive solutions (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Option(
      names = "--attempts",
      defaultValue = "100",
      paramLabel = "K",
      description =
          "Maximum number of solutions per problem for naive pairs (default: ${DEFAULT-VALUE}).")
  private int attempts;

  @Mixin private final TemperatureOptions stepTemperature = new TemperatureOptions();

  @Option(
      names = "--segmentation",
      defaultValue = "LINE",
      paramLabel = "HOW",
      description =
          "What a step is: line, numbered (\"Step 1:\"), sentence or block (default: line).")
  private Segmentation segmentation;

  @Option(
      names = "--cuts",
      defaultValue = "2",
      paramLabel = "N",
      description =
          "Maximum number of cuts of a correct solution, drawn at random (default: ${DEFAULT-VALUE}).")
  private int cuts;

  @Mixin private final CutOptions cut = new CutOptions();

  @Option(
      names = "--max-tries",
      defaultValue = "100",
      paramLabel = "N",
      description = "Maximum number of continuations of a cut (default: ${DEFAULT-VALUE}).")
  private int maxTries;

  @Option(
      names = "--require-answer",
      arity = "0..1",
      defaultValue = "false",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Require an answer in a step-controlled wrong solution (default: no, as in the paper).")
  private boolean requireAnswer;

  @Mixin private final DrawOptions draw = new DrawOptions();

  @Override
  public Integer call() throws IOException {
    Ranges.positive("attempts", attempts);
    Ranges.positive("cuts", cuts);
    Ranges.positive("max-tries", maxTries);
    List<Problem> problems = input.read();
    NaivePairs.Settings naive =
        new NaivePairs.Settings(temperature, attempts, 1 + cuts, draw.seed());
    StepControl.Settings control =
        new StepControl.Settings(
            stepTemperature.temperature(),
            segmentation,
            cuts,
            cut.minRemaining(),
            maxTries,
            requireAnswer,
            draw.seed());
    try (Journal journal =
            Journal.inside(output, "pairs", PairFiles.ALL, input.model(), input.data());
        Checkpoint checkpoint = Checkpoint.hashed(input.model(), draw.frozen());
        Generator generator =
            new KeptGenerator(
                new PlainGenerator(checkpoint, draw.maxTokens(), draw.ops()),
                journal,
                "questions")) {
      String identity = ModelHash.identity(checkpoint);
      journal.resume(
          "pairs", new Settings(identity, problems, naive, control, draw.maxTokens(), draw.ops()));
      List<NaivePairs.Question> questions;
      try (Bar bar = new Bar("naive pairs", problems.size())) {
        questions =
            new NaivePairs(generator, checkpoint.tokenizer(), naive).draw(problems, bar::advance);
      }
      StepControl.Result stepControlled;
      long right = questions.stream().filter(q -> q.right() != null).count();
      try (Bar bar = new Bar("step control", right * cuts)) {
        stepControlled =
            new StepControl(generator, checkpoint.tokenizer(), control)
                .draw(questions, bar::advance);
      }
      PairRows rows = new PairRows(checkpoint.tokenizer(), segmentation, cut.scoreOutputs());
      PairFiles.Counts c = PairFiles.write(output, questions, stepControlled, rows, draw.seed());
      journal.finish();
      System.out.printf(
          Locale.ROOT,
          "%d problems: %d naive pairs of %d solutions; %d correct ones skipped for signs of an error%n"
              + "%d cuts: %d step-controlled pairs in %d tries (%.2f per pair), %d tries filtered as noise; %d cuts stayed correct%n"
              + "written to %s%n",
          c.questions(),
          c.naive(),
          c.drawn(),
          c.flagged(),
          c.cuts(),
          c.stepControlled(),
          c.tries(),
          c.stepControlled() == 0 ? Double.NaN : (double) c.tries() / c.stepControlled(),
          c.garbled(),
          c.cuts() - c.stepControlled(),
          output);
    }
    return 0;
  }
}
