package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.report.chart.Case;
import dev.plumbline.alignment.report.page.Numbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** A study in words and short figures, each of them decided by its figures. */
final class StudySummary {
  private static final String SAMPLED =
      "Sampled accuracy: share of correct answers sampled at temperature 1. ";
  private static final String ASSESSMENT =
      "Assessment accuracy: share of right-wrong pairs of candidates to the same question in which the right one scores higher, "
          + "on the training questions (learned) and on held-out ones; 50\u00a0% is guessing. ";

  /** What the columns of an arm mean. */
  static String figures(List<Study.Table> tables) {
    return "Accuracy: share of held-out questions that the greedy answer solves, mean over seeds. "
        + (tables.stream().anyMatch(Study.Table::sampled) ? SAMPLED : "")
        + (tables.stream().anyMatch(table -> !table.assessed().isEmpty()) ? ASSESSMENT : "")
        + "Reference perplexity: exp of the mean negative log-probability of held-out reference tokens, lower is better. "
        + "Repetition: share of greedy answers that repeat a 4-gram more than four times or run into the token limit. Brackets "
        + "hold 95\u00a0% intervals over questions and seeds; \u00b1 is the sample standard deviation over seeds.";
  }

  /** The columns of a comparison. */
  static final List<String> COMPARED =
      List.of(
          "First",
          "Second",
          "Measure",
          "Difference, points",
          "sd over seeds",
          "p",
          "Corrected p",
          "Outcome");

  /** What the columns of a comparison mean. */
  static final String COMPARISONS =
      "The difference is the second's accuracy less the first's, paired by question and by seed, with a 95\u00a0% t interval for new "
          + "questions and new seeds; with one seed, for new questions only. Corrected p: primary comparisons are tested in their "
          + "order, each at 5\u00a0%, up to the first that is not significant; all other tests of this study, among them those of "
          + "claims that are no comparison of arms, are one family under Holm's correction. \u201cSmaller than 1 point\u201d: not "
          + "significant, and two one-sided tests at 5\u00a0% exclude a difference of a point or more. \u201cUndecided\u201d: neither.";

  private StudySummary() {}

  /** How many of the claims came out how. */
  static String lead(List<Study.Claim> claims) {
    if (claims.isEmpty()) {
      return "No claim was tested, so nothing is said about the paper.";
    }
    List<String> counts = new ArrayList<>();
    for (Study.Verdict verdict : Study.Verdict.values()) {
      int n = with(verdict, claims).size();
      if (n > 0) {
        String verb =
            verdict == Study.Verdict.NOT_RUN ? (n == 1 ? "was" : "were") : n == 1 ? "is" : "are";
        counts.add(n + " " + verb + " " + verdict.words());
      }
    }
    return "Of "
        + claims.size()
        + (claims.size() == 1 ? " claim, " : " claims, ")
        + Numbers.join(counts)
        + ".";
  }

  /** The number of claims by verdict, for the end. */
  static String count(List<Study.Claim> claims) {
    List<String> counts = new ArrayList<>();
    for (Study.Verdict verdict : Study.Verdict.values()) {
      counts.add(with(verdict, claims).size() + " " + verdict.words());
    }
    return "Verdicts: " + String.join(", ", counts) + ".";
  }

  /** A claim as tables name it. */
  static String claim(Study.Claim claim) {
    return (claim.primary() ? "Primary: " : "") + claim.claim();
  }

  /** The claims of a verdict, named. */
  static String names(Study.Verdict verdict, List<Study.Claim> claims) {
    return String.join("; ", with(verdict, claims).stream().map(StudySummary::name).toList()) + ".";
  }

  private static String name(Study.Claim claim) {
    return claim.claim().strip().replaceAll("[.\\s]+$", "");
  }

  /** The claims of a verdict. */
  static List<Study.Claim> with(Study.Verdict verdict, List<Study.Claim> claims) {
    return claims.stream().filter(claim -> claim.verdict() == verdict).toList();
  }

  /** A sign that reads without colour. */
  static String symbol(Study.Verdict verdict) {
    return switch (verdict) {
      case REPRODUCED -> "\u2713";
      case CONTRADICTED -> "\u2717";
      case SMALLER -> "\u2248";
      case UNDECIDED -> "?";
      case NOT_RUN -> "\u2013";
    };
  }

  /** Mean and sample standard deviation over seeds; no deviation of one seed. */
  static String seeds(List<Study.Seed> seeds) {
    if (seeds.size() < 2) {
      return seeds.isEmpty() ? "" : "1 seed";
    }
    double[] accuracies = seeds.stream().mapToDouble(Study.Seed::accuracy).toArray();
    return Numbers.percent(Numbers.mean(accuracies))
        + " \u00b1 "
        + deviation(seeds)
        + " over "
        + seeds.size()
        + " seeds";
  }

  /** The sample standard deviation of accuracy over seeds, in points. */
  static String deviation(List<Study.Seed> seeds) {
    double[] accuracies =
        seeds.stream().mapToDouble(Study.Seed::accuracy).filter(Double::isFinite).toArray();
    double mean = Numbers.mean(accuracies);
    double squares = Arrays.stream(accuracies).map(a -> (a - mean) * (a - mean)).sum();
    return accuracies.length < 2
        ? Numbers.NONE
        : Numbers.percent(Math.sqrt(squares / (accuracies.length - 1)));
  }

  /** Mean training time per seed. */
  static String training(List<Study.Seed> seeds) {
    double[] seconds = seeds.stream().mapToDouble(Study.Seed::trainSeconds).toArray();
    double mean = Numbers.mean(seconds);
    return seeds.isEmpty() ? "none" : Numbers.duration(mean);
  }

  /** How many of a case's right-wrong pairs a model orders correctly. */
  static String order(Case question, int model) {
    int won = 0;
    int pairs = 0;
    for (Case.Scored right : question.candidates()) {
      for (Case.Scored wrong : question.candidates()) {
        if (right.correct() && !wrong.correct()) {
          pairs++;
          won += right.scores().get(model) > wrong.scores().get(model) ? 1 : 0;
        }
      }
    }
    return won + " of " + pairs;
  }

  /** The place of a candidate under a model; those with the same score share it. */
  static int place(Case question, int model, Case.Scored candidate) {
    double score = candidate.scores().get(model);
    return 1
        + (int) question.candidates().stream().filter(c -> c.scores().get(model) > score).count();
  }

  /** The candidates by falling score under a model; those without a score last. */
  static List<Case.Scored> ranking(Case question, int model) {
    return question.candidates().stream()
        .sorted(
            Comparator.comparingDouble(
                c -> {
                  double score = c.scores().get(model);
                  return Double.isNaN(score) ? Double.POSITIVE_INFINITY : -score;
                }))
        .toList();
  }
}
