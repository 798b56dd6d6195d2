package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Votes;
import dev.plumbline.alignment.experiment.StudyStatistics;
import dev.plumbline.alignment.report.Study;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Self-consistency of some arms as a curve. */
final class AftVotes {
  private AftVotes() {}

  /** The curve of majority votes. */
  static Study.Curve curve(Map<String, Votes> votes) {
    int most = votes.values().iterator().next().solved().length;
    List<Study.Line> lines = new ArrayList<>();
    votes.forEach((name, v) -> lines.add(line(name + ", maj@k", v.solved())));
    votes.forEach((name, v) -> lines.add(line(name + ", pass@k", v.passed())));
    return new Study.Curve(
        "self-consistency",
        "Self-consistency",
        "Held-out questions solved by the majority of k sampled answers (maj@k, mean over "
            + Votes.ORDERS
            + " orders of the samples) and by at least one of them (unbiased pass@k); temperature 0.7, first seed of each arm, "
            + "95 % bootstrap over questions.",
        "samples (k)",
        "questions solved, %",
        Votes.counts(1 << (most - 1)).stream().map(k -> Integer.toString(k)).toList(),
        lines);
  }

  private static Study.Line line(String name, double[][] byCount) {
    return new Study.Line(
        name, Arrays.stream(byCount).map(values -> StudyStatistics.mean(values, name)).toList());
  }
}
