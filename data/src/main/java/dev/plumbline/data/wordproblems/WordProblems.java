package dev.plumbline.data.wordproblems;

import dev.plumbline.data.UserError;
import dev.plumbline.data.problem.CalculatorCheck;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.select.Deduplicator;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Seeded multi-step word problems in GSM8K's format (Cobbe et al. 2021), easy enough for a model
 * that trains in minutes.
 *
 * <p>Problem i of a seed depends only on the seed, i and the options: the same seed gives the same
 * bytes, and a shorter list is a prefix of a longer one. A hash of the story and its equations
 * decides the split, so that the same equations with other names or another distractor are never in
 * both training and test, whatever the seeds. No question occurs twice.
 */
public final class WordProblems {
  /** A part of the problems: about 80, 10 and 10 percent. */
  public enum Split {
    /** For training. */
    TRAIN,
    /** For choosing settings. */
    VALIDATION,
    /** For the final evaluation. */
    TEST;

    /** The split of a key; its hash decides, not the seed. */
    static Split of(String key) {
      // The documentation fixes String.hashCode. Its low digits depend mostly on the last letters,
      // so it is scrambled.
      int bucket = (int) Long.remainderUnsigned(scramble(key.hashCode()), 10);
      return bucket == 0 ? TEST : bucket == 1 ? VALIDATION : TRAIN;
    }

    /** The name in ids: lower case. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * How hard the problems are.
   *
   * @param minSteps minimum number of steps of a solution, at least 1
   * @param maxSteps maximum number of steps of a solution, at most 5
   * @param distractorShare share of problems with a number that no step needs, 0 to 1
   * @param maxOperand maximum drawn factor, at least 6; products are at most 10 times and sums at
   *     most 15 times this
   */
  public record Options(int minSteps, int maxSteps, double distractorShare, int maxOperand) {
    /** Checks the ranges. */
    public Options {
      if (minSteps < 1 || maxSteps > 5 || minSteps > maxSteps) {
        throw new UserError(
            "Word problems need 1 <= min-steps <= max-steps <= 5, but min-steps is "
                + minSteps
                + " and max-steps is "
                + maxSteps
                + "; change one of them.");
      }
      if (!(distractorShare >= 0 && distractorShare <= 1)) {
        throw new UserError(
            "distractor-share must be between 0 and 1, but is " + distractorShare + ".");
      }
      if (maxOperand < 6 || maxOperand > 1_000) {
        throw new UserError("max-operand must be between 6 and 1000, but is " + maxOperand + ".");
      }
    }

    /** 2 to 5 steps, a distractor in 7 of 10 problems, factors up to 20. */
    public static Options defaults() {
      return new Options(2, 5, 0.7, 20);
    }

    /** These options with another range of steps. */
    public Options withSteps(int min, int max) {
      return new Options(min, max, distractorShare, maxOperand);
    }
  }

  /**
   * Number of consecutive draws without a new problem after which generation fails: the options
   * allow too few problems.
   */
  private static final int MAX_BARREN_DRAWS = 100_000;

  private final long seed;
  private final Options options;
  private final Composer composer;

  private WordProblems(long seed, Options options) {
    this.seed = seed;
    this.options = options;
    this.composer = new Composer(Story.all(), options);
  }

  /** Creates the problems of a seed with the default options. */
  public static WordProblems of(long seed) {
    return new WordProblems(seed, Options.defaults());
  }

  /** Creates the problems of a seed. */
  public static WordProblems of(long seed, Options options) {
    return new WordProblems(seed, options);
  }

  /** Returns the options. */
  public Options options() {
    return options;
  }

  /** Returns the first {@code n} train problems. */
  public List<Problem> train(int n) {
    return problems(Split.TRAIN, n);
  }

  /** Returns the first {@code n} validation problems. */
  public List<Problem> validation(int n) {
    return problems(Split.VALIDATION, n);
  }

  /** Returns the first {@code n} test problems. */
  public List<Problem> test(int n) {
    return problems(Split.TEST, n);
  }

  private List<Problem> problems(Split split, int n) {
    return generate(split, n).stream().map(GeneratedProblem::problem).toList();
  }

  /**
   * Returns the first {@code n} problems of a split, with their equations and distractors.
   *
   * @throws UserError when the options do not allow {@code n} different problems
   */
  public List<GeneratedProblem> generate(Split split, int n) {
    List<GeneratedProblem> problems = new ArrayList<>(n);
    Set<String> questions = new HashSet<>();
    int barren = 0;
    for (long index = 0; problems.size() < n; index++) {
      Optional<Composer.Composed> drawn = composer.compose(random(seed, index));
      if (drawn.isPresent()
          && split(drawn.get()) == split
          && questions.add(normalised(drawn.get().question()))) {
        problems.add(problem(drawn.get(), split, problems.size()));
        barren = 0;
      } else if (++barren > MAX_BARREN_DRAWS) {
        throw new UserError(
            "Only "
                + problems.size()
                + " of "
                + n
                + " different "
                + split
                + " problems could be generated with "
                + options
                + "; ask for fewer, or allow more steps or a larger max-operand.");
      }
    }
    return problems;
  }

  /**
   * The random stream of one problem. The documentation fixes the generator of {@link Random}, so
   * that every Java version gives the same bytes.
   */
  static Random random(long seed, long index) {
    return new Random(scramble(seed * 0x9E3779B97F4A7C15L + index));
  }

  private static Split split(Composer.Composed composed) {
    return Split.of(composed.story() + "|" + String.join("|", composed.equations()));
  }

  /** SplitMix64's finaliser (Steele, Lea and Flood 2014). */
  private static long scramble(long bits) {
    long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }

  private static String normalised(String question) {
    return Deduplicator.key(Deduplicator.Mode.TEXT, question);
  }

  private GeneratedProblem problem(Composer.Composed composed, Split split, int index) {
    Problem problem =
        new Problem(
            "words-" + seed + "-" + split.label() + "-" + index,
            composed.question(),
            composed.solution(),
            Integer.toString(composed.answer()));
    return new GeneratedProblem(
        problem,
        composed.story(),
        CalculatorCheck.equations(problem.solution()),
        composed.distractor());
  }
}
