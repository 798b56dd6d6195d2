package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.run.Journal;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.SamplingOptions;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Finds critical tokens by rollouts (Lin et al. 2024, arXiv 2411.19943): from every position of a
 * wrong solution the model continues many times, and the share of correct answers is the position's
 * score. All rollouts of a trajectory share its KV cache.
 *
 * <p>If only the critical token is needed, positions are searched from the end. Positions before
 * the last one that is not lost cannot change the result, and a position is decided when it has
 * more correct rollouts than a lost one may have. Both save most of the work without changing the
 * result: every rollout has its own random stream, so that a smaller number of rollouts is a prefix
 * of all. {@link Settings#patience} saves more, but is approximate.
 */
public final class RolloutSearch implements Replacement.Rollouts, AutoCloseable {
  private static final int SLOTS = 256;

  /** Number of rollouts per position in the first round. */
  private static final int FIRST = 8;

  /** Number of positions of a trajectory that are searched together. */
  private static final int WINDOW = 8;

  /** Number of trajectories that are searched at once. */
  private static final int TOGETHER = 32;

  private final Sampler sampler;
  private final Tokenizer tokenizer;
  private final List<Integer> eos;
  private final Settings settings;
  private final Journal journal;

  /**
   * Settings of the search.
   *
   * @param rollouts number per position; the paper's is 64
   * @param lost maximum share of correct answers of a lost position; the paper's is 5 %
   * @param options how rollouts are sampled
   * @param everyPosition whether every position gets all its rollouts, or only those that decide
   *     which token is critical
   * @param patience stops after this number of rollouts without a correct answer and counts the
   *     position as lost; 0 = always runs all rollouts
   * @param seed of the rollouts
   */
  public record Settings(
      int rollouts,
      double lost,
      SamplingOptions options,
      boolean everyPosition,
      int patience,
      long seed) {}

  /** Creates a search on the current weights of a model. */
  public RolloutSearch(Checkpoint model, Settings settings, OpMode ops) {
    this(model, settings, ops, Journal.none());
  }

  /** The same with a journal that saves the counts. */
  public RolloutSearch(Checkpoint model, Settings settings, OpMode ops, Journal journal) {
    this.sampler = new Sampler(model.weights(), model.tokenizer(), ops, SLOTS);
    this.tokenizer = model.tokenizer();
    this.eos = model.config().eosTokenIds();
    this.settings = settings;
    this.journal = journal;
  }

  /** State of one unfinished trajectory. */
  private final class State {
    final Trajectory trajectory;
    final RandomStream stream;
    final int[] right;
    final int[] drawn;
    final Map<IntBuffer, Boolean> grades = new HashMap<>();
    int next; // the last undecided position
    boolean toTheStart;

    State(Trajectory trajectory) {
      this.trajectory = trajectory;
      this.stream =
          RandomStream.of(settings.seed(), "rollouts").child(trajectory.problem().question());
      int positions = trajectory.positions(eos);
      this.right = new int[positions];
      this.drawn = new int[positions];
      this.next = positions - 1;
    }

    boolean correct(int position, int[] rollout) {
      int[] whole = trajectory.continuedBy(position + 1, rollout);
      return grades.computeIfAbsent(
          IntBuffer.wrap(whole),
          w -> trajectory.problem().grade(tokenizer.decode(whole)).correct());
    }

    int[] window() {
      return IntStream.rangeClosed(Math.max(0, next - WINDOW + 1), next).toArray();
    }

    boolean decided(int position) {
      return right[position] > RolloutScores.atMost(settings.lost(), settings.rollouts())
          || drawn[position] == settings.rollouts()
          || (settings.patience() > 0
              && right[position] == 0
              && drawn[position] >= settings.patience());
    }

    /** Moves the window to earlier positions; false if the result is known. */
    boolean advance() {
      int most = RolloutScores.atMost(settings.lost(), settings.rollouts());
      int from = Math.max(0, next - WINDOW + 1);
      for (int t = next; t >= from && !toTheStart; t--) {
        if (right[t] > most) {
          if (IntStream.range(t + 1, right.length).anyMatch(this::zero)) {
            return false;
          }
          toTheStart = true; // also requests the last skipped position, so that all count
        }
      }
      next = from - 1;
      return next >= 0;
    }

    private boolean zero(int t) {
      return drawn[t] > 0 && right[t] == 0;
    }

    RolloutScores scores() {
      return new RolloutScores(right, drawn, settings.rollouts());
    }
  }

  /** A request for rollouts {@code [first, to)} of some positions. */
  private record Ask(State state, int[] positions, int first, int to) {
    Sampler.Request request() {
      Trajectory t = state.trajectory;
      int prompt = t.prompt().length;
      RandomStream[][] streams = new RandomStream[positions.length][to - first];
      int[] from = new int[positions.length];
      for (int p = 0; p < from.length; p++) {
        from[p] = prompt + positions[p] + 1;
        for (int i = first; i < to; i++) {
          streams[p][i - first] = state.stream.child(positions[p]).child(i);
        }
      }
      return new Sampler.Request(t.tokens(), from, to - first, streams);
    }
  }

  /**
   * Returns the scores of all trajectories in order; {@code progress} is notified of finished
   * trajectories.
   */
  public List<RolloutScores> search(List<Trajectory> trajectories, IntConsumer progress) {
    List<RolloutScores> all = new ArrayList<>();
    for (int from = 0; from < trajectories.size(); from += TOGETHER) {
      List<State> states =
          trajectories.subList(from, Math.min(trajectories.size(), from + TOGETHER)).stream()
              .map(State::new)
              .toList();
      if (settings.everyPosition()) {
        for (State state : states) {
          draw(
              List.of(
                  new Ask(
                      state,
                      IntStream.range(0, state.right.length).toArray(),
                      0,
                      settings.rollouts())));
          progress.accept(1);
        }
      } else {
        fromTheEnd(states, progress);
      }
      states.forEach(state -> all.add(state.scores()));
    }
    return all;
  }

  private void fromTheEnd(List<State> states, IntConsumer progress) {
    List<State> open = new ArrayList<>(states);
    open.removeIf(
        state -> {
          boolean empty = state.right.length == 0;
          progress.accept(empty ? 1 : 0);
          return empty;
        });
    while (!open.isEmpty()) {
      int drawn = 0;
      while (drawn < settings.rollouts()) {
        int to = Math.min(settings.rollouts(), Math.max(FIRST, 2 * drawn));
        int first = drawn;
        List<Ask> asks = new ArrayList<>();
        for (State state : open) {
          int[] undecided = IntStream.of(state.window()).filter(t -> !state.decided(t)).toArray();
          if (undecided.length > 0) {
            asks.add(new Ask(state, undecided, first, to));
          }
        }
        draw(asks);
        drawn = to;
      }
      int before = open.size();
      open.removeIf(state -> !state.advance());
      progress.accept(before - open.size());
    }
  }

  private void draw(List<Ask> asks) {
    List<int[]> right =
        journal.batch(
            "trajectories",
            asks.size(),
            int[].class,
            (missing, kept) ->
                sample(
                    Arrays.stream(missing).mapToObj(a -> asks.get(a).request()).toList(),
                    drawn -> {},
                    (i, samples) -> kept.accept(right(asks.get(missing[i]), samples), missing[i])));
    for (int a = 0; a < asks.size(); a++) {
      Ask ask = asks.get(a);
      for (int p = 0; p < ask.positions().length; p++) {
        ask.state().right[ask.positions()[p]] += right.get(a)[p];
        ask.state().drawn[ask.positions()[p]] += ask.to() - ask.first();
      }
    }
  }

  private void sample(
      List<Sampler.Request> requests, IntConsumer progress, Sampler.Finished finished) {
    if (!requests.isEmpty()) {
      sampler.sample(
          requests,
          settings.options(),
          null,
          drawn -> {
            progress.accept(drawn);
            journal.check();
          },
          finished);
    }
  }

  /** Number of rollouts with a correct answer, by position. */
  private static int[] right(Ask ask, List<Sample> samples) {
    int count = ask.to() - ask.first();
    int[] right = new int[ask.positions().length];
    for (int p = 0; p < right.length; p++) {
      for (Sample rollout : samples.subList(p * count, (p + 1) * count)) {
        right[p] += ask.state().correct(ask.positions()[p], rollout.ids()) ? 1 : 0;
      }
    }
    return right;
  }

  /**
   * Samples rollouts with another token at a position. The token is drawn from the model's
   * distribution at temperature 1 without the original token (the authors' code, C); the rest is
   * sampled as in all rollouts.
   */
  @Override
  public List<Alternatives> replace(
      List<Trajectory> trajectories, int[] positions, IntConsumer progress) {
    List<Sampler.Request> requests = new ArrayList<>();
    for (int i = 0; i < positions.length; i++) {
      Trajectory t = trajectories.get(i);
      RandomStream stream =
          RandomStream.of(settings.seed(), "replacements")
              .child(t.problem().question())
              .child(positions[i]);
      requests.add(
          Sampler.Request.without(
              t.tokens(),
              t.prompt().length + positions[i],
              t.response()[positions[i]],
              settings.rollouts(),
              stream));
    }
    return journal.batch(
        "replaced tokens",
        positions.length,
        Alternatives.class,
        (missing, kept) -> {
          progress.accept((positions.length - missing.length) * settings.rollouts());
          sample(
              Arrays.stream(missing).mapToObj(requests::get).toList(),
              progress,
              (i, samples) -> {
                int at = missing[i];
                kept.accept(alternatives(trajectories.get(at), positions[at], samples), at);
              });
        });
  }

  private Alternatives alternatives(Trajectory trajectory, int position, List<Sample> samples) {
    State state = new State(trajectory);
    Map<Integer, int[]> byToken = new LinkedHashMap<>(); // correct, sampled
    for (Sample sample : samples) {
      int[] counts = byToken.computeIfAbsent(sample.ids()[0], token -> new int[2]);
      counts[0] += state.correct(position - 1, sample.ids()) ? 1 : 0;
      counts[1]++;
    }
    return new Alternatives(
        byToken.keySet().stream().mapToInt(Integer::intValue).toArray(),
        byToken.values().stream().mapToInt(c -> c[0]).toArray(),
        byToken.values().stream().mapToInt(c -> c[1]).toArray());
  }

  @Override
  public void close() {
    sampler.close();
  }
}
