package dev.plumbline.transformer;

import dev.plumbline.tensor.random.RandomStream;
import java.nio.FloatBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Draws responses for many prompts over one KV cache: a prompt is fed once for all its candidates,
 * and a sequence that ends makes room for the next one at once. Each candidate has its own random
 * stream.
 */
public final class Sampler implements AutoCloseable {
  private final Decoder decoder;
  private final Tokenizer tokenizer;
  private final int slots;

  /**
   * One prompt.
   *
   * @param prompt its token ids
   * @param count number of responses wanted
   * @param stream candidate i draws from {@code stream.child(i)}
   */
  public record Request(int[] prompt, int count, RandomStream stream) {}

  /** A sampler on the weights as they are now; {@code slots} sequences advance together. */
  public Sampler(LlamaWeights weights, Tokenizer tokenizer, int slots) {
    this.decoder = new Decoder(weights);
    this.tokenizer = tokenizer;
    this.slots = slots;
  }

  /** Responses of each request in order; {@code progress} is told of finished responses. */
  public List<List<Sample>> sample(
      List<Request> requests, SamplingOptions options, IntConsumer progress) {
    LlamaConfig config = decoder.config();
    int longestPrompt = requests.stream().mapToInt(r -> r.prompt().length).max().orElse(0);
    if (longestPrompt >= config.maxPositions()) {
      throw new ModelException(
          "A prompt of "
              + longestPrompt
              + " tokens leaves no room in the model's "
              + config.maxPositions()
              + " positions.");
    }
    int capacity = Math.min(config.maxPositions(), longestPrompt + options.maxNewTokens());
    int wanted = requests.stream().mapToInt(Request::count).sum();
    Run run =
        new Run(requests, options, Math.max(1, Math.min(slots, wanted)), longestPrompt, capacity);
    run.toEnd(progress);
    return run.results;
  }

  @Override
  public void close() {
    decoder.close();
  }

  /** A sequence in a slot. */
  private static final class Sequence {
    final int request;
    final int candidate;
    final RandomStream stream;
    final int promptLength;
    int[] ids = new int[32];
    int length;

    Sequence(int request, int candidate, RandomStream stream, int promptLength) {
      this.request = request;
      this.candidate = candidate;
      this.stream = stream;
      this.promptLength = promptLength;
    }

    void add(int id) {
      if (length == ids.length) {
        ids = Arrays.copyOf(ids, 2 * length);
      }
      ids[length++] = id;
    }

    int[] response() {
      return Arrays.copyOf(ids, length);
    }
  }

  private final class Run {
    final List<List<Sample>> results = new ArrayList<>();
    private final List<Request> requests;
    private final SamplingOptions options;
    private final TokenChooser chooser;
    private final KvCache cache;
    private final KvCache prefix; // one prompt, forked into the slots of its candidates
    private final Sequence[] active;
    private final float[] logits;
    private final float[] promptLogits;
    private final Deque<int[]> waiting = new ArrayDeque<>(); // {request, candidate}
    private int prefilled = -1;
    private int finished;

    Run(
        List<Request> requests,
        SamplingOptions options,
        int width,
        int longestPrompt,
        int capacity) {
      this.requests = requests;
      this.options = options;
      this.chooser = new TokenChooser(options, decoder.config().vocabSize());
      this.cache = new KvCache(decoder.config(), width, capacity);
      this.prefix = new KvCache(decoder.config(), 1, Math.max(1, longestPrompt));
      this.active = new Sequence[width];
      this.logits = new float[decoder.config().vocabSize()];
      this.promptLogits = new float[decoder.config().vocabSize()];
      for (int r = 0; r < requests.size(); r++) {
        results.add(new ArrayList<>(Collections.nCopies(requests.get(r).count(), null)));
        for (int c = 0; c < requests.get(r).count(); c++) {
          waiting.add(new int[] {r, c});
        }
      }
    }

    void toEnd(IntConsumer progress) {
      while (true) {
        finished = 0;
        for (int slot = 0; slot < active.length; slot++) {
          while (active[slot] == null && !waiting.isEmpty()) {
            start(slot, waiting.poll());
          }
        }
        int[] live = liveSlots();
        if (live.length > 0) {
          step(live);
        }
        if (finished > 0) {
          progress.accept(finished);
        }
        if (live.length == 0 && waiting.isEmpty()) {
          return;
        }
      }
    }

    /** Forks the prompt into the slot and draws the first token. */
    private void start(int slot, int[] job) {
      Request request = requests.get(job[0]);
      int length = request.prompt().length;
      if (prefilled != job[0]) {
        int[] positions = new int[length];
        Arrays.setAll(positions, i -> i);
        decoder
            .forward(request.prompt(), new int[length], positions, prefix, new int[] {length - 1})
            .get(0, promptLogits);
        prefilled = job[0];
      }
      cache.copyPrefix(prefix, 0, slot, length);
      active[slot] = new Sequence(job[0], job[1], request.stream().child(job[1]), length);
      accept(slot, chooser.choose(promptLogits, active[slot].stream));
    }

    /** Feeds the last token of every live sequence and draws the next one. */
    private void step(int[] live) {
      int[] tokens = new int[live.length];
      int[] positions = new int[live.length];
      int[] rows = new int[live.length];
      for (int i = 0; i < live.length; i++) {
        Sequence s = active[live[i]];
        tokens[i] = s.ids[s.length - 1];
        positions[i] = s.promptLength + s.length - 1;
        rows[i] = i;
      }
      FloatBuffer all = decoder.forward(tokens, live, positions, cache, rows);
      for (int i = 0; i < live.length; i++) {
        all.get(i * logits.length, logits);
        accept(live[i], chooser.choose(logits, active[live[i]].stream));
      }
    }

    private void accept(int slot, int token) {
      Sequence s = active[slot];
      s.add(token);
      boolean stop = decoder.config().eosTokenIds().contains(token) || endsWithStop(s);
      boolean full =
          s.length >= options.maxNewTokens() || s.promptLength + s.length >= cache.capacity();
      if (stop || full) {
        Sample.FinishReason reason = stop ? Sample.FinishReason.STOP : Sample.FinishReason.LENGTH;
        results.get(s.request).set(s.candidate, new Sample(s.response(), reason));
        active[slot] = null;
        finished++;
      }
    }

    private boolean endsWithStop(Sequence s) {
      if (options.stop().isEmpty()) {
        return false;
      }
      String text = tokenizer.decode(s.response());
      return options.stop().stream().anyMatch(text::contains);
    }

    private int[] liveSlots() {
      int[] live = new int[active.length];
      int count = 0;
      for (int slot = 0; slot < active.length; slot++) {
        if (active[slot] != null) {
          live[count++] = slot;
        }
      }
      return Arrays.copyOf(live, count);
    }
  }
}
