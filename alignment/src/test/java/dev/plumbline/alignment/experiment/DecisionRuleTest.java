package dev.plumbline.alignment.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.Study.Outcome;
import dev.plumbline.alignment.report.study.Study.Verdict;
import dev.plumbline.alignment.statistics.Clustered;
import dev.plumbline.alignment.statistics.Interval;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionRuleTest {
  /** Of 1000 questions and {@code seeds} seeds, half a 95 % interval being about two errors. */
  private static Clustered difference(int seeds, double estimate, double ofSeeds, double error) {
    double half = 1.96 * Math.hypot(error, ofSeeds);
    return new Clustered(
        seeds,
        1000,
        1,
        new Interval(estimate, estimate - half, estimate + half),
        0.04,
        seeds < 2 ? Double.NaN : 0.004,
        new Clustered.Variance(error * error, ofSeeds * ofSeeds, 999));
  }

  @ParameterizedTest
  @CsvSource({
    // corrected p, estimate, standard error, outcome
    "0.049, 0.030, 0.010, MORE",
    "0.049, -0.03, 0.010, LESS",
    "0.049, 0.002, 0.001, MORE", // significant and small: the sign is what the claim is about
    "0.050, 0.030, 0.010, UNDECIDED", // p must be below 0.05
    "0.300, 0.002, 0.004, SMALLER", // (0.01 - 0.002) / 0.004 = 2, above 1.65
    "0.300, -0.002, 0.004, SMALLER",
    "0.300, 0.002, 0.005, UNDECIDED", // 1.6, below 1.65
    "0.300, -0.002, 0.005, UNDECIDED",
    "0.300, 0.012, 0.001, UNDECIDED", // beyond a point
    "NaN, 0.030, 0.010, UNKNOWN"
  })
  void anOutcomeNeedsSignificanceOrEquivalence(
      double p, double estimate, double error, Outcome outcome) {
    assertThat(DecisionRule.outcome(p, difference(1, estimate, 0, error))).isEqualTo(outcome);
  }

  @ParameterizedTest
  @CsvSource({
    "MORE, REPRODUCED, CONTRADICTED",
    "LESS, CONTRADICTED, REPRODUCED",
    "SMALLER, SMALLER, SMALLER",
    "UNDECIDED, UNDECIDED, UNDECIDED",
    "UNKNOWN, NOT_RUN, NOT_RUN"
  })
  void aClaimOfMoreOrFewerFollowsTheOutcome(Outcome outcome, Verdict more, Verdict fewer) {
    assertThat(DecisionRule.more(outcome)).isEqualTo(more);
    assertThat(DecisionRule.fewer(outcome)).isEqualTo(fewer);
  }

  @ParameterizedTest
  @CsvSource({
    // estimate, low, high, above 0, at least 0.9, below 0.9
    "0.95, 0.92, 0.98, REPRODUCED, REPRODUCED, CONTRADICTED",
    "0.90, 0.85, 0.95, REPRODUCED, UNDECIDED, UNDECIDED",
    "0.50, 0.40, 0.60, REPRODUCED, CONTRADICTED, REPRODUCED",
    "0.00, -0.1, 0.10, UNDECIDED, CONTRADICTED, REPRODUCED",
    "-0.5, -0.6, -0.4, CONTRADICTED, CONTRADICTED, REPRODUCED",
    "0.70, NaN, NaN, UNDECIDED, UNDECIDED, UNDECIDED",
    "NaN, NaN, NaN, NOT_RUN, NOT_RUN, NOT_RUN"
  })
  void aCorrelationOrThresholdCountsWhenItsIntervalLiesOnOneSide(
      double estimate, double low, double high, Verdict above, Verdict least, Verdict below) {
    Interval value = new Interval(estimate, low, high);
    assertThat(DecisionRule.aboveZero(value)).isEqualTo(above);
    assertThat(DecisionRule.atLeast(value, 0.9)).isEqualTo(least);
    assertThat(DecisionRule.below(value, 0.9)).isEqualTo(below);
  }

  private static String sentence(Clustered d, boolean primary, double p, double level) {
    Study.Tested tested = new Study.Tested(d, primary, p, level, DecisionRule.outcome(p, d));
    return DecisionRule.sentence("VFT", "AFT", "greedy accuracy", tested);
  }

  @Test
  void aDecidedDifferenceSaysItsFigures() {
    assertThat(sentence(difference(3, 0.03, 0, 0.01), true, 0.0123, 0.05))
        .isEqualTo(
            "AFT against VFT: +3.0 points (+1.0 to +5.0) of greedy accuracy; p 0.0123 (primary); sd over 3 seeds 0.4 points.");
    assertThat(sentence(difference(1, 0.002, 0, 0.004), false, 0.6, 0.01))
        .isEqualTo(
            "AFT against VFT: +0.2 points (-0.6 to +1.0) of greedy accuracy; p 0.600 (Holm); one seed, so this holds for it only.");
  }

  /** 1000 ((1.96 + 0.8416) 0.01 / 0.01)^2 = 7849; a level of 0.001 takes 17,075. */
  @Test
  void anUndecidedOneSaysWhatItWouldTake() {
    assertThat(sentence(difference(3, 0.01, 0, 0.01), true, 0.3, 0.03))
        .endsWith("It would take about 9,100 questions to tell it from 0.");
    assertThat(sentence(difference(3, 0.01, 0, 0.01), false, 0.3, 0.001))
        .endsWith("It would take about 18,000 questions to tell it from 0.");
    assertThat(sentence(difference(3, 0.005, 0, 0.01), false, 0.9, 0.03))
        .endsWith(
            "about 37,000 questions to tell it from 0, or about 35,000 questions to show that it is below 1 point.");
    assertThat(sentence(difference(3, 0, 0, 0.01), false, 0.9, 0.03))
        .endsWith("It would take about 8,600 questions to show that it is below 1 point.");
    assertThat(sentence(difference(3, 0.00001, 0, 0.01), false, 0.9, 0.03))
        .contains("over a million questions to tell it from 0");
    assertThat(sentence(difference(3, 0.01, 0.02, 0.01), false, 0.9, 0.03))
        .endsWith("More seeds are needed; more questions alone would not decide it.");
  }

  @Test
  void aPrimaryOneAfterAFailedOneSaysSo() {
    Clustered failed =
        new Clustered(2, 1000, 1, new Interval(0.02, -0.01, 0.05), 0.2, 0.01, variance());
    Clustered after =
        new Clustered(2, 1000, 1, new Interval(0.05, 0.02, 0.08), 0.001, 0.01, variance());
    List<Study.Tested> tested =
        DecisionRule.decide(List.of(after, failed, after), new int[] {1, 0});
    assertThat(tested).extracting(Study.Tested::p).containsExactly(0.2, 0.2, 0.001);
    assertThat(tested).extracting(Study.Tested::primary).containsExactly(true, true, false);
    assertThat(tested)
        .extracting(Study.Tested::outcome)
        .containsExactly(Outcome.UNDECIDED, Outcome.UNDECIDED, Outcome.MORE);
    assertThat(DecisionRule.sentence("a", "b", "accuracy", tested.get(0)))
        .endsWith("Its own p is 0.0010, but an earlier primary claim is not significant.");
  }

  private static Clustered.Variance variance() {
    return new Clustered.Variance(2e-4, 1e-5, 20);
  }
}
