package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.model.Ints;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Draws responses for many requests over one KV cache. The tokens of a request are fed once, and
 * every response continues them without a copy, from their end (candidates of a question) or from
 * any position inside (rollouts of a trajectory). Responses advance together, one pass over the
 * weights for all; one that ends makes room for the next at once, and the tokens of a new request
 * ride along in the same pass.
 *
 * <p>Responses that have drawn the same tokens so far are one {@link Branch}: they are fed once,
 * and part where they draw different tokens. A model that is sure of most tokens so does a small
 * part of the work.
 *
 * <p>Each response has its own random stream, and {@link Decoder} gives each row a result of its
 * own, so that a response is the same to the token whatever is sampled beside it: on our own
 * kernels to the bit, on stock operations up to rounding.
 */
public final class Sampler implements AutoCloseable {
  /** Tokens of new requests that one pass may carry: keeps the pauses of running ones short. */
  private static final int NEW_TOKENS_PER_PASS = 1024;

  private final Decoder decoder;
  private final Tokenizer tokenizer;
  private final int slots;

  /**
   * Tokens and the responses that continue them.
   *
   * @param trunk token ids
   * @param from numbers of trunk tokens that responses continue, rising; each at least 1
   * @param count responses wanted from each
   * @param streams the random stream of each response, [from][count]
   * @param forbidden a token that no response starts with, -1 for none; where there is one, the
   *     first token is drawn from the whole distribution without it, at temperature 1
   */
  public record Request(
      int[] trunk, int[] from, int count, RandomStream[][] streams, int forbidden) {
    /** Checks that every response has a token before it. */
    public Request {
      if (trunk.length == 0) {
        throw new ModelException(
            "A prompt has no tokens; a model needs at least its BOS before the first new token.");
      }
      for (int f = 0; f < from.length; f++) {
        if (from[f] < 1 || from[f] > trunk.length || (f > 0 && from[f] <= from[f - 1])) {
          throw new IllegalArgumentException(
              "Rollouts start after "
                  + Arrays.toString(from)
                  + " tokens, which must rise from 1 to at most "
                  + trunk.length
                  + ".");
        }
      }
    }

    /** Nothing is forbidden. */
    public Request(int[] trunk, int[] from, int count, RandomStream[][] streams) {
      this(trunk, from, count, streams, -1);
    }

    /**
     * Rollouts that continue the first tokens of a trajectory with another token than the given
     * one; rollout i draws from {@code stream.child(i)}.
     */
    public static Request without(
        int[] trunk, int from, int forbidden, int count, RandomStream stream) {
      RandomStream[][] streams = {children(stream, count)};
      return new Request(trunk, new int[] {from}, count, streams, forbidden);
    }

    /** Responses to a prompt; response i draws from {@code stream.child(i)}. */
    public Request(int[] prompt, int count, RandomStream stream) {
      this(
          prompt, new int[] {prompt.length}, count, new RandomStream[][] {children(stream, count)});
    }

    /**
     * Rollouts from every given position of a trajectory; rollout i from position p draws from
     * {@code stream.child(p).child(i)}.
     */
    public static Request rollouts(int[] trunk, int[] from, int count, RandomStream stream) {
      RandomStream[][] streams = new RandomStream[from.length][];
      for (int f = 0; f < from.length; f++) {
        streams[f] = children(stream.child(from[f]), count);
      }
      return new Request(trunk, from, count, streams);
    }

    private static RandomStream[] children(RandomStream stream, int count) {
      RandomStream[] children = new RandomStream[count];
      Arrays.setAll(children, stream::child);
      return children;
    }

    /** Responses wanted in all. */
    public int responses() {
      return from.length * count;
    }

    /** Tokens of the trunk that some response continues: what must be fed. */
    int needed() {
      return from.length == 0 ? 0 : from[from.length - 1];
    }
  }

  /** Puts tokens behind a response that has come to a stop, such as what its code printed. */
  public interface Interruption {
    /**
     * Called on one thread.
     *
     * @param request index of the request
     * @param response its number in the request, as in the results
     * @param ids the response up to and with the stop
     * @return what it goes on with, or null when it ends here, as if it were too long
     */
    int[] append(int request, int response, int[] ids);
  }

  /** Hears of requests whose responses are all there. */
  public interface Finished {
    /**
     * Called on one thread, after the pass in which the last response ended.
     *
     * @param request index of the request
     * @param samples its responses, as in the results
     */
    void request(int request, List<Sample> samples);
  }

