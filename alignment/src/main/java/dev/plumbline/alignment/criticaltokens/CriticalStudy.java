package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.criticaltokens.PlantedErrors.Place;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.experiment.TrainingCurves;
import dev.plumbline.alignment.report.DemoResult;
import dev.plumbline.alignment.report.Study;
import dev.plumbline.alignment.report.Study.Verdict;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.Statistics;
import dev.plumbline.data.steps.FirstError;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.steps.Step;
import dev.plumbline.tensor.random.RandomStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** Makes the study out of what a critical-tokens run measured, and decides the paper's claims. */
final class CriticalStudy {
  private static final int MAPS = 6;
  private static final String NUMBER = "is a number or a part of one";
  private static final String OPERATOR = "is an operator";
  private static final String WORD = "is a word or a part of one";
  private static final String OTHER = "is something else";
  private static final String CONTRASTIVE = "contrastive score, low";

  private final CriticalSettings settings;
  private final CriticalRun.Measurements m;
  private final List<Study.Comparison> comparisons;
  private final List<Study.Claim> claims = new ArrayList<>();
  private final int[] critical; // of the trajectories that have one
  private final Map<String, Agreement> agreement = new LinkedHashMap<>();
  private final Map<Place, Map<String, Agreement>> planted = new EnumMap<>(Place.class);

  CriticalStudy(CriticalSettings settings, CriticalRun.Measurements measured) {
    this.settings = settings;
    this.m = measured;
    List<Study.Comparison> all = new ArrayList<>();
    for (String arm : m.evaluations().keySet()) {
      if (!arm.equals(CriticalRun.START)) {
        all.add(compare(CriticalRun.START, arm));
      }
    }
    for (String arm : m.evaluations().keySet()) {
      if (!arm.equals(CriticalRun.START) && !arm.equals(CriticalRun.CRITICAL)) {
        all.add(compare(arm, CriticalRun.CRITICAL));
      }
    }
    comparisons = StudyStatistics.holm(all);
    int[] places = m.replacement().places();
    critical =
        Arrays.stream(places)
            .map(i -> scores(i).critical(RolloutScores.LOST).orElseThrow())
            .toArray();
    List<RolloutScores> scores = Arrays.stream(places).mapToObj(this::scores).toList();
    suspicions(m.estimates(), places)
        .forEach((name, s) -> agreement.put(name, Agreement.of(s, scores, critical)));
    m.planted().forEach((place, p) -> planted.put(place, agreement(p)));
  }

  private Map<String, Agreement> agreement(CriticalRun.Planted p) {
    int[] all = IntStream.range(0, p.wrong().problems().length).toArray();
    List<RolloutScores> none = // what rollouts found is not looked at here
        p.wrong().responses().stream()
            .map(response -> new int[response.length])
            .map(zeros -> new RolloutScores(zeros, zeros, settings.rollouts()))
            .toList();
    Map<String, Agreement> agreements = new LinkedHashMap<>();
    suspicions(p.estimates(), all)
        .forEach((name, s) -> agreements.put(name, Agreement.of(s, none, p.wrong().fatal())));
    return agreements;
  }

  private RolloutScores scores(int trajectory) {
    return m.located().scores().get(trajectory);
  }

  private Study.Comparison compare(String first, String second) {
    return StudyStatistics.compare(
        first, m.evaluations().get(first), second, m.evaluations().get(second));
  }

  /** What makes a token suspicious, by estimator; higher is more suspicious. */
  private static Map<String, List<double[]>> suspicions(
      CriticalRun.Estimates e, int[] trajectories) {
    Map<String, List<double[]>> all = new LinkedHashMap<>();
    all.put(CONTRASTIVE, pick(e.logScore(), trajectories, -1));
    all.put("contrast without the softmax, low", pick(e.contrast(), trajectories, -1));
    all.put("probability under the policy, low", pick(e.logProb(), trajectories, -1));
    all.put("entropy of the policy, high", pick(e.entropy(), trajectories, 1));
    List<double[]> position = new ArrayList<>();
    List<double[]> random = new ArrayList<>();
    for (int i : trajectories) {
      int n = e.logProb().get(i).length;
      RandomStream stream = RandomStream.of(0, "random estimator").child(i);
      position.add(IntStream.range(0, n).mapToDouble(t -> -t).toArray());
      random.add(IntStream.range(0, n).mapToDouble(t -> stream.nextDouble()).toArray());
    }
    all.put("position, early", position);
    all.put("random", random);
    return all;
  }

