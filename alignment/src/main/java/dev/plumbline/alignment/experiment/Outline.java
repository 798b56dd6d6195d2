package dev.plumbline.alignment.experiment;

import java.util.List;

/**
 * What a part will measure, known before the first step.
 *
 * @param arms ids of the arms that it evaluates
 * @param comparisons of arms, which may be those of other parts
 * @param quantities ids of the quantities that it measures
 * @param sweeps ids of the sweeps that it measures
 * @param claims decided by the arms and quantities of any part
 */
public record Outline(
    List<String> arms,
    List<Pair> comparisons,
    List<String> quantities,
    List<String> sweeps,
    List<Claim> claims) {

  /**
   * The same where some arms are not trained: comparisons of the others, and claims about missing
   * arms or quantities as not run.
   */
  public Outline ofDeclared() {
    return new Outline(
        arms,
        comparisons.stream().filter(this::declares).toList(),
        quantities,
        sweeps,
        claims.stream()
            .map(c -> declares(c.criterion()) ? c : Claim.leftOut(c.text(), c.source()))
            .toList());
  }

  private boolean declares(Pair pair) {
    return arms.containsAll(List.of(pair.first(), pair.second()));
  }

  private boolean declares(Criterion criterion) {
    return criterion.comparison().stream().allMatch(this::declares)
        && quantities.containsAll(criterion.quantity().stream().toList());
  }

  /** A part that evaluates no arm. */
  public static Outline of(List<String> quantities, List<Claim> claims) {
    return new Outline(List.of(), List.of(), quantities, List.of(), claims);
  }

  /** A part that compares arms and measures quantities of them. */
  public static Outline of(
      List<String> arms, List<Pair> comparisons, List<String> quantities, List<Claim> claims) {
    return new Outline(arms, comparisons, quantities, List.of(), claims);
  }
}
