package dev.plumbline.alignment.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.evaluate.Evaluation;
import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.run.RunFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

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
    List<Study.Seed> runs = new ArrayList<>();
    for (int s = 0; s < models.size(); s++) {
      JsonNode result = RunFiles.readJson(models.get(s).resolve("result.json"));
      runs.add(
          new Study.Seed(
              seeds.get(s),
              evaluations.get(s).accuracy(),
              evaluations.get(s).sampledAccuracy(),
              result.path("wall_seconds").asDouble(),
              result.path("last_loss").asDouble()));
    }
    return new Study.Arm(
        label,
        description,
        runs,
        new Study.Accuracy(
            StudyStatistics.accuracy(evaluations),
            StudyStatistics.accuracy(evaluations, Measure.SAMPLED)),
        new Study.Assessed(
            StudyStatistics.assessment(evaluations, Evaluation::learned),
            StudyStatistics.assessment(evaluations, Evaluation::heldOut)),
        mean(Evaluation::perplexity),
        mean(Evaluation::repetitionRate));
  }

  private double mean(ToDoubleFunction<Evaluation> figure) {
    return evaluations.stream().mapToDouble(figure).average().orElse(Double.NaN);
  }
}
