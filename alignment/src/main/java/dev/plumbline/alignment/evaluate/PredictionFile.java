package dev.plumbline.alignment.evaluate;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes the responses and the assessment of a model, one row per problem. */
public final class PredictionFile {
  private PredictionFile() {}

  /** Writes generated responses; if a problem has several, the first one. */
  public static void write(
      Path file, List<Problem> problems, List<List<ProblemSampler.Solution>> solutions) {
    List<ObjectNode> rows = new ArrayList<>();
    for (int i = 0; i < problems.size(); i++) {
      ProblemSampler.Solution s = solutions.get(i).get(0);
      ObjectNode row = row(problems.get(i), problems.get(i).solution());
      row.put("response", s.text());
      row.put("correct", s.grade().correct());
      row.put("extracted", s.grade().extracted());
      row.put("finish_reason", s.sample().reason().name().toLowerCase(Locale.ROOT));
      rows.add(row);
    }
    Jsonl.write(file, rows);
  }

  /** Writes the choices of {@link LetterScorer}. */
  public static void writeLetters(
      Path file, List<Problem> problems, List<LetterScorer.Choice> choices) {
    List<ObjectNode> rows = new ArrayList<>();
    for (int i = 0; i < problems.size(); i++) {
      LetterScorer.Choice choice = choices.get(i);
      ObjectNode row = row(problems.get(i), problems.get(i).answer());
      row.put("response", "The answer is " + choice.letter());
      row.put("correct", choice.correct());
      row.set("logps", Jsonl.mapper().valueToTree(choice.logProbs()));
      rows.add(row);
    }
    Jsonl.write(file, rows);
  }

  /** Writes won pairs and all pairs of each question of a candidates file, in its order. */
  public static void writeAssessment(Path file, Assessment assessment) {
    List<ObjectNode> rows = new ArrayList<>();
    for (int q = 0; q < assessment.pairs().length; q++) {
      ObjectNode row = Jsonl.mapper().createObjectNode();
      row.put("won", assessment.won()[q]);
      row.put("pairs", assessment.pairs()[q]);
      rows.add(row);
    }
    Jsonl.write(file, rows);
  }

  private static ObjectNode row(Problem problem, String answer) {
    ObjectNode row = Jsonl.mapper().createObjectNode();
    row.put("id", problem.id());
    row.put("question", problem.question());
    row.put("answer", answer);
    return row;
  }
}
