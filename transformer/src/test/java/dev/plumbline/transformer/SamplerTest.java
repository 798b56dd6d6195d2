package dev.plumbline.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplerTest {
  @TempDir Path work;

  @Test
  void theDecoderComputesWhatTheGraphComputes() throws Exception {
    int[] ids = {1, 4, 9, 33, 12, 5, 5, 20};
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work))) {
      float[] graph =
          Scorer.score(checkpoint.weights(), OpMode.COMPOSED, 
                  List.of(
                      new TokenTree(
                          new int[] {1}, List.of(Arrays.copyOfRange(ids, 1, ids.length)))))
              .get(0)
              .get(0);
      float[][] logits = oneByOne(checkpoint, ids);
      for (int t = 0; t + 1 < ids.length; t++) {
        assertThat(logProb(logits[t], ids[t + 1])).isCloseTo(graph[t], within(1e-4));
      }
    }
  }

  /** The second slot of a cache of trunks, one token a call. */
  private static float[][] oneByOne(Checkpoint checkpoint, int... ids) {
    Decoder decoder = new Decoder(checkpoint.weights());
    KvCache cache = KvCache.ofTrunks(checkpoint.config(), 2, 16);
    float[][] logits = new float[ids.length][checkpoint.config().vocabSize()];
    for (int t = 0; t < ids.length; t++) {
      decoder.forward(Decoder.Rows.ofTrunk(1, t, ids[t]), cache, null, 0).get(0, logits[t]);
    }
    return logits;
  }

  /** What sampling in any company rests on: equal to the bit, however a sequence is fed. */
  @Test
  void logitsDoNotDependOnHowASequenceIsFed() throws Exception {
    int[] ids = {1, 4, 9, 33, 12, 5, 5, 20};
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work))) {
      float[][] expected = oneByOne(checkpoint, ids);
      Decoder decoder = new Decoder(checkpoint.weights());
      KvCache trunks = KvCache.ofTrunks(checkpoint.config(), 3, 8);
      KvCache branches = KvCache.ofBranches(checkpoint.config(), 3, 8);
      float[] logits = new float[checkpoint.config().vocabSize()];
      int[] all = {0, 1, 2, 3, 4, 5, 6, 7};
      Decoder.Logits whole =
          decoder.forward(Decoder.Rows.ofTrunk(2, 0, ids), trunks, branches, all);
      for (int t : all) {
        whole.get(t, logits);
        assertThat(logits).as("whole, token %d", t).isEqualTo(expected[t]);
      }
      // Two branches leave the trunk after 3 and after 5 tokens, while another trunk is fed.
      for (int t = 5; t < 8; t++) {
        Decoder.Rows rows =
            new Decoder.Rows(
                new int[] {ids[t - 2], ids[t], 7, 30},
                new int[] {t - 2, t, 0, 1},
                new int[] {2, 2, 0, 0},
                new int[] {3, 5, 0, 0},
                new int[] {1, 0, -1, -1});
        Decoder.Logits forked = decoder.forward(rows, trunks, branches, 0, 1);
        forked.get(0, logits);
        assertThat(logits).as("from 3, token %d", t - 2).isEqualTo(expected[t - 2]);
        forked.get(1, logits);
        assertThat(logits).as("from 5, token %d", t).isEqualTo(expected[t]);
      }
    }
  }

  @Test
  void aSequenceDoesNotDependOnItsNeighbours() throws Exception {
    SamplingOptions options = SamplingOptions.at(1.3, 20);
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work))) {
      Sampler wide = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), 8);
      Sampler narrow = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), 3);
      List<Sampler.Request> requests = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        requests.add(new Sampler.Request(new int[] {1, 4 + i, 9}, 3, stream(i)));
      }
      List<List<Sample>> together = wide.sample(requests, options, done -> {});
      for (int i = 0; i < 5; i++) {
        // Streams have moved on: the same ones again, from their start.
        var again = new Sampler.Request(new int[] {1, 4 + i, 9}, 3, stream(i));
        List<Sample> alone = narrow.sample(List.of(again), options, done -> {}).get(0);
        for (int c = 0; c < 3; c++) {
          assertThat(together.get(i).get(c).ids()).isEqualTo(alone.get(c).ids());
        }
      }
    }
  }

  /** A fork at a position gives what a prompt of the tokens before it gives. */
  @Test
  void rolloutsEqualSamplingFromEachPrefix() throws Exception {
    SamplingOptions options = SamplingOptions.at(1.3, 15);
    int[] trajectory = {1, 4, 9, 33, 12, 5, 5, 20, 11, 3, 8, 30};
    int[] from = {1, 2, 5, 6, 7, 11, 12};
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work))) {
      Sampler sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), 6);
      var forked = Sampler.Request.rollouts(trajectory, from, 4, stream(9));
      int[] told = new int[1];
      List<Sample> rollouts =
          sampler.sample(List.of(forked), options, done -> told[0] += done).get(0);
      assertThat(rollouts).hasSize(from.length * 4);
      assertThat(told[0]).isEqualTo(from.length * 4);
      for (int f = 0; f < from.length; f++) {
        int[] prefix = Arrays.copyOf(trajectory, from[f]);
        var scratch = new Sampler.Request(prefix, 4, stream(9).child(from[f]));
        List<Sample> alone = sampler.sample(List.of(scratch), options, done -> {}).get(0);
        for (int i = 0; i < 4; i++) {
          assertThat(rollouts.get(4 * f + i).ids())
              .as("rollout %d after %d tokens", i, from[f])
              .isEqualTo(alone.get(i).ids());
        }
      }
    }
  }

  @Test
  void rolloutsFromOutsideTheTrajectoryAreRefused() {
    for (int[] from : new int[][] {{0}, {4}, {2, 2}, {3, 1}}) {
      assertThatThrownBy(() -> Sampler.Request.rollouts(new int[] {1, 2, 3}, from, 1, stream(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must rise from 1 to at most 3");
    }
  }

  private static RandomStream stream(int i) {
    return RandomStream.of(3, "q" + i);
  }

  @Test
  void lengthLimitsAndStopTextsEndAResponse() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work))) {
      Sampler sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), 2);
      var request = List.of(new Sampler.Request(new int[] {1, 4}, 1, RandomStream.of(3, "q")));
      Sample longest =
          sampler.sample(request, SamplingOptions.greedy(500), done -> {}).get(0).get(0);
      if (longest.reason() == Sample.FinishReason.LENGTH) {
        assertThat(longest.ids()).hasSize(62); // the model's 64 positions less the prompt
      }
      String first = checkpoint.tokenizer().decode(longest.ids()[0]);
      Sample stopped =
          sampler
              .sample(request, new SamplingOptions(50, 0, 0, 1, List.of(first)), done -> {})
              .get(0)
              .get(0);
      assertThat(stopped.ids()).hasSize(1);
      assertThat(stopped.reason()).isEqualTo(Sample.FinishReason.STOP);
    }
  }

  @Test
  void filtersKeepTheMostProbableTokens() {
    float[] logits = {
      0f, (float) Math.log(4), (float) Math.log(3), (float) Math.log(2)
    }; // 10, 40, 30, 20 %
    assertShares(new SamplingOptions(1, 1, 0, 1, List.of()), logits, 0.1, 0.4, 0.3, 0.2);
    assertShares(new SamplingOptions(1, 1, 2, 1, List.of()), logits, 0, 4 / 7.0, 3 / 7.0, 0);
    assertShares(
        new SamplingOptions(1, 1, 0, 0.75, List.of()), logits, 0, 4 / 9.0, 3 / 9.0, 2 / 9.0);
    assertShares(
        new SamplingOptions(1, 0.5, 0, 1, List.of()),
        logits,
        1 / 30.0,
        16 / 30.0,
        9 / 30.0,
        4 / 30.0);
    assertShares(new SamplingOptions(1, 0, 0, 1, List.of()), logits, 0, 1, 0, 0);
  }

  private static void assertShares(SamplingOptions options, float[] logits, double... shares) {
    RandomStream stream = RandomStream.of(11, "shares");
    TokenChooser chooser = new TokenChooser(options, logits.length);
    int[] counts = new int[logits.length];
    for (int i = 0; i < 20_000; i++) {
      counts[chooser.choose(logits, 0, stream)]++;
    }
    for (int i = 0; i < counts.length; i++) {
      assertThat(counts[i] / 20_000.0).isCloseTo(shares[i], within(0.015));
    }
  }

  private static double logProb(float[] logits, int token) {
    double sum = 0;
    for (float z : logits) {
      sum += Math.exp(z);
    }
    return logits[token] - Math.log(sum);
  }
}