  private static List<double[]> pick(List<double[]> values, int[] places, int sign) {
    return Arrays.stream(places)
        .mapToObj(i -> Arrays.stream(values.get(i)).map(v -> sign * v).toArray())
        .toList();
  }

  Study build(List<DemoResult.Fact> facts) throws IOException {
    List<DemoResult.Fact> all = new ArrayList<>(facts);
    long positions = m.located().scores().stream().mapToLong(s -> s.right().length).sum();
    all.add(
        new DemoResult.Fact(
            "Rollout search",
            String.format(
                Locale.ROOT,
                "%d wrong solutions, %d positions, %d rollouts in %.0f s; %d have a critical token",
                m.wrong().size(),
                positions,
                positions * settings.rollouts(),
                m.located().seconds(),
                critical.length)));
    all.add(new DemoResult.Fact("Contrastive data", m.pairs().toString()));
    claims();
    return new Study(
        "Critical tokens reproduced: does one token doom a solution?",
        settings.model() == null
            ? "Tiny model, generated problems. The figures come from a Llama of 0.9 million parameters on generated word "
                + "problems. They show what the methods do at this scale; the paper's figures come from 7 to 70 billion "
                + "parameters on GSM8K and MATH."
            : "The figures hold for the model, the problems and the settings named at the end of the page.",
        all,
        claims,
        List.of(table()),
        comparisons,
        curves(),
        List.of(),
        List.of(),
        List.of(agreementGrid(), kinds()),
        List.of(),
        maps());
  }

  private void claims() {
    Replacement r = m.replacement();
    int k = r.rollouts();
    Interval gain =
        difference(r.passAtK(Replacement.right(r.without()), k), r.passAtK(r.with(), k));
    claims.add(
        new Study.Claim(
            "With the critical token a solution hardly ever recovers; without it it often does",
            "Figure 2",
            "pass@64 far apart",
            DecisionRule.sign(gain),
            String.format(
                Locale.ROOT,
                "pass@%d over %d solutions: with it %s, without it %s.",
                k,
                r.places().length,
                DecisionRule.percent(mean(r.passAtK(r.with(), k))),
                DecisionRule.percent(mean(r.passAtK(Replacement.right(r.without()), k))))));
    Interval control =
        difference(
            r.passAtK(Replacement.right(r.without()), 1),
            r.passAtK(Replacement.right(r.controlled()), 1));
    claims.add(
        new Study.Claim(
            "Another token in the place of the critical one helps more than in the place of a random one (our control)",
            "not in the paper",
            "",
            DecisionRule.sign(control),
            "pass@1 differs by " + DecisionRule.points(control) + "."));
    plantedClaim(Place.ANSWER, "a wrong final answer");
    plantedClaim(Place.RESULT, "a wrong result of a calculation");
    for (Map.Entry<String, Agreement> other : agreement.entrySet()) {
      if (!other.getKey().equals(CONTRASTIVE) && !other.getKey().startsWith("contrast without")) {
        Interval d = difference(agreement.get(CONTRASTIVE).auc(), other.getValue().auc());
        claims.add(
            new Study.Claim(
                "Contrastive estimation agrees better with rollouts than " + other.getKey(),
                "section 3",
                "",
                DecisionRule.sign(d),
                String.format(
                    Locale.ROOT,
                    "The area under the curve differs by %+.3f (%+.3f to %+.3f).",
                    d.estimate(),
                    d.low(),
                    d.high())));
      }
    }
    for (String arm : List.of(CriticalRun.SFT, CriticalRun.DPO, "TDPO-1", "TDPO-2", "RPO")) {
      Study.Comparison c =
          comparisons.stream()
              .filter(x -> x.first().equals(arm) && x.second().equals(CriticalRun.CRITICAL))
              .findFirst()
              .orElseThrow();
      claims.add(
          new Study.Claim(
              "critical-DPO solves more than " + arm,
              "Table 2",
              "order only: above RPO and TDPO, these above DPO and SFT",
              DecisionRule.verdict(c, 1),
              DecisionRule.sentence(c)));
    }
  }

