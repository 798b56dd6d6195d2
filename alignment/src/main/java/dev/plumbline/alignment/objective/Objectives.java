package dev.plumbline.alignment.objective;

import static dev.plumbline.alignment.objective.Hyperparameter.ALIGN_WEIGHT;
import static dev.plumbline.alignment.objective.Hyperparameter.AVERAGE_LOG_RATIO;
import static dev.plumbline.alignment.objective.Hyperparameter.BETA;
import static dev.plumbline.alignment.objective.Hyperparameter.BOUNDARY_MARGIN;
import static dev.plumbline.alignment.objective.Hyperparameter.CONSTRAINT_WEIGHT;
import static dev.plumbline.alignment.objective.Hyperparameter.DESIRABLE_WEIGHT;
import static dev.plumbline.alignment.objective.Hyperparameter.DETACH_BOUNDARY;
import static dev.plumbline.alignment.objective.Hyperparameter.GAMMA_RATIO;
import static dev.plumbline.alignment.objective.Hyperparameter.KL_WEIGHT;
import static dev.plumbline.alignment.objective.Hyperparameter.LABEL_SMOOTHING;
import static dev.plumbline.alignment.objective.Hyperparameter.LENGTH_PENALTY;
import static dev.plumbline.alignment.objective.Hyperparameter.LIKELIHOOD_REDUCTION;
import static dev.plumbline.alignment.objective.Hyperparameter.LIKELIHOOD_TARGET;
import static dev.plumbline.alignment.objective.Hyperparameter.NLL_WEIGHT;
import static dev.plumbline.alignment.objective.Hyperparameter.ODDS_WEIGHT;
import static dev.plumbline.alignment.objective.Hyperparameter.POSITIVE_WEIGHT;
import static dev.plumbline.alignment.objective.Hyperparameter.REFERENCE_IN_POSITIVES;
import static dev.plumbline.alignment.objective.Hyperparameter.UNDESIRABLE_WEIGHT;
import static dev.plumbline.alignment.objective.Hyperparameter.VFT_WEIGHT;
import static dev.plumbline.alignment.objective.Likelihood.Reduction.PRO_SUM;
import static dev.plumbline.alignment.objective.Likelihood.Reduction.TOKEN_MEAN;
import static dev.plumbline.alignment.objective.Likelihood.Target.BEST;
import static dev.plumbline.alignment.objective.Likelihood.Target.REFERENCE;

import dev.plumbline.alignment.batch.Feedback;
import dev.plumbline.alignment.objective.ObjectiveSpec.Group;
import dev.plumbline.data.UserError;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The table of objectives. It feeds the command line, its help, the checks of what an objective
 * reads, and the pages of {@code plumbline read}.
 */
