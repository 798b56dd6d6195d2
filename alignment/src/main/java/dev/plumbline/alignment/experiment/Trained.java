package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.report.study.Study;
import java.nio.file.Path;
import java.util.List;

/**
 * An arm after training and evaluation.
 *
 * @param label its name in tables
 * @param description how it differs from the other arms
 * @param seeds of its runs; empty for the start, which is not trained
 * @param models one per seed
 * @param evaluations one per seed, or that of the start
 */
public record Trained(
    String label,
    String description,
    List<Long> seeds,
    List<Path> models,
    List<Evaluation> evaluations) {

  /** The model that all arms start from. */
  public static Trained start(String label, Evaluation evaluation) {
    return new Trained(
        label,
        "the fine-tuned model that all arms start from",
        List.of(),
        List.of(),
        List.of(evaluation));
  }

  /** Its row in a table of arms. */
  public Study.Arm row() {
    return StudyStatistics.arm(label, evaluations, description, seeds, models);
  }
}
