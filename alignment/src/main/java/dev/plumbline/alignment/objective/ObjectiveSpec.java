package dev.plumbline.alignment.objective;

import dev.plumbline.data.UserError;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One row of the table of objectives: from its name to its formula.
 *
 * @param name on the command line
 * @param group the heading in the help
 * @param paper first author and year
 * @param summary what it does, in at most 50 characters
 * @param defaults every hyperparameter that it reads, with its default
 * @param factory makes it of all that it reads
 */
public record ObjectiveSpec(
    String name,
    Group group,
    String paper,
    String summary,
    Map<Hyperparameter, Object> defaults,
    Function<Hyperparameters, Objective> factory) {

  /** Headings of the help, in order. */
  public enum Group {
    /** Likelihood. */
    FINE_TUNING("Fine-tuning"),
    /** AFT. */
    AFT("AFT: candidates, correct or wrong"),
    /** AFT on rewards. */
    AFT_RANKING("AFT on rewards: candidates with rewards"),
    /** RRHF, PRO and DPO, plain and with AFT's constraints. */
    RANKING("Baselines of AFT: candidates with rewards, or pairs"),
    /** DPO's relatives. */
    PAIRS("DPO and its variants: pairs, or candidates with rewards"),
    /** Critical tokens. */
    TOKENS("Token level: pairs, with token weights for critical-dpo"),
    /** KTO. */
    UNPAIRED("Unpaired: candidates or pairs, each response on its own");

    private final String title;

    Group(String title) {
      this.title = title;
    }

    /** The heading. */
    public String title() {
      return title;
    }
  }

  /** Copies the defaults. */
  public ObjectiveSpec {
    defaults = Map.copyOf(defaults);
  }

  /**
   * The objective.
   *
   * @param given values that a user gives; the rest are defaults
   * @throws UserError for a value that it does not read, or out of range
   */
  public Objective create(Hyperparameters given) {
    Map<Hyperparameter, Object> all = new EnumMap<>(Hyperparameter.class);
    all.putAll(defaults);
    given.values().forEach((key, value) -> all.put(checked(key), value));
    for (Hyperparameter ofTerm :
        List.of(Hyperparameter.LIKELIHOOD_TARGET, Hyperparameter.LIKELIHOOD_REDUCTION)) {
      if (given.values().containsKey(ofTerm)
          && Double.valueOf(0).equals(all.get(Hyperparameter.VFT_WEIGHT))) {
        throw new UserError(
            ofTerm.key()
                + " is given, but vft-weight is 0, which leaves the likelihood term out; give vft-weight=1.");
      }
    }
    return factory.apply(new Hyperparameters(all));
  }

  private Hyperparameter checked(Hyperparameter key) {
    if (!defaults.containsKey(key)) {
      String hint =
          key == Hyperparameter.BETA && defaults.containsKey(Hyperparameter.BOUNDARY_MARGIN)
              ? " The beta of AFT's boundary is boundary-margin."
              : "";
      throw new UserError(
          key.key()
              + " is not read by "
              + name
              + ", which reads "
              + (defaults.isEmpty() ? "no hyperparameter" : readable())
              + "."
              + hint);
    }
    return key;
  }

  /** What it reads, with defaults: {@code beta (0.1), nll-weight (1)}. */
  public String readable() {
    return new EnumMap<>(defaults)
        .entrySet().stream()
            .map(e -> e.getKey().key() + " (" + Hyperparameter.text(e.getValue()) + ")")
            .collect(Collectors.joining(", "));
  }
}
