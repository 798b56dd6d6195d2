package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Draws responses for many requests over one KV cache. The tokens of a request are fed once. Every
 * response continues them without a copy, from their end (candidates of a question) or from any
 * position inside (rollouts of a trajectory). All responses advance together, with one pass over
 * the weights. When one ends, the next takes its slot at once, and the tokens of a new request are
 * fed in the same pass.
 *
 * <p>Responses that have drawn the same tokens so far share one {@link Fork}. Its tokens are fed
 * once, and it divides where the responses draw different tokens. This saves most of the work when
 * the model is certain of most tokens.
 *
 * <p>Sampling is batch-invariant: each response has its own random stream, and the {@link Decoder}
 * computes each row from its own sequence only. So a response has the same tokens whatever else is
 * sampled: exactly on our own kernels, up to rounding on stock operations.
 *
 * <p>This class is the interface; {@link SamplingRun} does the work.
 */
public final class Sampler implements AutoCloseable {
  private final Decoder decoder;
  private final Tokenizer tokenizer;
  private final int slots;

  /**
   * Tokens and the responses that continue them.
   *
   * @param trunk token ids
   * @param from numbers of trunk tokens that responses continue, rising; each at least 1
   * @param count responses per number in {@code from}
   * @param streams the random stream of each response, [from][count]
   * @param forbidden a token that no response may start with, -1 for none; where there is one, the
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

    /** A request that allows every first token. */
    public Request(int[] trunk, int[] from, int count, RandomStream[][] streams) {
      this(trunk, from, count, streams, -1);
    }

    /**
     * Rollouts that continue the first {@code from} tokens of a trajectory, but not with the token
     * {@code forbidden}; rollout i draws from {@code stream.child(i)}.
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

    /** Number of responses. */
    public int responses() {
      return from.length * count;
    }

    /** Number of trunk tokens that must be fed: up to the last one that a response continues. */
    int needed() {
      return from.length == 0 ? 0 : from[from.length - 1];
    }
  }

  /** Appends tokens to a response that has reached a stop text, such as the output of its code. */
  public interface Interruption {
    /**
     * Called on one thread.
     *
     * @param request index of the request
     * @param response its number in the request, as in the results
     * @param ids the response, including the stop text
     * @return the tokens to append, or null to end the response here, as if it were too long
     */
    int[] append(int request, int response, int[] ids);
  }

  /** Is notified of each request whose responses are complete. */
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
   * A sampler on the current weights; make a new one after training.
   *
   * @param slots maximum number of sequences that advance together
   */
  public Sampler(LlamaWeights weights, Tokenizer tokenizer, OpMode mode, int slots) {
    this.decoder = Decoder.of(weights, mode);
    this.tokenizer = tokenizer;
    this.slots = slots;
  }

  /**
   * Draws the responses of each request, in order: all from its first position, then all from the
   * second, and so on.
   *
   * @param progress is notified after each pass of the number of responses that it finished
   */
  public List<List<Sample>> sample(
      List<Request> requests, SamplingOptions options, IntConsumer progress) {
    return sample(requests, options, null, progress, (request, samples) -> {});
  }

  /**
   * The same with an interruption: a response that reaches a stop text continues after the tokens
   * that {@code interruption} appends. Each such stop ends a step in the sense of {@link
   * TemperatureSchedule}.
   *
   * @param interruption or null: then a stop text ends the response
   * @param progress is notified of a pass after {@code finished}
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
      SamplingRun run =
          new SamplingRun(
              decoder, tokenizer, new SamplingRun.Job(requests, options, interruption), cache);
      return run.toEnd(new SamplingRun.Slots(trunks, width), progress, finished);
    }
  }

  @Override
  public void close() {
    decoder.close();
  }
}
