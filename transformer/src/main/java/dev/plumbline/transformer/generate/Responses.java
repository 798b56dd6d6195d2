package dev.plumbline.transformer.generate;

import dev.plumbline.transformer.generate.Sampler.Interruption;
import dev.plumbline.transformer.generate.Sampler.Request;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of a {@link SamplingRun}. It decides after each token whether a response ends, at an
 * EOS, a stop text or a limit, or continues after an interruption.
 */
final class Responses {
  private final List<Request> requests;
  private final SamplingOptions options;
  private final Interruption interruption; // or null
  private final LlamaConfig config;
  private final StopMatcher stops;
  private final StepTokens stepTokens;
  private final List<List<Sample>> results = new ArrayList<>(); // [request][response]
  private List<SharedPrefix> complete = new ArrayList<>();
  private int finished;

  Responses(SamplingRun.Job job, LlamaConfig config, Tokenizer tokenizer) {
    this.requests = job.requests();
    this.options = job.options();
    this.interruption = job.interruption();
    this.config = config;
    int vocab = config.vocabSize();
    this.stops = new StopMatcher(options.stop(), tokenizer, vocab);
    this.stepTokens = new StepTokens(options.temperature(), interruption == null, tokenizer, vocab);
    for (Request request : requests) {
      results.add(new ArrayList<>(Collections.nCopies(request.responses(), null)));
    }
  }

  /** The results of all requests; null for unfinished responses. */
  List<List<Sample>> all() {
    return results;
  }

  /** The results of one request. */
  List<Sample> of(int request) {
    return Collections.unmodifiableList(results.get(request));
  }

  /** Requests whose last response has ended since the last call. */
  List<SharedPrefix> takeComplete() {
    List<SharedPrefix> taken = complete;
    complete = new ArrayList<>();
    return taken;
  }

  /** Number of responses that have ended since the last call. */
  int takeFinished() {
    int taken = finished;
    finished = 0;
    return taken;
  }

  /**
   * Adds the token that each sequence drew, and ends responses.
   *
   * @return the sequences that continue, grouped by their new tokens
   */
  Map<IntBuffer, List<Sequence>> add(Fork fork, List<Sequence> sequences, int[] drawn) {
    Map<IntBuffer, List<Sequence>> groups = new LinkedHashMap<>();
    for (int i = 0; i < drawn.length; i++) {
      Sequence sequence = sequences.get(i);
      sequence.add(drawn[i], stepTokens);
      int[] more = next(fork, sequence, drawn[i]);
      if (more != null) {
        groups.computeIfAbsent(IntBuffer.wrap(more), key -> new ArrayList<>()).add(sequence);
      }
    }
    return groups;
  }

  /**
   * The tokens with which a sequence continues: the one that it drew, and those that an
   * interruption appends; null where the response has ended and its result is stored.
   */
  private int[] next(Fork fork, Sequence sequence, int id) {
    boolean eos = config.eosTokenIds().contains(id);
    int[] ids =
        eos || full(sequence) || stops.mayComplete(id) ? response(fork, sequence, id) : null;
    boolean stop = !eos && ids != null && stops.completedBy(ids);
    if (!eos && !full(sequence) && !stop) {
      return new int[] {id};
    }
    Sample.FinishReason reason =
        eos || stop ? Sample.FinishReason.STOP : Sample.FinishReason.LENGTH;
    if (stop && interruption != null) {
      reason = Sample.FinishReason.LENGTH;
      int[] more =
          full(sequence) ? null : interruption.append(sequence.request, sequence.response, ids);
      if (more != null) {
        sequence.finishedSteps++;
        sequence.length += more.length;
        if (!full(sequence)) {
          return joined(new int[] {id}, more);
        }
        ids = joined(ids, more);
      }
    }
    results.get(sequence.request).set(sequence.response, new Sample(ids, reason));
    finished++;
    if (--fork.prefix.unfinished == 0) {
      complete.add(fork.prefix);
    }
    return null;
  }

  private boolean full(Sequence sequence) {
    return sequence.length >= options.maxNewTokens()
        || sequence.from + sequence.length >= config.maxPositions();
  }

  /** All tokens of a response: those of the prefix that it followed, those of its fork, and id. */
  private int[] response(Fork fork, Sequence sequence, int id) {
    int[] prefix = requests.get(sequence.request).trunk();
    int followed = fork.start - sequence.from;
    int[] ids = new int[followed + fork.length() + 1];
    System.arraycopy(prefix, sequence.from, ids, 0, followed);
    fork.copy(ids, followed);
    ids[ids.length - 1] = id;
    return ids;
  }

  private static int[] joined(int[] a, int[] b) {
    int[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }
}