  /**
   * A sampler on the weights as they are now.
   *
   * @param slots sequences that advance together
   */
  public Sampler(LlamaWeights weights, Tokenizer tokenizer, OpMode mode, int slots) {
    this.decoder = Decoder.of(weights, mode);
    this.tokenizer = tokenizer;
    this.slots = slots;
  }

  /**
   * Responses of each request in order: all from its first position, then all from the second;
   * {@code progress} is told after each pass how many responses it has finished.
   */
  public List<List<Sample>> sample(
      List<Request> requests, SamplingOptions options, IntConsumer progress) {
    return sample(requests, options, null, progress, (request, samples) -> {});
  }

  /**
   * The same, where a response that comes to one of the stops goes on behind what {@code
   * interruption} appends; each such stop ends a step in the sense of {@link TemperatureSchedule}.
   * With null it ends. {@code progress} hears of a pass after {@code finished} has.
   */
  public List<List<Sample>> sample(
      List<Request> requests,
      SamplingOptions options,
      Interruption interruption,
      IntConsumer progress,
      Finished finished) {
    LlamaConfig config = decoder.config();
    int longest = requests.stream().mapToInt(Request::needed).max().orElse(0);
    if (longest >= config.maxPositions()) {
      throw new ModelException(
          "A prompt of "
              + longest
              + " tokens leaves no room in the model's "
              + config.maxPositions()
              + " positions.");
    }
    requests.forEach(request -> config.checkIds(request.trunk()));
    int wanted = requests.stream().mapToInt(Request::responses).sum();
    int width = Math.max(1, Math.min(slots, wanted));
    int trunks = Math.max(1, Math.min(width, requests.size()));
    int newTokens = Math.min(options.maxNewTokens(), config.maxPositions());
    try (Decoder.Cache cache = decoder.newCache(trunks, Math.max(1, longest), width, newTokens)) {
      Run run = new Run(requests, options, interruption, trunks, width, cache);
      run.toEnd(progress, finished);
      return run.results;
    }
  }

  @Override
  public void close() {
    decoder.close();
  }

  /** A response in the making: how it draws. What it holds so far stands in its branch. */
  private static final class Rider {
    final int request;
    final int response; // its place in the request's results
    final int from; // tokens of the trunk that it continues
    final RandomStream stream;
    int length;
    int finishedSteps;
    boolean inStep; // whether the step that is being written holds more than blanks

    Rider(int request, int response, int from, RandomStream stream) {
      this.request = request;
      this.response = response;
      this.from = from;
      this.stream = stream;
    }

    void add(int id, StepTokens steps) {
      length++;
      inStep |= steps.text[id];
      if (inStep && steps.end[id]) {
        finishedSteps++;
        inStep = false;
      }
    }
  }

  /**
   * Tokens behind the first ones of a trunk that some responses have in common: their keys and
   * values lie in one slot, and each pass feeds one row for all of them.
   */
  private static final class Branch {
    final Trunk trunk;
    final int start; // tokens of the trunk before it
    int[] ids;
    int length;
    int fed; // tokens whose keys and values are in the slot
    int slot = -1;
    List<Rider> riders;

    Branch(Trunk trunk, int start, int[] ids, int length, List<Rider> riders) {
      this.trunk = trunk;
      this.start = start;
      this.ids = ids;
      this.length = length;
      this.riders = riders;
    }

    /** The same tokens and more. */
    Branch fork(IntBuffer more, List<Rider> others) {
      Branch fork = new Branch(trunk, start, ids.clone(), length, others);
      fork.add(more);
      return fork;
    }

    void add(IntBuffer more) {
      int count = more.remaining();
      if (length + count > ids.length) {
        ids = Arrays.copyOf(ids, Math.max(16, 2 * (length + count)));
      }
      more.get(more.position(), ids, length, count);
      length += count;
    }
  }

  /** Which tokens end a step, and which hold more than blanks; none where steps do not matter. */
  private static final class StepTokens {
    final boolean[] end;
    final boolean[] text;

    StepTokens(TemperatureSchedule temperature, boolean byText, Tokenizer tokenizer, int vocab) {
      end = new boolean[vocab];
      text = new boolean[vocab];
      for (int id = 0; id < vocab && byText && temperature.rises(); id++) {
        String token = tokenizer.decode(id);
        end[id] = token.contains(temperature.stepEnd());
        text[id] = !token.isBlank();
      }
    }
  }

  /** A request whose tokens lie in a slot of the cache of trunks. */
  private static final class Trunk {
    final int request;
    final int slot;
    final float[][] logits; // [from][vocab], after its pass
    int unfinished;