public final class Objectives {
  /** One row per objective, in the order of the help. */
  public static final List<ObjectiveSpec> ALL =
      List.of(
          new ObjectiveSpec(
              "vft",
              Group.FINE_TUNING,
              "Wang 2023",
              "negative log-likelihood of solutions",
              Map.of(LIKELIHOOD_REDUCTION, TOKEN_MEAN),
              h -> new Vft(new Likelihood(1, REFERENCE, reduction(h)))),
          // ---- AFT
          aft("aft-none", Feedback.BINARY, Constraint.NONE, "alignment loss, no constraint"),
          aft("aft-dc", Feedback.BINARY, Constraint.DETACHED, "wrong candidates get no gradient"),
          aft(
              "aft-bc",
              Feedback.BINARY,
              Constraint.BOUNDARY,
              "wrong candidates held at a boundary"),
          aft("aft-ra", Feedback.RANKING, Constraint.NONE, "alignment loss over all pairs"),
          aft("aft-rdc", Feedback.RANKING, Constraint.DETACHED, "worse candidates get no gradient"),
          aft(
              "aft-rbc",
              Feedback.RANKING,
              Constraint.BOUNDARY,
              "worse candidates held at a boundary"),
          // ---- its baselines
          rrhf(Constraint.NONE),
          rrhf(Constraint.DETACHED),
          rrhf(Constraint.BOUNDARY),
          pro(Constraint.NONE),
          pro(Constraint.DETACHED),
          pro(Constraint.BOUNDARY),
          dpo(Constraint.NONE),
          dpo(Constraint.DETACHED),
          dpo(Constraint.BOUNDARY),
          // ---- DPO's variants
          pairs(
              "conservative-dpo",
              "Mitchell 2023",
              "DPO with smoothed labels",
              Map.of(
                  BETA, Dpo.DEFAULT_BETA, LABEL_SMOOTHING, ConservativeDpo.DEFAULT_LABEL_SMOOTHING),
              h -> new ConservativeDpo(h.number(BETA), h.number(LABEL_SMOOTHING))),
          pairs(
              "ipo",
              "Azar 2023",
              "regresses the margin to a fixed value",
              Map.of(BETA, Dpo.DEFAULT_BETA, AVERAGE_LOG_RATIO, true),
              h -> new Ipo(h.number(BETA), h.flag(AVERAGE_LOG_RATIO))),
          pairs(
              "rpo",
              "Pang 2024",
              "DPO plus likelihood of the chosen",
              Map.of(BETA, Dpo.DEFAULT_BETA, NLL_WEIGHT, Rpo.DEFAULT_NLL_WEIGHT),
              h -> new Rpo(h.number(BETA), h.number(NLL_WEIGHT))),
          pairs(
              "dpo-positive",
              "Pal 2024",
              "DPO that keeps the chosen one likely",
              Map.of(BETA, Dpo.DEFAULT_BETA, POSITIVE_WEIGHT, DpoPositive.DEFAULT_POSITIVE_WEIGHT),
              h -> new DpoPositive(h.number(BETA), h.number(POSITIVE_WEIGHT))),
          pairs(
              "simpo",
              "Meng 2024",
              "mean log-probability, no reference",
              Map.of(BETA, SimPo.DEFAULT_BETA, GAMMA_RATIO, SimPo.DEFAULT_GAMMA_RATIO),
              h -> new SimPo(h.number(BETA), h.number(GAMMA_RATIO))),
          pairs(
              "orpo",
              "Hong 2024",
              "likelihood plus log odds ratio",
              Map.of(ODDS_WEIGHT, Orpo.DEFAULT_ODDS_WEIGHT),
              h -> new Orpo(h.number(ODDS_WEIGHT))),
          pairs(
              "step-dpo",
              "Lai 2024",
              "DPO on the first step of each response",
              Map.of(BETA, StepDpo.DEFAULT_BETA),
              h -> new StepDpo(h.number(BETA))),
          // ---- critical tokens
          tokens(
              "critical-dpo",
              "Lin 2024",
              "DPO, rejected tokens times 1 - s_t",
              Map.of(BETA, Dpo.DEFAULT_BETA),
              h -> new CriticalDpo(h.number(BETA), false)),
          tokens(
              "critical-dpo-both",
              "Lin 2024",
              "the same, chosen tokens times s_t",
              Map.of(BETA, Dpo.DEFAULT_BETA),
              h -> new CriticalDpo(h.number(BETA), true)),
          tokens(
              "critical-dpo-elementwise",
              "Lin 2024",
              "authors' code: a sigmoid per position",
              Map.of(BETA, Dpo.DEFAULT_BETA),
              h -> new CriticalDpoElementwise(h.number(BETA))),
          tokens(
              "tdpo1",
              "Zeng 2024",
              "DPO minus a difference of KLs",
              Map.of(BETA, Dpo.DEFAULT_BETA, KL_WEIGHT, Tdpo.WEIGHT_1),
              h -> new Tdpo(h.number(BETA), h.number(KL_WEIGHT), false)),
          tokens(
              "tdpo2",
              "Zeng 2024",
              "the same with the chosen KL detached",
              Map.of(BETA, Dpo.DEFAULT_BETA, KL_WEIGHT, Tdpo.WEIGHT_2),
              h -> new Tdpo(h.number(BETA), h.number(KL_WEIGHT), true)),
          new ObjectiveSpec(
              "kto",
              Group.UNPAIRED,
              "Ethayarajh 2024",
              "prospect theory, unpaired",
              Map.of(BETA, Kto.DEFAULT_BETA, DESIRABLE_WEIGHT, 1.0, UNDESIRABLE_WEIGHT, 1.0),
              h ->
                  new Kto(
                      h.number(BETA), h.number(DESIRABLE_WEIGHT), h.number(UNDESIRABLE_WEIGHT))));

  /** All names. */
  public static final List<String> NAMES = ALL.stream().map(ObjectiveSpec::name).toList();

  private Objectives() {}

  /**
   * The row of a name.
   *
   * @throws UserError when there is none
   */
  public static ObjectiveSpec spec(String name) {
    return ALL.stream()
        .filter(spec -> spec.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UserError(
                    "There is no objective '"
                        + name
                        + "'. The objectives are "
                        + String.join(", ", NAMES)
                        + "."));
  }

  /** An objective by name; see {@link ObjectiveSpec#create}. */
  public static Objective of(String name, Hyperparameters given) {
    return spec(name).create(given);
  }

  private static ObjectiveSpec aft(
      String name, Feedback feedback, Constraint constraint, String summary) {
    Map<Hyperparameter, Object> defaults = new EnumMap<>(Hyperparameter.class);
    defaults.put(LIKELIHOOD_TARGET, REFERENCE);
    if (constraint == Constraint.BOUNDARY) {
      defaults.put(BOUNDARY_MARGIN, Aft.DEFAULT_BOUNDARY_MARGIN);
      defaults.put(DETACH_BOUNDARY, true);
    }
    return preference(
        name,
        feedback == Feedback.BINARY ? Group.AFT : Group.AFT_RANKING,
        "Wang 2023",
        summary,
        defaults,
        h ->
            constraint == Constraint.BOUNDARY
                ? new Aft(feedback, constraint, h.number(BOUNDARY_MARGIN), h.flag(DETACH_BOUNDARY))
                : new Aft(feedback, constraint, Aft.DEFAULT_BOUNDARY_MARGIN, true));
  }

