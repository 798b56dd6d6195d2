package dev.plumbline.alignment.scdpo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.alignment.evaluate.Evaluator;
import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.experiment.Arm;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Pair;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.Trained;
import dev.plumbline.alignment.experiment.TrainingCurves;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.alignment.objective.Dpo;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.PreferenceObjective;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The comparison of the SCDPO paper (section 4, Table 1) in one format: pairs of the fine-tuned
 * model's own solutions, and DPO on the naive ones, on as many naive ones as SCDPO has, and on
 * naive and step-controlled ones together.
 */
final class PairsPart implements Part<PairsPart.Result> {
  static final String START = "start";
  static final String DPO = "dpo";
  static final String DATA_EQUAL = "data-equal";
  static final String SCDPO = "scdpo";

  /** Ids of the trained arms. */
  static final List<String> ARMS = List.of(DPO, DATA_EQUAL, SCDPO);

  private final ScdpoSettings settings;
  private final Format format;

  PairsPart(ScdpoSettings settings, Format format) {
    this.settings = settings;
    this.format = format;
  }

  /**
   * What was measured.
   *
   * @param arms by id, the start first
   * @param counts of the pairs
   */
  record Result(Map<String, Trained> arms, PairFiles.Counts counts) {}

  /** Name of an arm in tables. */
  static String label(String arm) {
    return switch (arm) {
      case START -> "SFT";
      case DPO -> "DPO";
      case DATA_EQUAL -> "data-equal DPO";
      default -> "SCDPO";
    };
  }

  @Override
  public Outline outline() {
    String paper =
        format.segmentation() == Segmentation.BLOCK
            ? "GSM8K, Mistral-7B-Ours: SFT 76.8, DPO 78.8, data-equal 79.0, SCDPO 80.1"
            : "GSM8K, MetaMath-Mistral-7B: SFT 77.7, DPO 81.0, data-equal 81.4, SCDPO 81.7";
    List<Pair> pairs = new ArrayList<>();
    List<Claim> claims = new ArrayList<>();
    for (Measure measure : settings.setup().measures()) {
      for (String[] pair :
          new String[][] {{DPO, SCDPO}, {DATA_EQUAL, SCDPO}, {START, DPO}, {START, SCDPO}}) {
        String first = format.named(pair[0]);
        String second = format.named(pair[1]);
        pairs.add(new Pair(first, second, measure));
        Claim claim =
            new Claim(
                label(pair[1])
                    + " solves more than "
                    + label(pair[0])
                    + ", "
                    + format.label()
                    + (measure == Measure.GREEDY ? "" : ", by " + measure.label()),
                "Table 1",
                paper,
                new Criterion.SolvesMore(second, first, measure));
        boolean primary = // on chains of thought, which runs without Python have, too
            format.segmentation() == Segmentation.LINE && !pair[0].equals(START);
        claims.add(primary ? claim.first() : claim);
      }
    }
    List<String> arms = new ArrayList<>(List.of(START));
    ARMS.stream().filter(format::trains).forEach(arms::add);
    return Outline.of(arms.stream().map(format::named).toList(), pairs, List.of(), claims)
        .ofDeclared();
  }

  @Override
  public Result run() throws IOException {
    Workspace workspace = format.workspace();
    workspace.console().stage("== Solutions: " + format.label());
    Path start = format.start();
    PairFiles.Counts counts = pairs(start);
    Evaluator evaluator =
        new Evaluator(format.problems().test(), null, null, format.solvers(), OpMode.FUSED)
            .withSamples(settings.setup().sizes().samples());
    return new Result(workspace.arms(START, label(START), start, arms(counts), evaluator), counts);
  }

  private List<Arm> arms(PairFiles.Counts c) {
    return Stream.of(
            arm(DPO, c.naive() + " naive pairs"),
            arm(DATA_EQUAL, c.dataEqual() + " naive pairs"),
            arm(SCDPO, c.naive() + " naive and " + c.stepControlled() + " step-controlled pairs"))
        .filter(arm -> format.trains(arm.id()))
        .toList();
  }