    Trunk(int request, int slot, int positions, int vocab, int responses) {
      this.request = request;
      this.slot = slot;
      this.logits = new float[positions][vocab];
      this.unfinished = responses;
    }
  }

  private final class Run {
    final List<List<Sample>> results = new ArrayList<>();
    private final List<Request> requests;
    private final SamplingOptions options;
    private final Interruption interruption; // or null
    private final TokenChooser[] choosers;
    private final TokenChooser[] unfiltered; // for the first tokens where one is forbidden
    private final Decoder.Cache cache;
    private final int width;
    private final Deque<Integer> freeSlots = new ArrayDeque<>();
    private final Deque<Integer> freeTrunks = new ArrayDeque<>();
    private final Deque<Branch> waiting = new ArrayDeque<>();
    private final int longestStop;
    private final boolean[] mayStop; // tokens that may complete a stop
    private final StepTokens stepTokens;
    private List<Branch> active = new ArrayList<>();
    private final List<Integer> complete = new ArrayList<>(); // requests, in this pass
    private int nextRequest;
    private int finished;

    Run(
        List<Request> requests,
        SamplingOptions options,
        Interruption interruption,
        int trunks,
        int width,
        Decoder.Cache cache) {
      int vocab = decoder.config().vocabSize();
      this.requests = requests;
      this.options = options;
      this.interruption = interruption;
      this.choosers = new TokenChooser[Workers.threads()];
      this.unfiltered = new TokenChooser[Workers.threads()];
      Arrays.setAll(choosers, i -> new TokenChooser(options, vocab));
      Arrays.setAll(unfiltered, i -> new TokenChooser(SamplingOptions.at(1, 1), vocab));
      this.cache = cache;
      this.width = width;
      this.longestStop = options.stop().stream().mapToInt(String::length).max().orElse(0);
      this.mayStop = mayStop(options.stop());
      this.stepTokens =
          new StepTokens(options.temperature(), interruption == null, tokenizer, vocab);
      for (int slot = 0; slot < width; slot++) {
        freeSlots.add(slot);
      }
      for (int slot = 0; slot < trunks; slot++) {
        freeTrunks.add(slot);
      }
      for (Request request : requests) {
        results.add(new ArrayList<>(Collections.nCopies(request.responses(), null)));
      }
    }

    void toEnd(IntConsumer progress, Finished listener) {
      boolean more = true;
      while (more) {
        while (!waiting.isEmpty() && !freeSlots.isEmpty()) {
          Branch branch = waiting.remove();
          branch.slot = freeSlots.remove();
          active.add(branch);
        }
        List<Trunk> fresh = start();
        finished = 0;
        more = !active.isEmpty() || !fresh.isEmpty();
        if (more) {
          pass(fresh);
        }
        complete.forEach(r -> listener.request(r, Collections.unmodifiableList(results.get(r))));
        complete.clear();
        progress.accept(finished);
      }
    }

    /** Takes up requests while there is room for more responses. */
    private List<Trunk> start() {
      List<Trunk> fresh = new ArrayList<>();
      int tokens = 0;
      int expected = active.size() + waiting.size();
      while (nextRequest < requests.size() && expected < width && !freeTrunks.isEmpty()) {
        Request request = requests.get(nextRequest);
        if (request.responses() == 0) {
          complete.add(nextRequest++);
          continue;
        }
        if (tokens > 0 && tokens + request.needed() > NEW_TOKENS_PER_PASS) {
          break; // in the next pass
        }
        tokens += request.needed();
        expected += request.responses();
        int vocab = decoder.config().vocabSize();
        fresh.add(
            new Trunk(
                nextRequest++,
                freeTrunks.remove(),
                request.from().length,
                vocab,
                request.responses()));
      }
      return fresh;
    }

    /** Feeds the new trunks and the last token of every branch; draws the next tokens. */
    private void pass(List<Trunk> fresh) {
      active.sort(
          Comparator.<Branch>comparingInt(b -> b.trunk.slot).thenComparingInt(b -> b.start));
      Feed feed = new Feed();
      for (Branch b : active) {
        for (int i = b.fed; i < b.length; i++) {
          feed.add(b.ids[i], b.start + i, b.trunk.slot, b.start, b.slot);
        }
        feed.wanted.add(feed.tokens.size() - 1);
        b.fed = b.length;
      }
      for (Trunk trunk : fresh) {
        Request request = requests.get(trunk.request);
        for (int from : request.from()) {
          feed.wanted.add(feed.tokens.size() + from - 1);
        }
        for (int p = 0; p < request.needed(); p++) {
          feed.add(request.trunk()[p], p, trunk.slot, 0, -1);
        }
      }
      Decoder.Logits logits = decoder.forward(feed.rows(), cache, feed.wanted.toArray());
      int w = active.size();
      for (Trunk trunk : fresh) {
        int forbidden = requests.get(trunk.request).forbidden();
        for (float[] own : trunk.logits) {
          logits.get(w++, own);
          if (forbidden >= 0) {
            own[forbidden] = Float.NEGATIVE_INFINITY;
          }
        }
      }
      goOn(logits);
      fresh.forEach(this::branch);
    }

