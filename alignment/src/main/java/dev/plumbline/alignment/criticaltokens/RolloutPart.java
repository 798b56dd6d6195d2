package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.report.chart.Curve;
import dev.plumbline.alignment.report.chart.Grid;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.data.steps.FirstError;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.steps.Step;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Rollouts from every position of wrong solutions, and replacement of the critical tokens that they
 * find (Lin et al. 2024, Figure 2).
 */
final class RolloutPart implements Part<RolloutPart.Rollouts> {
  private static final String GAIN = "pass@k without the critical token above with it";
  private static final String CONTROL = "pass@1 without the critical token above a random one";
  private static final String NUMBER = "is a number or a part of one";
  private static final String OPERATOR = "is an operator";
  private static final String WORD = "is a word or a part of one";
  private static final String OTHER = "is something else";

  private final CriticalStages stages;

  RolloutPart(CriticalStages stages) {
    this.stages = stages;
  }

  /** Rollouts of all positions, and how long they took. */
  record Located(List<RolloutScores> scores, double seconds) {}

  /**
   * What was measured.
   *
   * @param wrong the searched solutions
   * @param located their rollouts
   * @param replacement of their critical tokens
   * @param texts of their tokens
   * @param words texts of the tokens that replaced critical ones, by id
   */
  record Rollouts(
      List<Trajectory> wrong,
      Located located,
      Replacement replacement,
      List<List<String>> texts,
      Map<Integer, String> words) {

    RolloutScores scores(int trajectory) {
      return located.scores().get(trajectory);
    }

    /** Critical tokens of the trajectories that have one. */
    int[] critical() {
      return Arrays.stream(replacement.places())
          .map(i -> scores(i).critical(RolloutScores.MAX_LOST_SHARE).orElseThrow())
          .toArray();
    }

    /** How well an estimate of those trajectories agrees with the rollouts. */
    Agreement agreement(List<double[]> suspicion) {
      return Agreement.of(
          suspicion,
          Arrays.stream(replacement.places()).mapToObj(this::scores).toList(),
          critical());
    }
  }

  @Override
  public Outline outline() {
    return Outline.of(
        List.of(GAIN, CONTROL),
        List.of(
            new Claim(
                "With the critical token a solution hardly ever recovers; without it it often does",
                "Figure 2",
                "pass@64 far apart",
                new Criterion.AboveZero(GAIN)),
            new Claim(
                "Another token in the place of the critical one helps more than in the place of a random one (our control)",
                "not in the paper",
                "",
                new Criterion.AboveZero(CONTROL))));
  }

  @Override
  public Rollouts run() throws IOException {
    return read(stages);
  }

  /** Runs the stages, or reads what they have kept. */
  static Rollouts read(CriticalStages stages) throws IOException {
    CriticalStages.Wrong wrong = stages.wrong();
    try (Checkpoint model = Checkpoint.read(stages.start())) {
      Tokenizer tokenizer = model.tokenizer();
      List<Trajectory> trajectories = wrong.trajectories(stages.problems().test(), tokenizer);
      Located located = locate(stages, model, trajectories);
      Replacement replacement = replace(stages, model, trajectories, located);
      return new Rollouts(
          trajectories,
          located,
          replacement,
          texts(trajectories, tokenizer),
          words(replacement, tokenizer));
    }
  }

  private static Located locate(CriticalStages stages, Checkpoint model, List<Trajectory> wrong)
      throws IOException {
    return stages
        .workspace()
        .kept(
            stages.workspace().file("rollouts.json"),
            new Workspace.Stage(
                stages.settings().search().rollouts()
                    + " rollouts from every position of "
                    + wrong.size()
                    + " solutions",
                "rollouts",
                wrong.size()),
            bar -> {
              long start = System.nanoTime();
              try (RolloutSearch search = stages.search(model, true)) {
                return new Located(search.search(wrong, bar), (System.nanoTime() - start) / 1e9);
              }
            },
            Located.class);
  }

  private static Replacement replace(
      CriticalStages stages, Checkpoint model, List<Trajectory> wrong, Located located)
      throws IOException {
    return stages
        .workspace()
        .kept(
            stages.workspace().file("replacements.json"),
            new Workspace.Stage(
                "Rollouts with another token in the place of the critical one, and of a random one",
                "replacements",
                2L * wrong.size() * stages.settings().search().rollouts()),
            bar -> {
              try (RolloutSearch search = stages.search(model, true)) {
                return Replacement.of(
                    search, wrong, located.scores(), RolloutScores.MAX_LOST_SHARE, 0, bar);
              }
            },
            Replacement.class);
  }

  private static List<List<String>> texts(List<Trajectory> wrong, Tokenizer tokenizer) {
    List<List<String>> all = new ArrayList<>();
    for (Trajectory t : wrong) {
      all.add(Arrays.stream(t.response()).mapToObj(tokenizer::decode).toList());
    }
    return all;
  }

  private static Map<Integer, String> words(Replacement replacement, Tokenizer tokenizer) {
    Map<Integer, String> words = new LinkedHashMap<>();
    replacement.without().stream()
        .flatMapToInt(a -> Arrays.stream(a.tokens()))
        .distinct()
        .forEach(id -> words.put(id, tokenizer.decode(id)));
    return words;
  }

