package dev.plumbline.alignment.evaluate;

import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.graph.Scorer;
import dev.plumbline.transformer.graph.TokenTree;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Multiple choice without reasoning, as for MMLU (Hendrycks et al. 2021): the answer is the option
 * whose letter has the highest log-probability after the prompt's {@code Answer:}. Ties go to the
 * first option.
 */
public final class LetterScorer {
  private LetterScorer() {}

  /**
   * The choice for one problem.
   *
   * @param letter the most probable letter
   * @param correct whether it is the correct letter
   * @param logProbs log P(letter | prompt) by option, in nats
   */
  public record Choice(String letter, boolean correct, double[] logProbs) {}

  /**
   * Scores every option of every problem.
   *
   * @throws UserError when a problem has no options
   */
  public static List<Choice> score(Checkpoint checkpoint, List<Problem> problems, OpMode ops) {
    return score(checkpoint, problems, ops, Scorer::score);
  }

  /**
   * The same with a scorer, which may save its scores.
   *
   * @throws UserError when a problem has no options
   */
  public static List<Choice> score(
      Checkpoint checkpoint, List<Problem> problems, OpMode ops, Scorer.Trees scorer) {
    List<TokenTree> trees = new ArrayList<>();
    for (Problem p : problems) {
      if (p.options().isEmpty()) {
        throw new UserError(
            "Problem "
                + p.id()
                + " has no options; letters can be scored only for multiple choice.");
      }
      List<int[]> letters = new ArrayList<>();
      for (int i = 0; i < p.options().size(); i++) {
        int[] ids = checkpoint.tokenizer().encodeResponse(p.prompt(), " " + letter(i));
        letters.add(Arrays.copyOf(ids, ids.length - 1)); // without the end of text
      }
      trees.add(new TokenTree(checkpoint.tokenizer().encodePrompt(p.prompt()), letters));
    }
    List<Choice> choices = new ArrayList<>();
    List<List<float[]>> scored = scorer.score(checkpoint.weights(), ops, trees);
    for (int q = 0; q < problems.size(); q++) {
      double[] logProbs = scored.get(q).stream().mapToDouble(LetterScorer::sum).toArray();
      int best = 0;
      for (int i = 1; i < logProbs.length; i++) {
        best = logProbs[i] > logProbs[best] ? i : best;
      }
      String letter = letter(best);
      choices.add(new Choice(letter, letter.equals(problems.get(q).answer()), logProbs));
    }
    return choices;
  }

  private static String letter(int option) {
    return String.valueOf((char) ('A' + option));
  }

  private static double sum(float[] logProbs) {
    double sum = 0;
    for (float logProb : logProbs) {
      sum += logProb;
    }
    return sum;
  }
}