    /** Draws the next token of every rider and parts those that draw different ones. */
    private void goOn(Decoder.Logits logits) {
      int[][] drawn = new int[active.size()][];
      Workers.forChunks(
          drawn.length,
          2,
          (from, to, worker) -> {
            for (int i = from; i < to; i++) {
              drawn[i] =
                  draw(
                      active.get(i).riders,
                      choosers[worker],
                      logits.values(),
                      i * logits.stride(),
                      false);
            }
          });
      List<Branch> before = active;
      active = new ArrayList<>();
      for (int i = 0; i < drawn.length; i++) {
        Branch branch = before.get(i);
        Map<IntBuffer, List<Rider>> groups = part(branch, branch.riders, drawn[i]);
        if (groups.isEmpty()) {
          freeSlots.add(branch.slot);
          continue;
        }
        Branch parent = branch;
        boolean first = true;
        for (Map.Entry<IntBuffer, List<Rider>> group : groups.entrySet()) {
          if (!first) {
            fork(parent, group.getKey(), group.getValue());
          }
          first = false;
        }
        Map.Entry<IntBuffer, List<Rider>> own = groups.entrySet().iterator().next();
        branch.add(own.getKey());
        branch.riders = own.getValue();
        active.add(branch);
      }
    }

    /** A branch for those that leave another: with a copy of its slot, or fed again later. */
    private void fork(Branch parent, IntBuffer more, List<Rider> riders) {
      Branch fork = parent.fork(more, riders);
      if (freeSlots.isEmpty()) {
        waiting.add(fork);
        return;
      }
      fork.slot = freeSlots.remove();
      cache.copyBranch(parent.slot, fork.slot, parent.start, parent.fed);
      fork.fed = parent.fed;
      active.add(fork);
    }

    /**
     * The first tokens of all responses of a new trunk. One that draws the trunk's own next token
     * follows the trunk as far as its logits are known, without being fed.
     */
    private void branch(Trunk trunk) {
      Request request = requests.get(trunk.request);
      List<List<Rider>> riders = new ArrayList<>();
      for (int f = 0; f < request.from().length; f++) {
        List<Rider> own = new ArrayList<>();
        for (int c = 0; c < request.count(); c++) {
          int response = f * request.count() + c;
          own.add(new Rider(trunk.request, response, request.from()[f], request.streams()[f][c]));
        }
        riders.add(own);
      }
      boolean replaces = request.forbidden() >= 0;
      for (int f = 0; f < riders.size(); f++) {
        int at = request.from()[f];
        TokenChooser chooser = (replaces ? unfiltered : choosers)[0];
        int[] drawn = draw(riders.get(f), chooser, trunk.logits[f], 0, replaces);
        Branch here = new Branch(trunk, at, new int[0], 0, List.of());
        boolean known = f + 1 < riders.size() && request.from()[f + 1] == at + 1;
        for (Map.Entry<IntBuffer, List<Rider>> group :
            part(here, riders.get(f), drawn).entrySet()) {
          IntBuffer more = group.getKey();
          if (known && more.remaining() == 1 && more.get(0) == request.trunk()[at]) {
            riders.get(f + 1).addAll(group.getValue());
          } else {
            waiting.add(here.fork(more, group.getValue()));
          }
        }
      }
    }

    /** The next token of each rider, all from the same logits. */
    private int[] draw(
        List<Rider> riders, TokenChooser chooser, float[] logits, int from, boolean first) {
      int[] drawn = new int[riders.size()];
      double prepared = Double.NaN;
      for (int i = 0; i < drawn.length; i++) {
        Rider rider = riders.get(i);
        double temperature = first ? 1 : options.temperature().after(rider.finishedSteps);
        if (temperature != prepared) {
          chooser.prepare(logits, from, temperature);
          prepared = temperature;
        }
        drawn[i] = chooser.draw(rider.stream);
      }
      return drawn;
    }

