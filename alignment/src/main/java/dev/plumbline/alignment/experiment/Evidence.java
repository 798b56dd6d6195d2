package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Interval;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What claims are decided by.
 *
 * @param comparisons of arms, in the order of declaration
 * @param quantities by id
 * @param sweeps by id
 * @param tests of criteria that read no comparison of arms, corrected together with these
 */
public record Evidence(
    Map<Pair, Study.Comparison> comparisons,
    Map<String, Quantity> quantities,
    Map<String, Sweep> sweeps,
    Map<Criterion, Study.Tested> tests) {

  /**
   * A figure with its interval.
   *
   * @param value NaN where nothing could be measured
   * @param difference the same as a tested difference of shares; empty for other figures
   * @param found the figure in a sentence
   */
  public record Quantity(Interval value, Optional<Clustered> difference, String found) {}

  /**
   * Models of a method over a swept setting.
   *
   * @param label name of the method and the symbol of the setting, such as {@code AFT-BC, k = }
   * @param settings in their order
   */
  public record Sweep(String label, List<Swept> settings) {}

  /** A value of a swept setting with its models' evaluations, one per seed. */
  public record Swept(String setting, List<Evaluation> seeds) {}

  /** Tests everything that is declared, and corrects all tests together. */
  static Evidence of(List<Pair> pairs, List<Claim> claims, Findings findings) {
    Map<Object, Clustered> differences = new LinkedHashMap<>(); // by pair, then by criterion
    for (Pair pair : pairs) {
      List<Evaluation> first = findings.arms.get(pair.first()).seeds();
      List<Evaluation> second = findings.arms.get(pair.second()).seeds();
      differences.put(pair, StudyStatistics.compare(first, second, pair.measure()));
    }
    for (Claim claim : claims) {
      claim
          .criterion()
          .difference(findings)
          .ifPresent(own -> differences.put(claim.criterion(), own));
    }
    List<Object> keys = List.copyOf(differences.keySet());
    List<Study.Tested> tested =
        DecisionRule.decide(List.copyOf(differences.values()), primary(claims, keys));
    Map<Pair, Study.Comparison> comparisons = new LinkedHashMap<>();
    Map<Criterion, Study.Tested> tests = new LinkedHashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      if (keys.get(i) instanceof Pair pair) {
        comparisons.put(pair, comparison(pair, findings, tested.get(i)));
      } else {
        tests.put((Criterion) keys.get(i), tested.get(i));
      }
    }
    return new Evidence(comparisons, findings.quantities, findings.sweeps, tests);
  }

  /** Indices of the tests of the primary claims, in their order. */
  private static int[] primary(List<Claim> claims, List<Object> keys) {
    return claims.stream()
        .filter(Claim::primary)
        .map(Claim::criterion)
        .map(own -> own.comparison().<Object>map(pair -> pair).orElse(own))
        .mapToInt(keys::indexOf)
        .filter(i -> i >= 0) // a criterion without a test
        .distinct()
        .toArray();
  }

  private static Study.Comparison comparison(Pair pair, Findings findings, Study.Tested tested) {
    return new Study.Comparison(
        findings.arms.get(pair.first()).label(),
        findings.arms.get(pair.second()).label(),
        pair.measure().label(),
        tested);
  }
}
