package dev.plumbline.transformer;

import dev.plumbline.tensor.engine.Workers;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Draws responses for many requests over one KV cache. The tokens of a request are fed once, and
 * every response continues them without a copy, from their end (candidates of a question) or from
 * any position inside (rollouts of a trajectory). Sequences advance together, one pass over the
 * weights for all; one that ends makes room for the next at once, and the tokens of a new request
 * ride along in the same pass.
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
   */
  public record Request(int[] trunk, int[] from, int count, RandomStream[][] streams) {
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

    int responses() {
      return from.length * count;
    }

    /** Tokens of the trunk that some response continues: what must be fed. */
    int needed() {
      return from.length == 0 ? 0 : from[from.length - 1];
    }
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
   * {@code progress} is told of finished responses.
   */
  public List<List<Sample>> sample(
      List<Request> requests, SamplingOptions options, IntConsumer progress) {
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
    int wanted = requests.stream().mapToInt(Request::responses).sum();
    int width = Math.max(1, Math.min(slots, wanted));
    int trunks = Math.max(1, Math.min(width, requests.size()));
    int newTokens = Math.min(options.maxNewTokens(), config.maxPositions());
    try (Decoder.Cache cache = decoder.newCache(trunks, Math.max(1, longest), width, newTokens)) {
      Run run = new Run(requests, options, trunks, width, cache);
      run.toEnd(progress);
      return run.results;
    }
  }

  @Override
  public void close() {
    decoder.close();
  }

  /** A response in the making. */
  private static final class Sequence {
    final int request;
    final int response; // its place in the request's results
    final int start; // tokens of the trunk that it continues
    final RandomStream stream;
    int[] ids = new int[32];
    int length;
    int finishedSteps;
    boolean inStep; // whether the step that is being written holds more than blanks

    Sequence(int request, int response, int start, RandomStream stream) {
      this.request = request;
      this.response = response;
      this.start = start;
      this.stream = stream;
    }

    void add(int id, StepTokens steps) {
      if (length == ids.length) {
        ids = Arrays.copyOf(ids, 2 * length);
      }
      ids[length++] = id;
      inStep |= steps.text[id];
      if (inStep && steps.end[id]) {
        finishedSteps++;
        inStep = false;
      }
    }

    int[] response() {
      return Arrays.copyOf(ids, length);
    }
  }

  /** Which tokens end a step, and which hold more than blanks; none where steps do not matter. */
  private static final class StepTokens {
    final boolean[] end;
    final boolean[] text;

    StepTokens(Temperature temperature, Tokenizer tokenizer, int vocab) {
      end = new boolean[vocab];
      text = new boolean[vocab];
      for (int id = 0; id < vocab && temperature.rises(); id++) {
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

  /** A row of a pass: the last token of a branch, or a token of a trunk. */
  private record Row(int token, int position, int trunk, int trunkTokens, int branch) {}

  private final class Run {
    final List<List<Sample>> results = new ArrayList<>();
    private final List<Request> requests;
    private final SamplingOptions options;
    private final TokenChooser[] choosers;
    private final Decoder.Cache cache;
    private final Sequence[] active; // by slot
    private final Trunk[] trunkOf; // by slot
    private final Deque<Integer> freeTrunks = new ArrayDeque<>();
    private final Deque<Sequence> waiting = new ArrayDeque<>();
    private final Trunk[] started; // by request
    private final int longestStop;
    private final StepTokens stepTokens;

    Run(
        List<Request> requests,
        SamplingOptions options,
        int trunks,
        int width,
        Decoder.Cache cache) {
      this.requests = requests;
      this.options = options;
      this.choosers = new TokenChooser[Workers.threads()];
      Arrays.setAll(choosers, i -> new TokenChooser(options, decoder.config().vocabSize()));
      this.cache = cache;
      this.active = new Sequence[width];
      this.trunkOf = new Trunk[width];
      this.started = new Trunk[requests.size()];
      this.longestStop = options.stop().stream().mapToInt(String::length).max().orElse(0);
      this.stepTokens =
          new StepTokens(options.temperature(), tokenizer, decoder.config().vocabSize());
      for (int slot = 0; slot < trunks; slot++) {
        freeTrunks.add(slot); // a started trunk has a running response, so these are enough
      }
      for (int r = 0; r < requests.size(); r++) {
        Request request = requests.get(r);
        results.add(new ArrayList<>(Collections.nCopies(request.responses(), null)));
        for (int f = 0; f < request.from().length; f++) {
          for (int c = 0; c < request.count(); c++) {
            int response = f * request.count() + c;
            waiting.add(new Sequence(r, response, request.from()[f], request.streams()[f][c]));
          }
        }
      }
    }

    void toEnd(IntConsumer progress) {
      while (true) {
        List<Trunk> fresh = fill();
        List<Integer> live = live();
        if (live.isEmpty() && fresh.isEmpty()) {
          return;
        }
        int finished = pass(live, fresh);
        if (finished > 0) {
          progress.accept(finished);
        }
      }
    }

    /** Gives free slots to waiting responses; returns the trunks that must be fed first. */
    private List<Trunk> fill() {
      List<Trunk> fresh = new ArrayList<>();
      int tokens = 0;
      for (int slot = 0; slot < active.length && !waiting.isEmpty(); slot++) {
        if (active[slot] != null) {
          continue;
        }
        int request = waiting.peek().request;
        Trunk trunk = started[request];
        if (trunk == null) {
          int length = requests.get(request).needed();
          if (tokens > 0 && tokens + length > NEW_TOKENS_PER_PASS) {
            break; // in the next pass
          }
          tokens += length;
          Request r = requests.get(request);
          int vocab = decoder.config().vocabSize();
          trunk = new Trunk(request, freeTrunks.remove(), r.from().length, vocab, r.responses());
          started[request] = trunk;
          fresh.add(trunk);
        }
        active[slot] = waiting.remove();
        trunkOf[slot] = trunk;
      }
      return fresh;
    }

    /** Slots in use, those side by side that continue the same tokens of a trunk. */
    private List<Integer> live() {
      List<Integer> live = new ArrayList<>();
      for (int slot = 0; slot < active.length; slot++) {
        if (active[slot] != null) {
          live.add(slot);
        }
      }
      live.sort(
          Comparator.<Integer>comparingInt(slot -> trunkOf[slot].slot)
              .thenComparingInt(slot -> active[slot].start));
      return live;
    }

    /** Feeds the new trunks and the last token of every running response; draws the next tokens. */
    private int pass(List<Integer> live, List<Trunk> fresh) {
      List<Row> rows = new ArrayList<>();
      List<Integer> wanted = new ArrayList<>();
      List<Integer> running = new ArrayList<>();
      for (int slot : live) {
        Sequence s = active[slot];
        if (s.length > 0) {
          wanted.add(rows.size());
          running.add(slot);
          int position = s.start + s.length - 1;
          rows.add(new Row(s.ids[s.length - 1], position, trunkOf[slot].slot, s.start, slot));
        }
      }
      for (Trunk trunk : fresh) {
        Request request = requests.get(trunk.request);
        for (int from : request.from()) {
          wanted.add(rows.size() + from - 1);
        }
        for (int p = 0; p < request.needed(); p++) {
          rows.add(new Row(request.trunk()[p], p, trunk.slot, 0, -1));
        }
      }
      if (!rows.isEmpty()) {
        Decoder.Logits logits =
            decoder.forward(
                new Decoder.Rows(
                    rows.stream().mapToInt(Row::token).toArray(),
                    rows.stream().mapToInt(Row::position).toArray(),
                    rows.stream().mapToInt(Row::trunk).toArray(),
                    rows.stream().mapToInt(Row::trunkTokens).toArray(),
                    rows.stream().mapToInt(Row::branch).toArray()),
                cache,
                wanted.stream().mapToInt(Integer::intValue).toArray());
        int w = running.size();
        for (Trunk trunk : fresh) {
          for (float[] own : trunk.logits) {
            logits.get(w++, own);
          }
        }
        draw(running, logits);
      }
      List<Integer> first = live.stream().filter(slot -> active[slot].length == 0).toList();
      drawFirst(first);
      int finished = 0;
      for (int slot : live) {
        finished += finish(slot) ? 1 : 0;
      }
      return finished;
    }

    private void draw(List<Integer> running, Decoder.Logits logits) {
      Workers.forChunks(
          running.size(),
          2,
          (from, to, worker) -> {
            for (int i = from; i < to; i++) {
              Sequence s = active[running.get(i)];
              int at = i * logits.stride();
              choose(s, worker, logits.values(), at);
            }
          });
    }

    private void choose(Sequence s, int worker, float[] logits, int from) {
      double temperature = options.temperature().after(s.finishedSteps);
      s.add(choosers[worker].choose(logits, from, temperature, s.stream), stepTokens);
    }

    /** The first tokens of new responses come from their trunk's logits. */
    private void drawFirst(List<Integer> first) {
      Workers.forChunks(
          first.size(),
          2,
          (from, to, worker) -> {
            for (int i = from; i < to; i++) {
              Sequence s = active[first.get(i)];
              int count = requests.get(s.request).count();
              float[] logits = trunkOf[first.get(i)].logits[s.response / count];
              choose(s, worker, logits, 0);
            }
          });
    }

    /** Takes a response that has ended out of its slot. */
    private boolean finish(int slot) {
      Sequence s = active[slot];
      boolean stop =
          decoder.config().eosTokenIds().contains(s.ids[s.length - 1]) || endsWithStop(s);
      boolean full =
          s.length >= options.maxNewTokens()
              || s.start + s.length >= decoder.config().maxPositions();
      if (!stop && !full) {
        return false;
      }
      Sample.FinishReason reason = stop ? Sample.FinishReason.STOP : Sample.FinishReason.LENGTH;
      results.get(s.request).set(s.response, new Sample(s.response(), reason));
      Trunk trunk = trunkOf[slot];
      if (--trunk.unfinished == 0) {
        freeTrunks.add(trunk.slot);
        started[trunk.request] = null; // with its logits
      }
      active[slot] = null;
      trunkOf[slot] = null;
      return true;
    }

    /**
     * Looks at the end only: what is new lies there; a character takes three byte tokens at most.
     */
    private boolean endsWithStop(Sequence s) {
      if (options.stop().isEmpty()) {
        return false;
      }
      int from = Math.max(0, s.length - 3 * longestStop - 16);
      String end = tokenizer.decode(Arrays.copyOfRange(s.ids, from, s.length));
      return options.stop().stream().anyMatch(end::contains);
    }
  }
}
