package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.generate.DrawnSolution;
import dev.plumbline.alignment.generate.SteppedSolution;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Converts pairs to training rows (SCDPO, section 3.2). In a step-controlled pair, the question and
 * the common steps are the prompt, so that the loss covers only the tokens after the cut.
 *
 * @param tokenizer tokenizer of the model that sampled the pairs
 * @param segmentation what a step is
 * @param scoreOutputs whether outputs of code are trained on.
 *     <p>Deviation: the released code trains on them; the default is false
 */
public record PairRows(Tokenizer tokenizer, Segmentation segmentation, boolean scoreOutputs) {
  /** Pairs the correct solution of a question with each of its first {@code wrong} wrong ones. */
  public List<PreferencePair> naive(NaivePairs.Question question, int wrong) {
    List<PreferencePair> rows = new ArrayList<>();
    if (question.right() != null) {
      for (DrawnSolution w :
          question.wrong().subList(0, Math.min(wrong, question.wrong().size()))) {
        rows.add(pair(question.problem(), steps(question.right().ids()), steps(w.ids()), 0));
      }
    }
    return rows;
  }

  /** Pairs a correct solution with its wrong continuation. */
  public PreferencePair stepControlled(Problem problem, StepControl.Negative negative) {
    return pair(problem, negative.right(), steps(negative.wrong().ids()), negative.cut());
  }

  private SteppedSolution steps(int[] ids) {
    return SteppedSolution.of(ids, tokenizer, segmentation);
  }

  private PreferencePair pair(
      Problem problem, SteppedSolution right, SteppedSolution wrong, int cut) {
    int[] question = tokenizer.encodePrompt(problem.prompt());
    int[] prompt = Arrays.copyOf(question, question.length + cut);
    System.arraycopy(right.ids(), 0, prompt, question.length, cut);
    String prefix = tokenizer.decode(Arrays.copyOf(right.ids(), cut));
    return new PreferencePair(
        new TokenText(problem.prompt() + prefix, prompt),
        right.after(cut, tokenizer, scoreOutputs),
        wrong.after(cut, tokenizer, scoreOutputs),
        null,
        null);
  }
}
