package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.generate.DrawnSolution;
import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.alignment.generate.SteppedSolution;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * D_SC (SCDPO, section 3.1): a right solution is cut after a step and continued from there at a
 * temperature that rises with every new step, until it goes wrong. What was right stays, token by
 * token, and the error lies somewhere behind the cut. All tries of a solution share its KV cache. A
 * try depends on the seed, the question, the cut and its number alone.
 */
public final class StepControl {
  /**
   * Steps that a cut leaves at least: 2 as in the released scripts, in which a cut right before the
   * last step never happens.
   *
   * <p>Deviation: the paper's range (section 3.1) lets a cut leave the last step alone: 1.
   */
  public static final int MIN_REMAINING = 2;

  /** Tries of a cut that are drawn at once. */
  private static final int ROUND = 4;

  private final Generator solver;
  private final Tokenizer tokenizer;
  private final Settings settings;

  /**
   * How solutions are made to go wrong.
   *
   * @param temperature of the new steps
   * @param segmentation what a step is
   * @param cuts most cuts of a solution, drawn from the eligible ones; the released data has 2 to 3
   * @param minRemaining steps that a cut leaves at least, see {@link #MIN_REMAINING}
   * @param maxTries most tries of a cut
   * @param requireAnswer whether a wrong solution must give an answer at all
   * @param seed of cuts and tries
   */
  public record Settings(
      TemperatureSchedule temperature,
      Segmentation segmentation,
      int cuts,
      int minRemaining,
      int maxTries,
      boolean requireAnswer,
      long seed) {}

  /**
   * A right solution that was made to go wrong.
   *
   * @param question index of its question
   * @param right the right solution in steps
   * @param cut tokens that the two have in common by construction
   * @param wrong the wrong solution: the same tokens up to the cut
   * @param tries continuations drawn until it was found
   */
  public record Negative(
      int question, SteppedSolution right, int cut, DrawnSolution wrong, int tries) {}

  /**
   * All of it.
   *
   * @param negatives found ones, by question and cut
   * @param cuts cuts that were tried
   * @param tries continuations that were drawn
   * @param stillRight of them, right ones
   * @param garbled of them, left out as garbled, by the reason
   * @param withoutAnswer of them, left out for giving no answer
   */
  public record Result(
      List<Negative> negatives,
      int cuts,
      int tries,
      int stillRight,
      Map<NoiseFilter, Integer> garbled,
      int withoutAnswer) {}

  /** Makes solutions go wrong with a solver. */
  public StepControl(Generator solver, Tokenizer tokenizer, Settings settings) {
    this.solver = solver;
    this.tokenizer = tokenizer;
    this.settings = settings;
  }

  /** A cut whose wrong solution is being looked for. */
  private static final class Search {
    final int cut;
    final RandomStream stream;
    int tries;
    DrawnSolution wrong;

    Search(int cut, RandomStream stream) {
      this.cut = cut;
      this.stream = stream;
    }
  }

  /** A question with its cuts. */
  private record Work(
      int question, Problem problem, int[] prompt, SteppedSolution right, List<Search> searches) {
    List<Search> open(int maxTries) {
      return searches.stream().filter(s -> s.wrong == null && s.tries < maxTries).toList();
    }
  }

  /** Looks for a wrong continuation of each cut; {@code progress} is notified of finished cuts. */
  public Result draw(List<NaivePairs.Question> questions, IntConsumer progress) {
    List<Work> work = new ArrayList<>();
    RandomStream root = RandomStream.of(settings.seed(), "step control");
    for (int q = 0; q < questions.size(); q++) {
      if (questions.get(q).right() != null) {
        work.add(work(q, questions.get(q), root));
      }
    }
    Counts counts = new Counts();
    while (true) {
      List<Work> open = work.stream().filter(w -> !w.open(settings.maxTries()).isEmpty()).toList();
      if (open.isEmpty()) {
        return counts.result(work);
      }
      List<List<Sample>> drawn =
          solver.solve(
              open.stream().map(this::request).toList(), settings.temperature(), done -> {});
      for (int i = 0; i < open.size(); i++) {
        progress.accept(look(open.get(i), drawn.get(i), counts));
      }
    }
  }

