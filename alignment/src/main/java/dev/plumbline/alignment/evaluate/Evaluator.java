package dev.plumbline.alignment.evaluate;

import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.alignment.generate.PlainGenerator;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.alignment.generate.Repetition;
import dev.plumbline.alignment.generate.SteppedSolution;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import dev.plumbline.transformer.graph.Scorer;
import dev.plumbline.transformer.graph.TokenTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * Measures models on one set of questions.
 *
 * @param problems held-out questions
 * @param learned candidates file of training questions, or null for no assessment
 * @param heldOut candidates file of held-out questions, or null for no assessment
 * @param solvers creates the generator for a model
 * @param ops fused or composed operations for scoring
 * @param samples responses to each question at temperature 1, beside the greedy one; 0 for none
 */
public record Evaluator(
    List<Problem> problems,
    Path learned,
    Path heldOut,
    Function<Checkpoint, Generator> solvers,
    OpMode ops,
    int samples) {
  /** Seed of the samples: the same for every model, and another than that of candidates. */
  private static final long SEED = 2;

  /** Creates an evaluator that draws no samples. */
  public Evaluator(
      List<Problem> problems,
      Path learned,
      Path heldOut,
      Function<Checkpoint, Generator> solvers,
      OpMode ops) {
    this(problems, learned, heldOut, solvers, ops, 0);
  }

  /**
   * Creates an evaluator whose responses come from the model alone, with at most {@code maxTokens}
   * tokens.
   */
  public Evaluator(List<Problem> problems, Path learned, Path heldOut, int maxTokens, OpMode ops) {
    this(
        problems,
        learned,
        heldOut,
        checkpoint -> new PlainGenerator(checkpoint, maxTokens, ops),
        ops);
  }

  /** The same with this many responses to each question at temperature 1; 0 for none. */
  public Evaluator withSamples(int count) {
    return new Evaluator(problems, learned, heldOut, solvers, ops, count);
  }

  /** Number of responses of {@link #evaluate}, the total of its progress. */
  public long responses() {
    return (1L + samples) * problems.size();
  }

  /** Evaluates one model; {@code progress} is notified of the number of finished responses. */
  public Evaluation evaluate(Checkpoint checkpoint, IntConsumer progress) {
    List<Evaluation.Answer> answers = new ArrayList<>();
    double[] sampled;
    try (Generator generator = solvers.apply(checkpoint)) {
      for (List<ProblemSampler.Solution> one : solve(generator, checkpoint, 1, 0, 0, progress)) {
        ProblemSampler.Solution s = one.get(0);
        answers.add(
            new Evaluation.Answer(
                s.text().strip(),
                s.grade().correct(),
                Repetition.degenerate(s.sample(), s.text())));
      }
      sampled = sampled(generator, checkpoint, progress);
    }
    return new Evaluation(
        answers,
        sampled,
        perplexity(checkpoint, problems, ops),
        assess(checkpoint, learned),
        assess(checkpoint, heldOut));
  }

  /** Share of correct samples by question. */
  private double[] sampled(Generator generator, Checkpoint checkpoint, IntConsumer progress) {
    return samples == 0
        ? new double[0]
        : solve(generator, checkpoint, samples, 1, SEED, progress).stream()
            .mapToDouble(Evaluator::share)
            .toArray();
  }

  private static double share(List<ProblemSampler.Solution> drawn) {
    return (double) drawn.stream().filter(s -> s.grade().correct()).count() / drawn.size();
  }

  private List<List<ProblemSampler.Solution>> solve(
      Generator generator,
      Checkpoint checkpoint,
      int count,
      double temperature,
      long seed,
      IntConsumer progress) {
    return ProblemSampler.solve(
        generator,
        checkpoint.tokenizer(),
        problems,
        count,
        TemperatureSchedule.constant(temperature),
        seed,
        progress);
  }

  private Assessment assess(Checkpoint checkpoint, Path candidates) {
    return candidates == null ? Assessment.NONE : Assessor.assess(checkpoint, candidates, ops);
  }

  /**
   * Perplexity of the reference solutions: exp of the mean negative log-probability of their
   * tokens, without outputs of code.
   */
  public static double perplexity(Checkpoint checkpoint, List<Problem> problems, OpMode ops) {
    return perplexity(checkpoint, problems, ops, Scorer::score);
  }

  /** The same with a scorer, which may save its scores. */
  public static double perplexity(
      Checkpoint checkpoint, List<Problem> problems, OpMode ops, Scorer.Trees scorer) {
    List<TokenTree> trees = new ArrayList<>();
    for (Problem p : problems) {
      int[] ids = checkpoint.tokenizer().encodeResponse(p.prompt(), p.target());
      boolean[] scored =
          SteppedSolution.of(ids, checkpoint.tokenizer(), Segmentation.BLOCK)
              .after(0, checkpoint.tokenizer(), false)
              .scored();
      trees.add(
          new TokenTree(
              checkpoint.tokenizer().encodePrompt(p.prompt()),
              List.of(ids),
              scored == null ? List.of() : List.of(scored)));
    }
    double sum = 0;
    long tokens = 0;
    for (List<float[]> tree : scorer.score(checkpoint.weights(), ops, trees)) {
      for (float logProb : tree.get(0)) {
        sum += logProb;
        tokens++;
      }
    }
    return Math.exp(-sum / tokens);
  }
}
