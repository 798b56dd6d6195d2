package dev.plumbline.alignment.evaluate;

import dev.plumbline.alignment.sample.ProblemSampler;
import dev.plumbline.alignment.sample.Repetition;
import dev.plumbline.data.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.Checkpoint;
import dev.plumbline.transformer.SamplingOptions;
import dev.plumbline.transformer.Scorer;
import dev.plumbline.transformer.TokenTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Measures models on one set of questions.
 *
 * @param problems held-out questions
 * @param learned candidates file of training questions
 * @param heldOut candidates file of held-out questions
 * @param maxTokens most tokens of an answer
 * @param ops which operations
 */
public record Evaluator(
    List<Problem> problems, Path learned, Path heldOut, int maxTokens, OpMode ops) {

  /** Evaluates one model; {@code progress} hears of each solved question. */
  public Evaluation evaluate(Checkpoint checkpoint, IntConsumer progress) {
    List<Evaluation.Answer> answers = new ArrayList<>();
    for (List<ProblemSampler.Solution> one :
        ProblemSampler.solve(
            checkpoint, problems, 1, SamplingOptions.greedy(maxTokens), 0, ops, progress)) {
      ProblemSampler.Solution s = one.get(0);
      answers.add(
          new Evaluation.Answer(
              s.text().strip(), s.grade().correct(), Repetition.degenerate(s.sample())));
    }
    return new Evaluation(
        answers,
        perplexity(checkpoint, problems, ops),
        Assessor.assess(checkpoint, learned, ops),
        Assessor.assess(checkpoint, heldOut, ops));
  }

  /** exp of the mean negative log-probability of the reference solutions' tokens. */
  public static double perplexity(Checkpoint checkpoint, List<Problem> problems, OpMode ops) {
    List<TokenTree> trees = new ArrayList<>();
    for (Problem p : problems) {
      trees.add(
          new TokenTree(
              checkpoint.tokenizer().encodePrompt(p.prompt()),
              List.of(checkpoint.tokenizer().encodeResponse(p.target()))));
    }
    double sum = 0;
    long tokens = 0;
    for (List<float[]> tree : Scorer.score(checkpoint.weights(), ops, trees)) {
      for (float logProb : tree.get(0)) {
        sum += logProb;
        tokens++;
      }
    }
    return Math.exp(-sum / tokens);
  }
}