  private void plantedClaim(Place place, String what) {
    CriticalRun.Planted p = m.planted().get(place);
    int[] fatal = p.wrong().fatal();
    String claim = "Rollouts find a fatal token that is known by construction, " + what;
    if (fatal.length == 0) {
      claims.add(DecisionRule.notRun(claim, "ours"));
      return;
    }
    double[] found =
        IntStream.range(0, fatal.length)
            .mapToDouble(i -> p.found()[i] == fatal[i] ? 1 : 0)
            .toArray();
    Interval share = portion(found);
    claims.add(
        new Study.Claim(
            claim + ", in nine of ten solutions",
            "not in the paper",
            "",
            share.low() >= 0.9
                ? Verdict.REPRODUCED
                : share.high() < 0.9 ? Verdict.NOT_REPRODUCED : Verdict.UNDECIDED,
            String.format(
                Locale.ROOT,
                "Of %d solutions with a planted error rollouts name the planted token in %s; contrastive estimation puts it first in %s.",
                fatal.length,
                DecisionRule.percent(share),
                DecisionRule.percent(portion(planted.get(place).get(CONTRASTIVE).within(1))))));
  }

  /** A share of zeros and ones: Wilson's interval, which does not vanish where all are alike. */
  private static Interval portion(double[] values) {
    return Statistics.wilson((int) Math.round(Arrays.stream(values).sum()), values.length, 0.95);
  }

  private static Interval mean(double[] values) {
    return values.length == 0
        ? new Interval(Double.NaN, Double.NaN, Double.NaN)
        : StudyStatistics.mean(values, "critical tokens");
  }

  private static Interval difference(double[] a, double[] b) {
    double[] d = new double[a.length];
    Arrays.setAll(d, i -> a[i] - b[i]);
    return mean(d);
  }

  private Study.Table table() {
    List<Study.Arm> rows = new ArrayList<>();
    m.evaluations()
        .forEach(
            (arm, seeds) ->
                rows.add(
                    StudyStatistics.arm(
                        arm, seeds, describe(arm), settings.seeds(), m.models().get(arm))));
    return new Study.Table("Greedy answers to the held-out questions", rows);
  }

  private String describe(String arm) {
    return switch (arm) {
      case CriticalRun.START -> "the fine-tuned model that all arms start from";
      case CriticalRun.SFT -> m.pairs().get("positive") + " right solutions of its own";
      default -> m.pairs().get("pairs") + " pairs";
    };
  }

