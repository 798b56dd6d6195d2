package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.criticaltokens.PlantedErrors.Place;
import dev.plumbline.alignment.experiment.Claim;
import dev.plumbline.alignment.experiment.Criterion;
import dev.plumbline.alignment.experiment.DecisionRule;
import dev.plumbline.alignment.experiment.Findings;
import dev.plumbline.alignment.experiment.Outline;
import dev.plumbline.alignment.experiment.Part;
import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.generate.PlainGenerator;
import dev.plumbline.alignment.report.chart.Grid;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A control that the paper lacks: errors planted in right solutions, so that the critical token is
 * known by construction. Errors are planted where solutions carry calculations in GSM8K's form;
 * else there are none.
 */
final class PlantedPart implements Part<Map<Place, PlantedPart.Planted>> {
  private final CriticalStages stages;

  PlantedPart(CriticalStages stages) {
    this.stages = stages;
  }

  /**
   * Solutions with a planted error.
   *
   * @param wrong with the position of the planted token
   * @param found what rollouts found in them, -1 for nothing
   * @param estimates of their tokens
   */
  record Planted(CriticalStages.Wrong wrong, int[] found, CriticalStages.Estimates estimates) {}

  private static String name(Place place) {
    return place.name().toLowerCase(Locale.ROOT) + "s";
  }

  private static String found(Place place) {
    return "planted " + name(place) + " found";
  }

  @Override
  public Outline outline() {
    return Outline.of(
        List.of(found(Place.ANSWER), found(Place.RESULT)),
        List.of(
            claim(Place.ANSWER, "a wrong final answer"),
            claim(Place.RESULT, "a wrong result of a calculation")));
  }

  private static Claim claim(Place place, String what) {
    return new Claim(
        "Rollouts find a fatal token that is known by construction, "
            + what
            + ", in nine of ten solutions",
        "not in the paper",
        new Criterion.ShareAtLeast(found(place), 0.9));
  }

  @Override
  public Map<Place, Planted> run() throws IOException {
    List<Problem> problems = stages.problems().validation();
    Map<Place, Planted> all = new EnumMap<>(Place.class);
    try (Checkpoint model = Checkpoint.read(stages.start())) {
      for (Place place : Place.values()) {
        CriticalStages.Wrong wrong = plant(place, model, problems);
        List<Trajectory> solutions = wrong.trajectories(problems, model.tokenizer());
        int[] found = find(name(place), model, solutions);
        all.put(
            place, new Planted(wrong, found, stages.estimate("planted " + name(place), solutions)));
      }
    }
    return all;
  }

  private CriticalStages.Wrong plant(Place place, Checkpoint model, List<Problem> problems)
      throws IOException {
    Workspace w = stages.workspace();
    return w.kept(
        w.file("planted-" + name(place) + ".json"),
        "Planting wrong "
            + name(place)
            + " in right solutions of "
            + problems.size()
            + " questions",
        problems.size(),
        bar -> {
          try (PlainGenerator generator =
              new PlainGenerator(
                  model, stages.settings().setup().sizes().maxTokens(), OpMode.FUSED)) {
            List<PlantedErrors.Planted> all =
                PlantedErrors.plant(
                    generator,
                    model.tokenizer(),
                    problems,
                    place,
                    TemperatureSchedule.constant(0),
                    0,
                    bar);
            return new CriticalStages.Wrong(
                all.stream().mapToInt(p -> problems.indexOf(p.trajectory().problem())).toArray(),
                all.stream().map(p -> p.trajectory().response()).toList(),
                all.stream().mapToInt(PlantedErrors.Planted::fatal).toArray());
          }
        },
        CriticalStages.Wrong.class);
  }

  private int[] find(String name, Checkpoint model, List<Trajectory> planted) throws IOException {
    Workspace w = stages.workspace();
    return w.kept(
        w.file("planted-" + name + "-found.json"),
        "Looking for " + planted.size() + " planted " + name + " by rollouts",
        planted.size(),
        bar -> {
          try (RolloutSearch search = stages.search(model, false)) {
            return search.search(planted, bar).stream()
                .map(scores -> scores.critical(RolloutScores.MAX_LOST_SHARE))
                .mapToInt(found -> found.orElse(-1))
                .toArray();
          }
        },
        int[].class);
  }

  @Override
  public void report(Map<Place, Planted> measured, Findings findings) {
    Map<Place, Map<String, Agreement>> agreement = new EnumMap<>(Place.class);
    measured.forEach((place, p) -> agreement.put(place, agreement(p)));
    measured.forEach(
        (place, p) -> {
          int[] fatal = p.wrong().fatal();
          double[] hits =
              IntStream.range(0, fatal.length)
                  .mapToDouble(i -> p.found()[i] == fatal[i] ? 1 : 0)
                  .toArray();
          Interval share = Shares.share(hits);
          findings.quantity(
              found(place),
              share,
              fatal.length == 0
                  ? "No error could be planted."
                  : String.format(
                      Locale.ROOT,
                      "Of %d solutions with a planted error rollouts name the planted token in %s; contrastive estimation puts it first in %s.",
                      fatal.length,
                      DecisionRule.percent(share),
                      first(agreement.get(place).get(Suspicion.CONTRASTIVE))));
        });
    List<List<String>> rows = new ArrayList<>();
    for (String name : agreement.get(Place.ANSWER).keySet()) {
      rows.add(
          List.of(
              name,
              first(agreement.get(Place.RESULT).get(name)),
              first(agreement.get(Place.ANSWER).get(name))));
    }
    findings.figure(
        new Grid(
            "Estimates on planted errors",
            "How often the planted token is the most suspicious one, in solutions whose fatal token is known by construction; "
                + "Wilson's 95 % intervals.",
            List.of("Estimate", "Planted results, first", "Planted answers, first"),
            rows));
  }

  private static String first(Agreement agreement) {
    return DecisionRule.percent(Shares.share(agreement.within(1)));
  }

  private Map<String, Agreement> agreement(Planted p) {
    int[] all = IntStream.range(0, p.wrong().problems().length).toArray();
    List<RolloutScores> none = // rollouts are not read here
        p.wrong().responses().stream()
            .map(response -> new int[response.length])
            .map(zeros -> new RolloutScores(zeros, zeros, stages.settings().search().rollouts()))
            .toList();
    Map<String, Agreement> agreements = new LinkedHashMap<>();
    Suspicion.of(p.estimates(), all)
        .forEach((name, s) -> agreements.put(name, Agreement.of(s, none, p.wrong().fatal())));
    return agreements;
  }
}
