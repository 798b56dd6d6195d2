package dev.plumbline.data.wordproblems;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Composes one problem: an opening, middle steps that change what the hero has, and an ending with
 * the question.
 *
 * <p>The kinds are drawn first, so that their steps add up to the required number; then the numbers
 * are drawn. A draft with a fraction, a zero or a number that is too large is rejected and drawn
 * again.
 */
final class Composer {
  private static final int ATTEMPTS = 200;
  private static final int MAX_QUESTION_WORDS = 55;

  private static final List<String> OPENINGS = List.of("start", "product", "sum");
  private static final List<String> MIDDLES =
      List.of("gain", "lose", "half", "gainProduct", "loseProduct", "third");
  private static final List<String> ENDINGS =
      List.of("ask", "goal", "split", "sell", "profit", "other", "otherTotal", "otherDifference");

  private final List<Story> stories;
  private final WordProblems.Options options;

  Composer(List<Story> stories, WordProblems.Options options) {
    this.stories = stories;
    this.options = options;
  }

  /**
   * An accepted draft, still without an id. The operands of the equations are in the order of the
   * story, whatever their order in the solution.
   */
  record Composed(
      String story,
      String question,
      String solution,
      int answer,
      List<String> equations,
      int distractor) {}

  /** Composes one problem; empty if no attempt is accepted under these options. */
  Optional<Composed> compose(Random random) {
    int steps = options.minSteps() + random.nextInt(options.maxSteps() - options.minSteps() + 1);
    boolean distract = random.nextDouble() < options.distractorShare();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Story story = stories.get(random.nextInt(stories.size()));
      List<String> plan = plan(story, steps, random);
      if (!plan.isEmpty()) {
        Draft draft = new Draft(story, options.maxOperand(), random);
        plan.subList(0, plan.size() - 1).forEach(draft::add);
        draft.end(plan.get(plan.size() - 1));
        Optional<Composed> composed = finish(draft, story, distract);
        if (composed.isPresent()) {
          return composed;
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Draws kinds whose steps add up to {@code steps}; empty if the drawn kinds cannot be completed.
   */
  private static List<String> plan(Story story, int steps, Random random) {
    String opening = OPENINGS.get(random.nextInt(OPENINGS.size()));
    String ending = ENDINGS.get(random.nextInt(ENDINGS.size()));
    if (!offers(story, opening) || !offers(story, ending)) {
      return List.of();
    }
    List<String> plan = new ArrayList<>(List.of(opening));
    int left = steps - stepsOf(opening) - stepsOf(ending);
    List<String> unused = new ArrayList<>(MIDDLES);
    unused.removeIf(kind -> !offers(story, kind));
    while (left > 0 && !unused.isEmpty()) {
      String kind = unused.remove(random.nextInt(unused.size()));
      if (stepsOf(kind) <= left) {
        plan.add(kind);
        left -= stepsOf(kind);
      }
    }
    plan.add(ending);
    return left == 0 ? plan : List.of();
  }

  private static boolean offers(Story story, String kind) {
    return switch (kind) {
      case "ask", "other", "otherTotal", "otherDifference" -> true;
      case "profit" -> story.offers("sell") && story.offers("cost");
      default -> story.offers(kind);
    };
  }

  private static int stepsOf(String kind) {
    return switch (kind) {
      case "start", "ask" -> 0;
      case "gainProduct", "loseProduct", "third", "profit", "otherTotal", "otherDifference" -> 2;
      default -> 1;
    };
  }

  private static Optional<Composed> finish(Draft draft, Story story, boolean distract) {
    if (!draft.isEven()) {
      return Optional.empty();
    }
    int distractor = distract ? draft.distract() : 0;
    String question = draft.question();
    if (question.split(" ").length > MAX_QUESTION_WORDS) {
      return Optional.empty();
    }
    return Optional.of(
        new Composed(
            story.name(),
            question,
            draft.solution(),
            draft.answer(),
            List.copyOf(draft.equations()),
            distractor));
  }
}