  /** The paper's Figure 2, with our control. */
  private Study.Curve passAtK() {
    Replacement r = m.replacement();
    List<Integer> ks = new ArrayList<>();
    for (int k = 1; k <= r.rollouts(); k *= 2) {
      ks.add(k);
    }
    return new Study.Curve(
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
            passLine("with the critical token", r, r.with(), ks),
            passLine("without it", r, Replacement.right(r.without()), ks),
            passLine("without a random other one", r, Replacement.right(r.controlled()), ks)));
  }

  private static Study.Line passLine(String name, Replacement r, int[] right, List<Integer> ks) {
    return new Study.Line(name, ks.stream().map(k -> mean(r.passAtK(right, k))).toList());
  }

  private List<Study.Curve> curves() throws IOException {
    List<Study.Curve> curves = new ArrayList<>(List.of(passAtK(), hits()));
    if (!m.byBeta().isEmpty()) {
      curves.addAll(byBeta());
    }
    curves.add(training());
    return curves;
  }

  /** The estimator's beta: what it finds, and what critical-DPO makes of it. */
  private List<Study.Curve> byBeta() {
    int[] places = m.replacement().places();
    List<RolloutScores> scores = Arrays.stream(places).mapToObj(this::scores).toList();
    List<Interval> auc = new ArrayList<>();
    List<Interval> first = new ArrayList<>();
    List<Interval> accuracy = new ArrayList<>();
    for (CriticalRun.Swept swept : m.byBeta()) {
      List<double[]> low = pick(swept.logScore(), places, -1);
      Agreement own = Agreement.of(low, scores, critical);
      auc.add(mean(own.auc()));
      first.add(portion(own.within(1)));
      accuracy.add(StudyStatistics.accuracy(swept.evaluations()));
    }
    List<String> betas = m.byBeta().stream().map(s -> Double.toString(s.beta())).toList();
    return List.of(
        new Study.Curve(
            "agreement-by-beta",
            "Agreement with rollouts by the estimator's beta",
            "Beta says how strongly the negative model counts; at 0 the score is the positive model's probability. Area under the "
                + "curve, and share of solutions whose critical token has the lowest score.",
            "beta of the estimator",
            "share, %",
            betas,
            List.of(
                new Study.Line("area under the curve", auc),
                new Study.Line("critical token has the lowest score", first))),
        new Study.Curve(
            "accuracy-by-beta",
            "Accuracy of critical-DPO by the estimator's beta",
            "Greedy accuracy on the held-out questions; mean over seeds, bars are 95 % bootstrap intervals over questions. "
                + "Everything else is as in the table.",
            "beta of the estimator",
            "accuracy, %",
            betas,
            List.of(new Study.Line(CriticalRun.CRITICAL, accuracy))));
  }

  private Study.Curve hits() {
    List<Integer> ks = List.of(1, 2, 3, 5, 10);
    List<Study.Line> lines = new ArrayList<>();
    agreement.forEach(
        (name, a) ->
            lines.add(new Study.Line(name, ks.stream().map(k -> portion(a.within(k))).toList())));
    return new Study.Curve(
        "precision",
        "How often an estimate finds the critical token",
        "Share of the wrong solutions whose critical token, as found by rollouts, is among the k most suspicious ones.",
        "k",
        "critical tokens found, %",
        ks.stream().map(k -> Integer.toString(k)).toList(),
        lines);
  }

  private Study.Curve training() throws IOException {
    Map<String, List<Path>> models = new LinkedHashMap<>();
    for (String arm : List.of(CriticalRun.DPO, CriticalRun.CRITICAL)) {
      models.put(arm, m.models().get(arm));
    }
    Map<String, String> metrics = new LinkedHashMap<>();
    metrics.put("logps/chosen", "chosen");
    metrics.put("logps/rejected", "rejected");
    return new TrainingCurves(metrics)
        .curve(
            "training",
            "Log-probabilities during training",
            "Summed log-probability of the chosen and of the rejected solutions of the pairs that the steps trained on, "
                + "before each step; mean over seeds.",
            "log-probability of a solution",
            models);
  }

  private Study.Grid agreementGrid() {
    List<List<String>> rows = new ArrayList<>();
    agreement.forEach(
        (name, a) -> {
          double[] known = Arrays.stream(a.correlation()).filter(Double::isFinite).toArray();
          rows.add(
              List.of(
                  name,
                  DecisionRule.percent(portion(a.within(1))),
                  decimal(mean(a.auc())),
                  decimal(mean(known)),
                  DecisionRule.percent(portion(planted.get(Place.RESULT).get(name).within(1))),
                  DecisionRule.percent(portion(planted.get(Place.ANSWER).get(name).within(1)))));
        });
    return new Study.Grid(
        "Estimates against rollouts",
        "First: the critical token is the most suspicious one. Area under the curve: share of the other tokens that are less "
            + "suspicious than the critical one; 0.5 is guessing. Spearman: between suspicion and the drop of the rollouts' score at a "
            + "token, within a solution. Planted: solutions whose fatal token is known by construction. Means over solutions with 95 % "
            + "bootstrap intervals, shares with Wilson's.",
        List.of(
            "Estimate",
            "First",
            "Area under the curve",
            "Spearman with the drop",
            "Planted results, first",
            "Planted answers, first"),
        rows);
  }

  private static String decimal(Interval a) {
    return Double.isNaN(a.estimate())
        ? "n/a"
        : String.format(Locale.ROOT, "%.3f (%.3f to %.3f)", a.estimate(), a.low(), a.high());
  }

  /** What critical tokens are, and where they stand. */
  private Study.Grid kinds() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    for (String kind : List.of(NUMBER, OPERATOR, WORD, OTHER)) {
      counts.put(kind, 0);
    }
    int before = 0;
    int inside = 0;
    int after = 0;
    int unknown = 0;
    for (int i = 0; i < critical.length; i++) {
      int place = m.replacement().places()[i];
      counts.merge(kind(m.texts().get(place).get(critical[i])), 1, Integer::sum);
      int side = side(place, critical[i]);
      before += side < 0 ? 1 : 0;
      inside += side == 0 ? 1 : 0;
      after += side == 1 ? 1 : 0;
      unknown += side > 1 ? 1 : 0;
    }
    List<List<String>> rows = new ArrayList<>();
    counts.forEach((kind, n) -> rows.add(List.of(kind, share(n))));
    rows.add(List.of("stands before the first wrong step", share(before)));
    rows.add(List.of("stands in the first wrong step", share(inside)));
    rows.add(List.of("stands after it", share(after)));
    rows.add(List.of("the first wrong step is not known", share(unknown)));
    return new Study.Grid(
        "What critical tokens are",
        "The first wrong step is the first line whose calculation the reference does not have. The paper says that critical "
            + "tokens often are not what a person would mark as the error.",
        List.of("The critical token", "Solutions"),
        rows);
  }

  private String share(int n) {
    return critical.length == 0
        ? "none was found"
        : String.format(
            Locale.ROOT, "%d of %d (%.0f %%)", n, critical.length, 100.0 * n / critical.length);
  }

  private static String kind(String token) {
    String text = token.strip();
    return text.matches("[0-9.,]+")
        ? NUMBER
        : text.matches("[-+*/=<>]+") ? OPERATOR : text.matches("\\p{L}+") ? WORD : OTHER;
  }

  /** -1 before the first wrong step, 0 in it, 1 after it, 2 where it is not known. */
  private int side(int trajectory, int token) {
    Trajectory t = m.wrong().get(trajectory);
    if (settings.data() != null) {
      return 2;
    }
    List<String> tokens = m.texts().get(trajectory);
    int from = String.join("", tokens.subList(0, token)).length();
    String text = String.join("", tokens);
    List<Step> steps = Segmentation.LINE.steps(text);
    OptionalInt error = FirstError.step(t.problem().solution(), text, steps);
    if (error.isEmpty()) {
      return 2;
    }
    Step step = steps.get(error.getAsInt());
    return from < step.from() ? -1 : from < step.to() ? 0 : 1;
  }

  /** Solutions with a critical token, token by token. */
  private List<Study.Map> maps() {
    return IntStream.range(0, critical.length)
        .boxed()
        .sorted(
            Comparator.comparing(
                i -> m.replacement().without().get(i).totalRight() == 0)) // what can be saved first
        .limit(MAPS)
        .map(this::map)
        .toList();
  }

  private Study.Map map(int found) {
    int place = m.replacement().places()[found];
    int at = critical[found];
    List<String> tokens = m.texts().get(place);
    RolloutScores scores = scores(place);
    double[] s = exp(m.estimates().logScore().get(place));
    double[] rollouts = new double[tokens.size()];
    double[] weights = new double[tokens.size()];
    Arrays.setAll(rollouts, t -> t < scores.right().length ? scores.score(t) : Double.NaN);
    boolean ended = scores.right().length < tokens.size();
    Arrays.setAll(weights, t -> ended && t == weights.length - 1 ? 1 : 1 - s[t]);
    double sum = Arrays.stream(weights).sum();
    double[] shares = Arrays.stream(weights).map(w -> w / sum).toArray();
    return new Study.Map(
        "A wrong solution. Question: "
            + m.wrong().get(place).problem().question()
            + " "
            + alternatives(m.replacement().without().get(found)),
        "the critical token",
        true,
        false,
        List.of(
            panel("Share of right rollouts after the token", tokens, rollouts, at),
            panel("Contrastive score s", tokens, s, at),
            panel(
                "Probability under the policy",
                tokens,
                exp(m.estimates().logProb().get(place)),
                at),
            panel("Entropy of the policy, nats", tokens, m.estimates().entropy().get(place), at),
            panel("Weight 1 - s in critical-DPO", tokens, weights, at),
            panel(
                "Share of the rejected solution's gradient in critical-DPO", tokens, shares, at)));
  }

  private static double[] exp(double[] logarithms) {
    return Arrays.stream(logarithms).map(Math::exp).toArray();
  }

  private static Study.Panel panel(String name, List<String> tokens, double[] values, int at) {
    return new Study.Panel(
        name,
        IntStream.range(0, tokens.size())
            .mapToObj(t -> new Study.Token(tokens.get(t), values[t], t == at))
            .toList());
  }

  /** What would have saved the answer. */
  private String alternatives(Alternatives a) {
    List<Integer> saving =
        IntStream.range(0, a.tokens().length)
            .filter(i -> a.right()[i] > 0)
            .boxed()
            .sorted((x, y) -> a.right()[y] - a.right()[x])
            .limit(4)
            .toList();
    if (saving.isEmpty()) {
      return "No other token in the place of the critical one led to a right answer.";
    }
    List<String> texts = new ArrayList<>();
    for (int i : saving) {
      texts.add(
          String.format(
              Locale.ROOT,
              "\u201c%s\u201d (%d of %d right)",
              m.words().get(a.tokens()[i]),
              a.right()[i],
              a.drawn()[i]));
    }
    return "Another token in the place of the critical one would have saved the answer: "
        + String.join(", ", texts)
        + ".";
  }
}