  @Override
  public void report(Rollouts m, Findings findings) {
    long positions = m.located().scores().stream().mapToLong(s -> s.right().length).sum();
    findings.fact(
        "Rollout search",
        String.format(
            Locale.ROOT,
            "%d wrong solutions, %d positions, %d rollouts in %.0f s; %d have a critical token",
            m.wrong().size(),
            positions,
            positions * stages.settings().search().rollouts(),
            m.located().seconds(),
            m.critical().length));
    Replacement r = m.replacement();
    int k = r.rollouts();
    double[] with = r.passAtK(r.with(), k);
    double[] without = r.passAtK(Replacement.right(r.without()), k);
    findings.quantity(
        GAIN,
        Shares.difference(without, with),
        String.format(
            Locale.ROOT,
            "pass@%d over %d solutions: with it %s, without it %s.",
            k,
            r.places().length,
            DecisionRule.percent(Shares.mean(with)),
            DecisionRule.percent(Shares.mean(without))));
    Interval control =
        Shares.difference(
            r.passAtK(Replacement.right(r.without()), 1),
            r.passAtK(Replacement.right(r.controlled()), 1));
    findings.quantity(CONTROL, control, "pass@1 differs by " + DecisionRule.points(control) + ".");
    findings.figure(passAtK(r));
    findings.figure(kinds(m));
  }

  /** The paper's Figure 2, with our control. */
  private static Curve passAtK(Replacement r) {
    List<Integer> ks = new ArrayList<>();
    for (int k = 1; k <= r.rollouts(); k *= 2) {
      ks.add(k);
    }
    return new Curve(
        "pass-at-k",
        "Rollouts with and without the critical token",
        "Unbiased pass@k, mean over the "
            + r.places().length
            + " wrong solutions with a critical token. Without: another token, drawn from what remains of the model's "
            + "distribution, in its place; as control in the place of a random other token.",
        "k",
        "solutions with a right answer, %",
        ks.stream().map(k -> Integer.toString(k)).toList(),
        List.of(
            line("with the critical token", r, r.with(), ks),
            line("without it", r, Replacement.right(r.without()), ks),
            line("without a random other one", r, Replacement.right(r.controlled()), ks)));
  }

  private static Curve.Line line(String name, Replacement r, int[] right, List<Integer> ks) {
    return new Curve.Line(name, ks.stream().map(k -> Shares.mean(r.passAtK(right, k))).toList());
  }

  /** What critical tokens are, and where they lie. */
  private Grid kinds(Rollouts m) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (String kind : List.of(NUMBER, OPERATOR, WORD, OTHER)) {
      counts.put(kind, 0);
    }
    int[] sides = new int[Side.values().length];
    int[] critical = m.critical();
    for (int i = 0; i < critical.length; i++) {
      int place = m.replacement().places()[i];
      counts.merge(kind(m.texts().get(place).get(critical[i])), 1, Integer::sum);
      sides[side(m, place, critical[i]).ordinal()]++;
    }
    List<List<String>> rows = new ArrayList<>();
    counts.forEach((kind, n) -> rows.add(List.of(kind, share(n, critical.length))));
    for (Side side : Side.values()) {
      rows.add(List.of(side.words, share(sides[side.ordinal()], critical.length)));
    }
    return new Grid(
        "What critical tokens are",
        "The first wrong step is the first line whose calculation the reference does not have. The paper says that critical "
            + "tokens often are not what a person would mark as the error.",
        List.of("The critical token", "Solutions"),
        rows);
  }

  private static String share(int n, int of) {
    return of == 0
        ? "none was found"
        : String.format(Locale.ROOT, "%d of %d (%.0f %%)", n, of, 100.0 * n / of);
  }

  private static String kind(String token) {
    String text = token.strip();
    return text.matches("[0-9.,]+")
        ? NUMBER
        : text.matches("[-+*/=<>]+") ? OPERATOR : text.matches("\\p{L}+") ? WORD : OTHER;
  }

  /** Where a token lies. */
  private enum Side {
    BEFORE("is before the first wrong step"),
    INSIDE("is in the first wrong step"),
    AFTER("is after it"),
    UNKNOWN("the first wrong step is not known");

    private final String words;

    Side(String words) {
      this.words = words;
    }
  }

  private Side side(Rollouts m, int trajectory, int token) {
    if (!stages.settings().setup().generated()) {
      return Side.UNKNOWN;
    }
    List<String> tokens = m.texts().get(trajectory);
    int from = String.join("", tokens.subList(0, token)).length();
    String text = String.join("", tokens);
    List<Step> steps = Segmentation.LINE.steps(text);
    String solution = m.wrong().get(trajectory).problem().solution();
    OptionalInt error = FirstError.step(solution, text, steps);
    if (error.isEmpty()) {
      return Side.UNKNOWN;
    }
    Step step = steps.get(error.getAsInt());
    return from < step.from() ? Side.BEFORE : from < step.to() ? Side.INSIDE : Side.AFTER;
  }
}