    /** Adds each rider's token; those that go on, by what they go on with. */
    private Map<IntBuffer, List<Rider>> part(Branch branch, List<Rider> riders, int[] drawn) {
      Map<IntBuffer, List<Rider>> groups = new LinkedHashMap<>();
      for (int i = 0; i < drawn.length; i++) {
        Rider rider = riders.get(i);
        rider.add(drawn[i], stepTokens);
        int[] more = next(branch, rider, drawn[i]);
        if (more != null) {
          groups.computeIfAbsent(IntBuffer.wrap(more), key -> new ArrayList<>()).add(rider);
        }
      }
      return groups;
    }

    /**
     * What a response goes on with: the token that it drew, with what an interruption puts behind
     * it; null where it has ended and been taken down.
     */
    private int[] next(Branch branch, Rider rider, int id) {
      boolean eos = decoder.config().eosTokenIds().contains(id);
      int[] ids = eos || full(rider) || mayStop[id] ? response(branch, rider, id) : null;
      boolean stop = !eos && ids != null && endsWithStop(ids);
      if (!eos && !full(rider) && !stop) {
        return new int[] {id};
      }
      Sample.FinishReason reason =
          eos || stop ? Sample.FinishReason.STOP : Sample.FinishReason.LENGTH;
      if (stop && interruption != null) {
        reason = Sample.FinishReason.LENGTH;
        int[] more = full(rider) ? null : interruption.append(rider.request, rider.response, ids);
        if (more != null) {
          rider.finishedSteps++;
          rider.length += more.length;
          if (!full(rider)) {
            return joined(new int[] {id}, more);
          }
          ids = joined(ids, more);
        }
      }
      results.get(rider.request).set(rider.response, new Sample(ids, reason));
      finished++;
      if (--branch.trunk.unfinished == 0) {
        freeTrunks.add(branch.trunk.slot);
        complete.add(rider.request);
      }
      return null;
    }

    private boolean full(Rider rider) {
      return rider.length >= options.maxNewTokens()
          || rider.from + rider.length >= decoder.config().maxPositions();
    }

    /**
     * What a rider has drawn: tokens of the trunk that it followed, those of its branch, one more.
     */
    private int[] response(Branch branch, Rider rider, int id) {
      int[] trunk = requests.get(rider.request).trunk();
      int followed = branch.start - rider.from;
      int[] ids = new int[followed + branch.length + 1];
      System.arraycopy(trunk, rider.from, ids, 0, followed);
      System.arraycopy(branch.ids, 0, ids, followed, branch.length);
      ids[ids.length - 1] = id;
      return ids;
    }

    /**
     * Looks at the end only: what is new lies there; a character takes three byte tokens at most.
     */
    private boolean endsWithStop(int[] ids) {
      if (options.stop().isEmpty()) {
        return false;
      }
      int from = Math.max(0, ids.length - 3 * longestStop - 16);
      String end = tokenizer.decode(Arrays.copyOfRange(ids, from, ids.length));
      int before = tokenizer.decode(Arrays.copyOfRange(ids, from, ids.length - 1)).length();
      return options.stop().stream()
          .anyMatch(stop -> end.lastIndexOf(stop) + stop.length() > before && end.contains(stop));
    }
  }

  private static int[] joined(int[] a, int[] b) {
    int[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  /**
   * Tokens that may complete one of the stops: those with the last character of one, and those
   * whose own text does not show what they add.
   */
  private boolean[] mayStop(List<String> stops) {
    boolean[] may = new boolean[decoder.config().vocabSize()];
    for (int id = 0; id < may.length && !stops.isEmpty(); id++) {
      String text = tokenizer.decode(id);
      may[id] =
          text.isBlank()
              || text.indexOf('\ufffd') >= 0
              || stops.stream().anyMatch(s -> text.indexOf(s.charAt(s.length() - 1)) >= 0);
    }
    return may;
  }

  /** The rows of one pass. */
  private static final class Feed {
    final Ints tokens = new Ints();
    final Ints positions = new Ints();
    final Ints trunks = new Ints();
    final Ints trunkTokens = new Ints();
    final Ints branches = new Ints();
    final Ints wanted = new Ints();

    void add(int token, int position, int trunk, int seen, int branch) {
      tokens.add(token);
      positions.add(position);
      trunks.add(trunk);
      trunkTokens.add(seen);
      branches.add(branch);
    }

    Decoder.Rows rows() {
      return new Decoder.Rows(
          tokens.toArray(),
          positions.toArray(),
          trunks.toArray(),
          trunkTokens.toArray(),
          branches.toArray());
    }
  }
}
