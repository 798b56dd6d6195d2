package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.transformer.generate.Sampler.Finished;
import dev.plumbline.transformer.generate.Sampler.Interruption;
import dev.plumbline.transformer.generate.Sampler.Request;
import dev.plumbline.transformer.model.Ints;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * One call of {@link Sampler#sample}: decides what each pass feeds, draws the next tokens, divides
 * forks, and gives freed slots to waiting forks and new requests.
 */
final class SamplingRun {
  /** Tokens of new requests in one pass; a limit, so that running responses do not wait long. */
  private static final int NEW_TOKENS_PER_PASS = 1024;

  /**
   * What is sampled.
   *
   * @param interruption or null
   */
  record Job(List<Request> requests, SamplingOptions options, Interruption interruption) {}

  /**
   * Slots of the KV cache.
   *
   * @param prefixes trunk slots
   * @param forks branch slots
   */
  record Slots(int prefixes, int forks) {}

  private final Decoder decoder;
  private final LlamaConfig config;
  private final List<Request> requests;
  private final SamplingOptions options;
  private final Responses responses;
  private final Decoder.Cache cache;
  private final TokenChooser[] choosers; // one per thread
  private final TokenChooser unfiltered; // for the first tokens where one is forbidden
  private final Deque<Integer> freeForkSlots = new ArrayDeque<>();
  private final Deque<Integer> freePrefixSlots = new ArrayDeque<>();
  private final Deque<Fork> waiting = new ArrayDeque<>();
  private final List<Integer> complete = new ArrayList<>(); // requests that this pass completed
  private List<Fork> active = new ArrayList<>();
  private int nextRequest;

  SamplingRun(Decoder decoder, Tokenizer tokenizer, Job job, Decoder.Cache cache) {
    this.decoder = decoder;
    this.config = decoder.config();
    this.requests = job.requests();
    this.options = job.options();
    this.responses = new Responses(job, config, tokenizer);
    this.cache = cache;
    int vocab = config.vocabSize();
    this.choosers = new TokenChooser[Workers.threads()];
    Arrays.setAll(choosers, i -> new TokenChooser(options, vocab));
    this.unfiltered = new TokenChooser(SamplingOptions.at(1, 1), vocab);
  }

  /** Runs passes until every response has ended. */
  List<List<Sample>> toEnd(Slots slots, IntConsumer progress, Finished listener) {
    for (int slot = 0; slot < slots.forks(); slot++) {
      freeForkSlots.add(slot);
    }
    for (int slot = 0; slot < slots.prefixes(); slot++) {
      freePrefixSlots.add(slot);
    }
    boolean more = true;
    while (more) {
      while (!waiting.isEmpty() && !freeForkSlots.isEmpty()) {
        Fork fork = waiting.remove();
        fork.slot = freeForkSlots.remove();
        active.add(fork);
      }
      List<SharedPrefix> fresh = takeRequests(slots.forks());
      more = !active.isEmpty() || !fresh.isEmpty();
      if (more) {
        pass(fresh);
      }
      for (SharedPrefix prefix : responses.takeComplete()) {
        freePrefixSlots.add(prefix.slot);
        complete.add(prefix.request);
      }
      complete.forEach(r -> listener.request(r, responses.of(r)));
      complete.clear();
      progress.accept(responses.takeFinished());
    }
    return responses.all();
  }

  /** Takes new requests while there are slots for more responses. */
  private List<SharedPrefix> takeRequests(int width) {
    List<SharedPrefix> fresh = new ArrayList<>();
    int tokens = 0;
    int expected = active.size() + waiting.size();
    while (nextRequest < requests.size() && expected < width && !freePrefixSlots.isEmpty()) {
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
      fresh.add(
          new SharedPrefix(
              nextRequest++,
              freePrefixSlots.remove(),
              request.from().length,
              config.vocabSize(),
              request.responses()));
    }
    return fresh;
  }

  /** Feeds the new prefixes and the last token of every fork; draws the next tokens. */
  private void pass(List<SharedPrefix> fresh) {
    active.sort(Comparator.<Fork>comparingInt(f -> f.prefix.slot).thenComparingInt(f -> f.start));
    Feed feed = new Feed();
    for (Fork f : active) {
      for (int i = f.fed; i < f.length(); i++) {
        feed.add(f.id(i), f.start + i, f.prefix.slot, f.start, f.slot);
      }
      feed.wanted.add(feed.tokens.size() - 1);
      f.fed = f.length();
    }
    for (SharedPrefix prefix : fresh) {
      Request request = requests.get(prefix.request);
      for (int from : request.from()) {
        feed.wanted.add(feed.tokens.size() + from - 1);
      }
      for (int p = 0; p < request.needed(); p++) {
        feed.add(request.trunk()[p], p, prefix.slot, 0, -1);
      }
    }
    Decoder.Logits logits = decoder.forward(feed.rows(), cache, feed.wanted.toArray());
    int w = active.size();
    for (SharedPrefix prefix : fresh) {
      int forbidden = requests.get(prefix.request).forbidden();
      for (float[] own : prefix.logits) {
        logits.get(w++, own);
        if (forbidden >= 0) {
          own[forbidden] = Float.NEGATIVE_INFINITY;
        }
      }
    }
    advance(logits);
    fresh.forEach(this::begin);
  }

  /** Draws the next token of every active sequence; divides forks whose sequences differ. */
  private void advance(Decoder.Logits logits) {
    int[][] drawn = new int[active.size()][]; // [fork][sequence]
    Workers.forChunks(
        drawn.length,
        2,
        (from, to, worker) -> {
          for (int i = from; i < to; i++) {
            List<Sequence> sequences = active.get(i).sequences;
            int row = i * logits.stride();
            drawn[i] = draw(sequences, choosers[worker], logits.values(), row, false);
          }
        });
    List<Fork> before = active;
    active = new ArrayList<>();
    for (int i = 0; i < drawn.length; i++) {
      Fork fork = before.get(i);
      Map<IntBuffer, List<Sequence>> groups = responses.add(fork, fork.sequences, drawn[i]);
      if (groups.isEmpty()) {
        freeForkSlots.add(fork.slot);
        continue;
      }
      boolean first = true;
      for (Map.Entry<IntBuffer, List<Sequence>> group : groups.entrySet()) {
        if (!first) {
          divide(fork, group.getKey(), group.getValue());
        }
        first = false;
      }
      Map.Entry<IntBuffer, List<Sequence>> own = groups.entrySet().iterator().next();
      fork.add(own.getKey());
      fork.sequences = own.getValue();
      active.add(fork);
    }
  }

  /** Makes a fork for sequences that leave theirs: copies the slot, or feeds its tokens later. */
  private void divide(Fork parent, IntBuffer more, List<Sequence> sequences) {
    Fork fork = parent.with(more, sequences);
    if (freeForkSlots.isEmpty()) {
      waiting.add(fork);
      return;
    }
    fork.slot = freeForkSlots.remove();
    cache.copyBranch(parent.slot, fork.slot, parent.start, parent.fed);
    fork.fed = parent.fed;
    active.add(fork);
  }

  /**
   * Draws the first tokens of all responses of a new prefix. A response that draws the next token
   * of the prefix itself follows the prefix, as far as its logits are known, and feeds nothing.
   */
  private void begin(SharedPrefix prefix) {
    Request request = requests.get(prefix.request);
    List<List<Sequence>> sequences = new ArrayList<>();
    for (int f = 0; f < request.from().length; f++) {
      List<Sequence> own = new ArrayList<>();
      for (int c = 0; c < request.count(); c++) {
        int response = f * request.count() + c;
        own.add(new Sequence(prefix.request, response, request.from()[f], request.streams()[f][c]));
      }
      sequences.add(own);
    }
    boolean replaces = request.forbidden() >= 0;
    for (int f = 0; f < sequences.size(); f++) {
      int at = request.from()[f];
      TokenChooser chooser = replaces ? unfiltered : choosers[0];
      int[] drawn = draw(sequences.get(f), chooser, prefix.logits[f], 0, replaces);
      Fork here = Fork.empty(prefix, at);
      boolean known = f + 1 < sequences.size() && request.from()[f + 1] == at + 1;
      for (Map.Entry<IntBuffer, List<Sequence>> group :
          responses.add(here, sequences.get(f), drawn).entrySet()) {
        IntBuffer more = group.getKey();
        if (known && more.remaining() == 1 && more.get(0) == request.trunk()[at]) {
          sequences.get(f + 1).addAll(group.getValue());
        } else {
          waiting.add(here.with(more, group.getValue()));
        }
      }
    }
  }

  /** Draws the next token of each sequence, all from the same logits. */
  private int[] draw(
      List<Sequence> sequences, TokenChooser chooser, float[] logits, int from, boolean first) {
    int[] drawn = new int[sequences.size()];
    double prepared = Double.NaN;
    for (int i = 0; i < drawn.length; i++) {
      Sequence sequence = sequences.get(i);
      double temperature = first ? 1 : options.temperature().after(sequence.finishedSteps);
      if (temperature != prepared) {
        chooser.prepare(logits, from, temperature);
        prepared = temperature;
      }
      drawn[i] = chooser.draw(sequence.stream);
    }
    return drawn;
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