  private Work work(int index, NaivePairs.Question question, RandomStream root) {
    SteppedSolution right =
        SteppedSolution.of(question.right().ids(), tokenizer, settings.segmentation());
    RandomStream own = root.child(question.problem().question());
    int[] eligible = right.cuts(settings.minRemaining());
    int[] chosen =
        Arrays.stream(own.child("cuts").permutation(eligible.length))
            .limit(settings.cuts())
            .map(i -> eligible[i])
            .sorted()
            .toArray();
    List<Search> searches =
        Arrays.stream(chosen).mapToObj(cut -> new Search(cut, own.child(cut))).toList();
    int[] prompt = tokenizer.encodePrompt(question.problem().prompt());
    return new Work(index, question.problem(), prompt, right, searches);
  }

  private Sampler.Request request(Work work) {
    List<Search> open = work.open(settings.maxTries());
    int[] prompt = work.prompt();
    int[] trunk = join(prompt, work.right().ids(), work.right().ids().length);
    int[] from = open.stream().mapToInt(s -> prompt.length + s.cut).toArray();
    RandomStream[][] streams = new RandomStream[from.length][ROUND];
    for (int f = 0; f < from.length; f++) {
      Search search = open.get(f);
      Arrays.setAll(streams[f], i -> search.stream.child(search.tries + i));
    }
    return new Sampler.Request(trunk, from, ROUND, streams);
  }

  private static int[] join(int[] first, int[] second, int length) {
    int[] joined = Arrays.copyOf(first, first.length + length);
    System.arraycopy(second, 0, joined, first.length, length);
    return joined;
  }

  /** Looks at tries in their order until one is wrong; returns the cuts that are done. */
  private int look(Work work, List<Sample> samples, Counts counts) {
    List<Search> open = work.open(settings.maxTries());
    for (int f = 0; f < open.size(); f++) {
      Search search = open.get(f);
      for (int i = 0;
          i < ROUND && search.wrong == null && search.tries < settings.maxTries();
          i++) {
        search.tries++;
        Sample sample = samples.get(f * ROUND + i);
        int[] prefix = Arrays.copyOf(work.right().ids(), search.cut);
        int[] ids = join(prefix, sample.ids(), sample.ids().length);
        String text = tokenizer.decode(ids);
        DrawnSolution s = new DrawnSolution(ids, text, sample, work.problem().grade(text));
        if (counts.take(s, NoiseFilter.reason(text, sample, settings.segmentation()))) {
          search.wrong = s;
        }
      }
    }
    return open.size() - work.open(settings.maxTries()).size();
  }

  private final class Counts {
    private final Map<NoiseFilter, Integer> garbled = new EnumMap<>(NoiseFilter.class);
    private int tries;
    private int right;
    private int withoutAnswer;

    /** Whether a solution is the wrong one that is looked for. */
    boolean take(DrawnSolution s, NoiseFilter reason) {
      tries++;
      if (s.grade().correct()) {
        right++;
        return false;
      }
      if (reason != null) {
        garbled.merge(reason, 1, Integer::sum);
        return false;
      }
      if (settings.requireAnswer() && s.grade().extracted() == null) {
        withoutAnswer++;
        return false;
      }
      return true;
    }

    Result result(List<Work> work) {
      List<Negative> negatives = new ArrayList<>();
      for (Work w : work) {
        w.searches().stream()
            .filter(s -> s.wrong != null)
            .forEach(
                s -> negatives.add(new Negative(w.question(), w.right(), s.cut, s.wrong, s.tries)));
      }
      int cuts = work.stream().mapToInt(w -> w.searches().size()).sum();
      return new Result(
          negatives, cuts, tries, right, Collections.unmodifiableMap(garbled), withoutAnswer);
    }
  }

  /** Distribution of the tries that the found ones took: how many took 1, 2 and so on. */
  public static int[] histogram(Result result) {
    int most = result.negatives().stream().mapToInt(Negative::tries).max().orElse(0);
    int[] counts = new int[most];
    IntStream.range(0, most)
        .forEach(
            t ->
                counts[t] =
                    (int) result.negatives().stream().filter(n -> n.tries() == t + 1).count());
    return counts;
  }
}
