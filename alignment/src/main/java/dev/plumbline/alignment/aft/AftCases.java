package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.evaluate.Assessment;
import dev.plumbline.alignment.experiment.Trained;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.report.chart.Case;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.TrainingRow;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Case studies: training questions of which the first model scores a wrong candidate highest and
 * the last model a right one.
 */
final class AftCases {
  private static final int CASES = 3;

  private final List<Problem> problems;
  private final Path learned;
  private final int maxTokens;

  /** Reads the candidates of a file, whose rows are the first of {@code problems}. */
  AftCases(List<Problem> problems, Path learned, int maxTokens) {
    this.problems = problems;
    this.learned = learned;
    this.maxTokens = maxTokens;
  }

  /**
   * Finds the first cases.
   *
   * @param arms of which the first seed is shown; the misjudging one first and the repaired last
   */
  List<Case> find(List<Trained> arms) {
    List<TrainingRow> rows = TrainingRows.read(learned);
    List<List<List<Double>>> scores = new ArrayList<>(); // [model][question][candidate]
    Map<String, Path> models = new LinkedHashMap<>();
    for (Trained arm : arms) {
      scores.add(scores(rows, arm.evaluations().get(0).learned()));
      models.put(arm.label(), arm.models().get(0));
    }
    List<Integer> found =
        IntStream.range(0, rows.size())
            .filter(q -> !bestIsRight(rows.get(q), scores.get(0).get(q)))
            .filter(q -> bestIsRight(rows.get(q), scores.get(scores.size() - 1).get(q)))
            .limit(CASES)
            .boxed()
            .toList();
    Map<String, List<Case.Answer>> answers = answers(models, found);
    List<Case> cases = new ArrayList<>();
    for (int n = 0; n < found.size(); n++) {
      int q = found.get(n);
      int place = n;
      List<Case.Scored> candidates = new ArrayList<>();
      List<Candidate> own = ((CandidateGroup) rows.get(q)).candidates();
      for (int i = 0; i < own.size(); i++) {
        int candidate = i;
        candidates.add(
            new Case.Scored(
                own.get(i).response().text().strip(),
                own.get(i).correct(),
                scores.stream().map(model -> model.get(q).get(candidate)).toList()));
      }
      cases.add(
          new Case(
              problems.get(q).question(),
              problems.get(q).solution(),
              answers.values().stream().map(all -> all.get(place)).toList(),
              List.copyOf(models.keySet()),
              candidates));
    }
    return cases;
  }

  /** The assessment's scores, in its order, by question and candidate. */
  private static List<List<Double>> scores(List<TrainingRow> rows, Assessment assessment) {
    List<List<Double>> all = new ArrayList<>();
    int positive = 0;
    int negative = 0;
    for (TrainingRow row : rows) {
      List<Double> own = new ArrayList<>();
      for (Candidate c : ((CandidateGroup) row).candidates()) {
        own.add(
            c.correct() ? assessment.positive()[positive++] : assessment.negative()[negative++]);
      }
      all.add(own);
    }
    return all;
  }

  /** Whether the highest score is a right candidate's; false without both kinds. */
  private static boolean bestIsRight(TrainingRow row, List<Double> scores) {
    List<Candidate> candidates = ((CandidateGroup) row).candidates();
    return best(candidates, scores, true) > best(candidates, scores, false);
  }

  private static double best(List<Candidate> candidates, List<Double> scores, boolean correct) {
    return IntStream.range(0, candidates.size())
        .filter(i -> candidates.get(i).correct() == correct)
        .mapToDouble(scores::get)
        .max()
        .orElse(correct ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY);
  }

  private Map<String, List<Case.Answer>> answers(Map<String, Path> models, List<Integer> found) {
    Map<String, List<Case.Answer>> answers = new LinkedHashMap<>();
    List<Problem> shown = found.stream().map(problems::get).toList();
    for (Map.Entry<String, Path> model : models.entrySet()) {
      List<Case.Answer> own = new ArrayList<>();
      if (!shown.isEmpty()) {
        try (Checkpoint checkpoint = Checkpoint.read(model.getValue())) {
          ProblemSampler.solve(
                  checkpoint,
                  shown,
                  1,
                  SamplingOptions.greedy(maxTokens),
                  0,
                  OpMode.FUSED,
                  done -> {})
              .forEach(
                  one ->
                      own.add(
                          new Case.Answer(
                              model.getKey(),
                              one.get(0).text().strip(),
                              one.get(0).grade().correct())));
        }
      }
      answers.put(model.getKey(), own);
    }
    return answers;
  }
}
