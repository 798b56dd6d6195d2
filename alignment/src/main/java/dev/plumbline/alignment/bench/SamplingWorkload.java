package dev.plumbline.alignment.bench;

import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The requests of the two sampling workloads, on the model of width 288. */
final class SamplingWorkload {
  static final int SEQUENCES = 32;
  static final int PROMPT = 64;
  static final int NEW_TOKENS = 128;
  static final int TRAJECTORY = 96;
  static final int ROLLOUTS = 16;
  static final int ROLLOUT_TOKENS = 64;

  /** Number of sequences that the sampler decodes in parallel. */
  static final int SLOTS = 256;

  private static final int VOCABULARY = 512;

  private SamplingWorkload() {}

  /** Samples one response of up to {@code newTokens} tokens for each of 32 prompts of 64 tokens. */
  static long sample(Sampler sampler, int newTokens) {
    RandomStream random = RandomStream.of(1, "sample-32");
    List<Sampler.Request> requests = new ArrayList<>();
    for (int i = 0; i < SEQUENCES; i++) {
      int[] prompt = TrainingWorkload.ids(random, PROMPT, VOCABULARY);
      requests.add(new Sampler.Request(prompt, 1, random.child(i)));
    }
    return tokens(sampler.sample(requests, SamplingOptions.at(1, newTokens), done -> {}));
  }

  /**
   * Samples 16 rollouts from every position of a trajectory of 96 tokens after a prompt of 64
   * tokens, all forked from one KV cache.
   *
   * @param every takes only every n-th position
   */
  static long rollouts(Sampler sampler, int every) {
    RandomStream random = RandomStream.of(1, "rollouts");
    int[] whole = TrainingWorkload.ids(random, PROMPT + TRAJECTORY, VOCABULARY);
    var request = Sampler.Request.rollouts(whole, positions(every), ROLLOUTS, random.child(0));
    SamplingOptions options = SamplingOptions.at(1, ROLLOUT_TOKENS);
    return tokens(sampler.sample(List.of(request), options, done -> {}));
  }

  /**
   * The same without sharing: every rollout computes its whole prefix.
   *
   * @param together rollouts of a position per call: all 16, as {@code
   *     generate(num_return_sequences=16)} of other tools does, or 1
   */
  static long rolloutsFromScratch(Sampler sampler, int every, int together) {
    RandomStream random = RandomStream.of(1, "rollouts");
    int[] whole = TrainingWorkload.ids(random, PROMPT + TRAJECTORY, VOCABULARY);
    SamplingOptions options = SamplingOptions.at(1, ROLLOUT_TOKENS);
    long tokens = 0;
    for (int position : positions(every)) {
      int[] prefix = Arrays.copyOf(whole, position);
      for (int first = 0; first < ROLLOUTS; first += together) {
        List<Sampler.Request> requests = new ArrayList<>();
        for (int i = first; i < first + together; i++) {
          requests.add(new Sampler.Request(prefix, 1, random.child(position).child(i)));
        }
        tokens += tokens(sampler.sample(requests, options, done -> {}));
      }
    }
    return tokens;
  }

  /** Number of tokens before each taken position. */
  private static int[] positions(int every) {
    int[] positions = new int[TRAJECTORY / every];
    Arrays.setAll(positions, i -> PROMPT + 1 + (every - 1) / 2 + i * every);
    return positions;
  }

  private static long tokens(List<List<Sample>> samples) {
    return samples.stream().flatMap(List::stream).mapToLong(s -> s.ids().length).sum();
  }
}
