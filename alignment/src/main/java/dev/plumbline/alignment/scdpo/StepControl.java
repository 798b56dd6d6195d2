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
 * Builds D_SC (SCDPO, section 3.1): a correct solution is cut after a step and continued at a
 * temperature that rises with every new step, until a continuation has a wrong answer. The tokens
 * before the cut are unchanged, so that the error is after the cut. All tries of a solution share
 * its KV cache. A try depends only on the seed, the question, the cut and its index.
 */
public final class StepControl {
  /**
   * Minimum number of steps after a cut: 2 as in the released scripts (C), which never cut directly
   * before the last step.
   *
   * <p>Deviation: the paper's range (section 3.1) allows 1.
   */
  public static final int MIN_REMAINING = 2;

  /** Number of tries of a cut that are sampled at once. */
  private static final int ROUND = 4;

  private final Generator generator;
  private final Tokenizer tokenizer;
  private final Settings settings;

  /**
   * Settings of step-controlled generation.
   *
   * @param temperature of the new steps
   * @param segmentation what a step is
   * @param cuts maximum number of cuts of a solution, drawn from the eligible ones; the released
   *     data has 2 to 3
   * @param minRemaining minimum number of steps after a cut, see {@link #MIN_REMAINING}
   * @param maxTries maximum number of tries per cut
   * @param requireAnswer whether a wrong solution must have an answer
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
   * A correct solution with a wrong continuation.
   *
   * @param question index of its question
   * @param right the correct solution in steps
   * @param cut number of common tokens by construction
   * @param wrong the wrong solution: the same tokens up to the cut
   * @param tries number of continuations sampled until it was found
   */
  public record Negative(
      int question, SteppedSolution right, int cut, DrawnSolution wrong, int tries) {}

  /**
   * All wrong solutions, with counts.
   *
   * @param negatives wrong solutions, by question and cut
   * @param cuts number of cuts
   * @param tries number of sampled continuations
   * @param stillRight number of correct continuations
   * @param garbled continuations left out by the noise filter, by reason
   * @param withoutAnswer number of continuations left out because they have no answer
   */
  public record Result(
      List<Negative> negatives,
      int cuts,
      int tries,
      int stillRight,
      Map<NoiseFilter, Integer> garbled,
      int withoutAnswer) {}

  /** Creates the generation of wrong solutions on a generator. */
  public StepControl(Generator generator, Tokenizer tokenizer, Settings settings) {
    this.generator = generator;
    this.tokenizer = tokenizer;
    this.settings = settings;
  }

  /** A cut for which a wrong continuation is searched. */
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

  /** The unfinished cuts of a question. */
  private record Work(
      int question, Problem problem, int[] prompt, SteppedSolution right, List<Search> searches) {
    List<Search> open(int maxTries) {
      return searches.stream().filter(s -> s.wrong == null && s.tries < maxTries).toList();
    }
  }

  /** Searches a wrong continuation of each cut; {@code progress} is notified of finished cuts. */
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
          generator.solve(
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

  /** Examines tries in order until one is wrong; returns the number of finished cuts. */
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

    /** Whether a solution is an acceptable wrong one; counts the others. */
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

  /** Histogram of tries per wrong solution: how many needed 1, 2 and so on. */
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
