package dev.plumbline.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplerTest {
  @TempDir Path work;

  @Test
  void theDecoderComputesWhatTheGraphComputes() throws Exception {
    int[] ids = {1, 4, 9, 33, 12, 5, 5, 20};
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Decoder decoder = new Decoder(checkpoint.weights())) {
      float[] graph =
          new Scorer(checkpoint.weights(), OpMode.COMPOSED)
              .score(
                  List.of(
                      new TokenTree(
                          new int[] {1},
                          List.of(java.util.Arrays.copyOfRange(ids, 1, ids.length)))))
              .get(0)
              .get(0);
      KvCache cache = new KvCache(checkpoint.config(), 2, 16);
      float[] logits = new float[40];
      for (int t = 0; t + 1 < ids.length; t++) { // one token a call, in the second slot
        decoder
            .forward(new int[] {ids[t]}, new int[] {1}, new int[] {t}, cache, new int[] {0})
            .get(0, logits);
        assertThat(logProb(logits, ids[t + 1])).isCloseTo(graph[t], within(1e-4));
      }
    }
  }

  @Test
  void aSequenceDoesNotDependOnItsNeighbours() throws Exception {
    SamplingOptions options = SamplingOptions.at(1.3, 20);
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Sampler wide = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), 8);
        Sampler narrow = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), 3)) {
      List<Sampler.Request> requests = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        requests.add(new Sampler.Request(new int[] {1, 4 + i, 9}, 3, RandomStream.of(3, "q" + i)));
      }
      List<List<Sample>> together = wide.sample(requests, options, done -> {});
      for (int i = 0; i < 5; i++) {
        List<Sample> alone = narrow.sample(List.of(requests.get(i)), options, done -> {}).get(0);
        for (int c = 0; c < 3; c++) {
          assertThat(together.get(i).get(c).ids()).isEqualTo(alone.get(c).ids());
        }
      }
    }
  }

  @Test
  void lengthLimitsAndStopTextsEndAResponse() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Sampler sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), 2)) {
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
      counts[chooser.choose(logits, stream)]++;
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