  private Arm arm(String id, String description) {
    Objective dpo = PreferenceObjective.of(new Dpo(settings.beta()));
    String pairs = id.equals(DPO) ? "naive" : id;
    Path rows = format.workspace().file("pairs").resolve(pairs + ".jsonl");
    return new Arm(id, label(id), dpo, rows, description);
  }

  private PairFiles.Counts pairs(Path start) throws IOException {
    Path folder = format.workspace().file("pairs");
    return PairFiles.counts(
        format
            .workspace()
            .kept(
                folder.resolve(PairFiles.COUNTS),
                () -> {
                  try (Checkpoint checkpoint = Checkpoint.read(start);
                      Generator generator = format.solvers().apply(checkpoint)) {
                    return draw(checkpoint, generator, folder);
                  }
                },
                ObjectNode.class));
  }

  private ObjectNode draw(Checkpoint checkpoint, Generator generator, Path folder)
      throws IOException {
    ScdpoSettings.Pairs pairs = settings.pairs();
    List<Problem> train = format.problems().train();
    NaivePairs naive =
        new NaivePairs(
            generator,
            checkpoint.tokenizer(),
            new NaivePairs.Settings(1, pairs.attempts(), 1 + pairs.cuts(), 0));
    List<NaivePairs.Question> questions =
        format
            .workspace()
            .shown(
                "Drawing naive pairs of " + train.size() + " questions",
                "naive pairs",
                train.size(),
                bar -> naive.draw(train, bar));
    StepControl control =
        new StepControl(
            generator,
            checkpoint.tokenizer(),
            new StepControl.Settings(
                pairs.temperature(),
                format.segmentation(),
                pairs.cuts(),
                pairs.minRemaining(),
                pairs.maxTries(),
                false,
                0));
    long right = questions.stream().filter(q -> q.right() != null).count();
    StepControl.Result wrong =
        format
            .workspace()
            .shown(
                "Generating wrong continuations of " + right + " right solutions",
                "step control",
                right * pairs.cuts(),
                bar -> control.draw(questions, bar));
    PairRows rows =
        new PairRows(checkpoint.tokenizer(), format.segmentation(), pairs.scoreOutputs());
    return PairFiles.writeRows(folder, questions, wrong, rows, 0);
  }

  @Override
  public void report(Result measured, Findings findings) throws IOException {
    measured
        .arms()
        .forEach(
            (id, arm) ->
                findings.arm(format.named(id), format.named(arm.label()), arm.evaluations()));
    findings.fact("Pairs, " + format.label(), text(measured.counts()));
    String label = format.label();
    findings.table(
        label.substring(0, 1).toUpperCase(Locale.ROOT) + label.substring(1),
        measured.arms().values());
    findings.figure(
        TrainingCurves.curve(
            "rewards",
            "chosen",
            "rejected",
            new TrainingCurves.Text(
                "Rewards during training, " + label,
                "Implicit reward beta (log pi - log pi_ref) of the chosen and of the rejected solutions of the pairs that the "
                    + "steps trained on, before each step; mean over seeds.",
                "reward of a solution"),
            measured.arms().values()));
  }

  private static String text(PairFiles.Counts c) {
    return String.format(
        Locale.ROOT,
        "%d questions, %d solutions drawn, %d naive pairs, %d right ones passed over for signs of an error; %d cuts, %d"
            + " continuations (%.2f per pair), %d of them garbled (%.1f %%), %d step-controlled pairs; %d data-equal pairs",
        c.questions(),
        c.drawn(),
        c.naive(),
        c.flagged(),
        c.cuts(),
        c.tries(),
        (double) c.tries() / Math.max(1, c.stepControlled()),
        c.garbled(),
        100.0 * c.garbled() / Math.max(1, c.tries()),
        c.stepControlled(),
        c.dataEqual());
  }
}
