package dev.plumbline.alignment.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.report.study.Study.Outcome;
import dev.plumbline.alignment.report.study.Study.Verdict;
import dev.plumbline.alignment.statistics.Interval;
import dev.plumbline.alignment.statistics.PairedComparison;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionRuleTest {
  @ParameterizedTest
  @CsvSource({
    // p, b, c, estimate, low, high, outcome
    "0.049, 1, 9, 0.03, 0.001, 0.06, MORE",
    "0.049, 9, 1, -0.03, -0.06, -0.001, LESS",
    "0.05, 1, 9, 0.03, 0.001, 0.06, UNDECIDED", // p must be below 0.05
    "0.051, 1, 9, 0.03, 0.001, 0.06, UNDECIDED",
    "0.049, 1, 9, 0.03, 0.0, 0.06, UNDECIDED", // the interval holds 0
    "0.001, 9, 1, 0.03, 0.001, 0.06, UNDECIDED", // majority and mean of the seeds disagree
    "0.001, 5, 5, 0.03, 0.001, 0.06, UNDECIDED",
    "NaN, 1, 9, 0.03, 0.001, 0.06, UNKNOWN",
    "0.001, 1, 9, NaN, NaN, NaN, UNKNOWN"
  })
  void anOutcomeNeedsTestIntervalAndDirection(
      double p, int b, int c, double estimate, double low, double high, Outcome outcome) {
    PairedComparison compared = new PairedComparison(b, c, p, new Interval(estimate, low, high));
    assertThat(DecisionRule.outcome(p, compared)).isEqualTo(outcome);
  }

  @ParameterizedTest
  @CsvSource({
    "MORE, REPRODUCED, NOT_REPRODUCED",
    "LESS, NOT_REPRODUCED, REPRODUCED",
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
    "0.95, 0.92, 0.98, REPRODUCED, REPRODUCED, NOT_REPRODUCED",
    "0.90, 0.85, 0.95, REPRODUCED, UNDECIDED, UNDECIDED",
    "0.50, 0.40, 0.60, REPRODUCED, NOT_REPRODUCED, REPRODUCED",
    "0.00, -0.1, 0.10, UNDECIDED, NOT_REPRODUCED, REPRODUCED",
    "-0.5, -0.6, -0.4, NOT_REPRODUCED, NOT_REPRODUCED, REPRODUCED",
    "0.70, NaN, NaN, UNDECIDED, UNDECIDED, UNDECIDED",
    "NaN, NaN, NaN, NOT_RUN, NOT_RUN, NOT_RUN"
  })
  void aQuantityCountsWhenItsIntervalLiesOnOneSide(
      double estimate, double low, double high, Verdict above, Verdict least, Verdict below) {
    Interval value = new Interval(estimate, low, high);
    assertThat(DecisionRule.aboveZero(value)).isEqualTo(above);
    assertThat(DecisionRule.atLeast(value, 0.9)).isEqualTo(least);
    assertThat(DecisionRule.below(value, 0.9)).isEqualTo(below);
  }
}