  private static ObjectiveSpec rrhf(Constraint constraint) {
    return constrained(
        "rrhf",
        "Yuan 2023",
        "hinge on pairs in the wrong order",
        Map.of(LENGTH_PENALTY, Rrhf.DEFAULT_LENGTH_PENALTY),
        h -> new Rrhf(h.number(LENGTH_PENALTY)),
        constraint);
  }

  private static ObjectiveSpec pro(Constraint constraint) {
    return constrained(
        "pro",
        "Song 2023",
        "softmax of a candidate and lower ones",
        Map.of(LIKELIHOOD_REDUCTION, PRO_SUM),
        h -> new Pro(),
        constraint);
  }

  private static ObjectiveSpec dpo(Constraint constraint) {
    return constrained(
        "dpo",
        "Rafailov 2023",
        "margin between the log-ratios",
        Map.of(BETA, Dpo.DEFAULT_BETA),
        h -> new Dpo(h.number(BETA)),
        constraint);
  }

  /** A baseline of AFT, plain or with one of AFT's constraints. */
  private static ObjectiveSpec constrained(
      String name,
      String paper,
      String summary,
      Map<Hyperparameter, Object> reads,
      Function<Hyperparameters, PreferenceLoss> factory,
      Constraint constraint) {
    Map<Hyperparameter, Object> defaults = new EnumMap<>(Hyperparameter.class);
    defaults.putAll(reads);
    if (constraint == Constraint.BOUNDARY) {
      defaults.put(BOUNDARY_MARGIN, Aft.DEFAULT_BOUNDARY_MARGIN);
      if (!name.equals("pro")) {
        defaults.put(CONSTRAINT_WEIGHT, Constrained.DEFAULT_WEIGHT);
      }
    }
    return switch (constraint) {
      case NONE -> preference(name, Group.RANKING, paper, summary, defaults, factory);
      case DETACHED ->
          preference(
              name + "-dc",
              Group.RANKING,
              paper,
              name + " with the detached constraint",
              defaults,
              h -> Constrained.of(factory.apply(h), constraint, Aft.DEFAULT_BOUNDARY_MARGIN));
      case BOUNDARY ->
          preference(
              name + "-bc",
              Group.RANKING,
              paper,
              name + " with the boundary constraint",
              defaults,
              h ->
                  new Constrained(
                      factory.apply(h),
                      constraint,
                      h.number(BOUNDARY_MARGIN),
                      name.equals("pro")
                          ? Constrained.DEFAULT_WEIGHT
                          : h.number(CONSTRAINT_WEIGHT)));
    };
  }

  private static ObjectiveSpec pairs(
      String name,
      String paper,
      String summary,
      Map<Hyperparameter, Object> reads,
      Function<Hyperparameters, PreferenceLoss> factory) {
    return preference(name, Group.PAIRS, paper, summary, reads, factory);
  }

  private static ObjectiveSpec tokens(
      String name,
      String paper,
      String summary,
      Map<Hyperparameter, Object> reads,
      Function<Hyperparameters, PreferenceLoss> factory) {
    return preference(name, Group.TOKENS, paper, summary, reads, factory);
  }

  /**
   * A preference loss beside a likelihood term.
   *
   * @param reads what the loss reads, and the defaults of the likelihood term that its paper sets
   *     otherwise
   */
  private static ObjectiveSpec preference(
      String name,
      Group group,
      String paper,
      String summary,
      Map<Hyperparameter, Object> reads,
      Function<Hyperparameters, PreferenceLoss> factory) {
    Map<Hyperparameter, Object> defaults = new EnumMap<>(Hyperparameter.class);
    defaults.put(ALIGN_WEIGHT, 1.0);
    defaults.put(VFT_WEIGHT, 0.0);
    defaults.put(LIKELIHOOD_TARGET, BEST);
    defaults.put(LIKELIHOOD_REDUCTION, TOKEN_MEAN);
    defaults.put(REFERENCE_IN_POSITIVES, false);
    defaults.putAll(reads);
    return new ObjectiveSpec(
        name,
        group,
        paper,
        summary,
        defaults,
        h ->
            new PreferenceObjective(
                factory.apply(h),
                h.number(ALIGN_WEIGHT),
                likelihood(h),
                h.flag(REFERENCE_IN_POSITIVES)));
  }

  private static Likelihood likelihood(Hyperparameters h) {
    return h.number(VFT_WEIGHT) == 0
        ? Likelihood.NONE
        : new Likelihood(
            h.number(VFT_WEIGHT),
            h.choice(LIKELIHOOD_TARGET, Likelihood.Target.class),
            reduction(h));
  }

  private static Likelihood.Reduction reduction(Hyperparameters h) {
    return h.choice(LIKELIHOOD_REDUCTION, Likelihood.Reduction.class);
  }
}
