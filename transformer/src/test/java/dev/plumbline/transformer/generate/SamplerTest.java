package dev.plumbline.transformer.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.checkpoint.TinyModel;
import dev.plumbline.transformer.graph.Scorer;
import dev.plumbline.transformer.graph.TokenTree;
import dev.plumbline.transformer.model.ModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SamplerTest {
  @TempDir Path work;

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void theDecoderComputesWhatTheGraphComputes(OpMode mode) throws Exception {
    int[] ids = {1, 4, 9, 33, 12, 5, 5, 20};
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Decoder decoder = Decoder.of(checkpoint.weights(), mode)) {
      TokenTree tree =
          new TokenTree(new int[] {1}, List.of(Arrays.copyOfRange(ids, 1, ids.length)));
      float[] graph =
          Scorer.score(checkpoint.weights(), OpMode.COMPOSED, List.of(tree)).get(0).get(0);
      float[][] logits = oneByOne(decoder, ids);
      for (int t = 0; t + 1 < ids.length; t++) {
        assertThat(logProb(logits[t], ids[t + 1])).isCloseTo(graph[t], within(1e-4));
      }
    }
  }

  /** The second trunk slot, one token per call. */
  private static float[][] oneByOne(Decoder decoder, int... ids) {
    float[][] logits = new float[ids.length][decoder.config().vocabSize()];
    try (Decoder.Cache cache = decoder.newCache(2, 16, 0, 0)) {
      for (int t = 0; t < ids.length; t++) {
        decoder.forward(Decoder.Rows.ofTrunk(1, t, ids[t]), cache, 0).get(0, logits[t]);
      }
    }
    return logits;
  }

  /**
   * Batch invariance: the logits do not depend on how a sequence is fed, exactly on our own
   * kernels.
   */
  @ParameterizedTest
  @EnumSource(OpMode.class)
  void logitsDoNotDependOnHowASequenceIsFed(OpMode mode) throws Exception {
    int[] ids = {1, 4, 9, 33, 12, 5, 5, 20};
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Decoder decoder = Decoder.of(checkpoint.weights(), mode);
        Decoder.Cache cache = decoder.newCache(3, 8, 3, 8)) {
      float[][] expected = oneByOne(decoder, ids);
      int[] all = {0, 1, 2, 3, 4, 5, 6, 7};
      Decoder.Logits whole = decoder.forward(Decoder.Rows.ofTrunk(2, 0, ids), cache, all);
      for (int t : all) {
        same(mode, whole, t, expected[t], "whole, token " + t);
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
        Decoder.Logits forked = decoder.forward(rows, cache, 0, 1);
        same(mode, forked, 0, expected[t - 2], "from 3, token " + (t - 2));
        same(mode, forked, 1, expected[t], "from 5, token " + t);
      }
    }
  }

  /** Trunks of different lengths, and a branch of one of them with several tokens, in one call. */
  @ParameterizedTest
  @EnumSource(OpMode.class)
  void aCallMayFeedTrunksAndTheirBranchTogether(OpMode mode) throws Exception {
    int[] ids = {1, 4, 9, 33, 12, 5, 5, 20};
    int[] other = {1, 30, 7};
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Decoder decoder = Decoder.of(checkpoint.weights(), mode);
        Decoder.Cache cache = decoder.newCache(90, 8, 2, 8)) {
      float[][] expected = oneByOne(decoder, ids);
      float[][] expectedOther = oneByOne(decoder, other);
      // The other trunk in slots 1 and 88, this one up to its sixth token in slot 0, the rest in a
      // branch.
      Decoder.Rows rows =
          new Decoder.Rows(
              new int[] {1, 30, 7, 1, 4, 9, 33, 12, 5, 5, 20, 1, 30, 7},
              new int[] {0, 1, 2, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2},
              new int[] {1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 88, 88, 88},
              new int[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 6, 0, 0, 0},
              new int[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 1, -1, -1, -1});
      Decoder.Logits logits = decoder.forward(rows, cache, 10, 2, 8, 9, 13);
      same(mode, logits, 0, expected[7], "the branch's last token");
      same(mode, logits, 1, expectedOther[2], "the other trunk");
      same(mode, logits, 2, expected[5], "the trunk's last token");
      same(mode, logits, 3, expected[6], "the branch's first token");
      same(mode, logits, 4, expectedOther[2], "a trunk far away");
    }
  }

  private static void same(
      OpMode mode, Decoder.Logits logits, int row, float[] expected, String what) {
    float[] actual = new float[expected.length];
    logits.get(row, actual);
    if (mode == OpMode.FUSED) {
      assertThat(actual).as(what).isEqualTo(expected);
    } else {
      assertThat(actual).as(what).containsExactly(expected, offset(1e-4f));
    }
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void aFullCacheAndAnothersCacheAreRefused(OpMode mode) throws Exception {
    OpMode otherMode = mode == OpMode.FUSED ? OpMode.COMPOSED : OpMode.FUSED;
    try (LlamaWeights weights = TinyModel.weights(7);
        Decoder decoder = Decoder.of(weights, mode);
        Decoder other = Decoder.of(weights, otherMode);
        Decoder.Cache cache = decoder.newCache(1, 2, 0, 0)) {
      Decoder.Rows rows = Decoder.Rows.ofTrunk(0, 0, 1, 4, 9);
      assertThatThrownBy(() -> decoder.forward(rows, cache, 2))
          .hasMessage("Position 2 lies outside a cache of 2.");
      assertThatThrownBy(() -> other.forward(rows, cache, 2))
          .hasMessageContaining("belongs to another decoder");
    }
  }

  /** Prompts, and forks of a trajectory, of different lengths and more of them than slots. */
  @Test
  void bothDecodersTakeTheSameGreedyTokens() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work))) {
      List<List<List<Integer>>> texts = new ArrayList<>();
      for (OpMode mode : OpMode.values()) {
        List<Sampler.Request> requests = new ArrayList<>();
        for (int i = 1; i < 7; i++) {
          int[] prompt = Arrays.copyOf(new int[] {1, 4 + i, 9, 33, 12, 5, 5, 20}, 1 + i);
          requests.add(new Sampler.Request(prompt, 1, stream(i)));
        }
        int[] trajectory = {1, 4, 9, 33, 12, 5, 5, 20, 11, 3, 8, 30};
        requests.add(
            Sampler.Request.rollouts(trajectory, new int[] {1, 2, 5, 11, 12}, 1, stream(9)));
        try (Sampler sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), mode, 4)) {
          texts.add(
              sampler.sample(requests, SamplingOptions.greedy(30), done -> {}).stream()
                  .flatMap(List::stream)
                  .map(sample -> Arrays.stream(sample.ids()).boxed().toList())
                  .toList());
        }
      }
      assertThat(texts.get(1)).hasSize(11).isEqualTo(texts.get(0));
    }
  }

  @Test
  void aSequenceDoesNotDependOnItsNeighbours() throws Exception {
    SamplingOptions options = SamplingOptions.at(1.3, 20);
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Sampler wide = fused(checkpoint, 8);
        Sampler narrow = fused(checkpoint, 3)) {
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

  /** The listener gets each request once, with its results, and before the progress of its pass. */
  @Test
  void aFinishedRequestIsReportedAtOnce() throws Exception {
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Sampler sampler = fused(checkpoint, 3)) {
      List<Sampler.Request> requests = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        requests.add(new Sampler.Request(new int[] {1, 4 + i, 9}, i % 3, stream(i))); // 0, 1 or 2
      }
      Map<Integer, List<Sample>> told = new TreeMap<>();
      int[] finished = new int[2]; // responses, and those of reported requests
      List<List<Sample>> results =
          sampler.sample(
              requests,
              SamplingOptions.at(1.3, 20),
              null,
              done -> {
                finished[0] += done;
                assertThat(finished[1]).isBetween(finished[0] - 3, finished[0]);
              },
              (request, samples) -> {
                assertThat(told.put(request, List.copyOf(samples))).isNull();
                finished[1] += samples.size();
              });
      assertThat(told).hasSize(6);
      told.forEach((request, samples) -> assertThat(samples).isEqualTo(results.get(request)));
      assertThat(finished).containsExactly(6, 6);
    }
  }

  /** A fork at a position draws the same as a prompt of the tokens before it. */
  @Test
  void rolloutsEqualSamplingFromEachPrefix() throws Exception {
    SamplingOptions options = SamplingOptions.at(1.3, 15);
    int[] trajectory = {1, 4, 9, 33, 12, 5, 5, 20, 11, 3, 8, 30};
    int[] from = {1, 2, 5, 6, 7, 11, 12};
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Sampler sampler = fused(checkpoint, 6)) {
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

  private static Sampler fused(Checkpoint checkpoint, int slots) {
    return new Sampler(checkpoint.weights(), checkpoint.tokenizer(), OpMode.FUSED, slots);
  }

  @ParameterizedTest
  @EnumSource(OpMode.class)
  void lengthLimitsAndStopTextsEndAResponse(OpMode mode) throws Exception {
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Sampler sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), mode, 2)) {
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

  /** Greedy up to the end of the first step, then at 1: as drawn from the prompt with that step. */
  @ParameterizedTest
  @EnumSource(OpMode.class)
  void aRisingTemperatureIsThatOfTheStep(OpMode mode) throws Exception {
    try (Checkpoint checkpoint = Checkpoint.read(TinyModel.write(work));
        Sampler sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), mode, 2)) {
      int[] prompt = {1, 4};
      var greedy = List.of(new Sampler.Request(prompt, 1, RandomStream.of(3, "q")));
      int first = sampler.sample(greedy, SamplingOptions.greedy(1), d -> {}).get(0).get(0).ids()[0];
      String stepEnd = checkpoint.tokenizer().decode(first);
      assertThat(stepEnd).isNotBlank();
      TemperatureSchedule rising = new TemperatureSchedule(0, 1, 1, stepEnd);
      int[] risen =
          sampler
              .sample(
                  List.of(new Sampler.Request(prompt, 1, RandomStream.of(3, "q"))),
                  new SamplingOptions(12, rising, 0, 1, List.of()),
                  d -> {})
              .get(0)
              .get(0)
              .ids();
      int[] rest =
          sampler
              .sample(
                  List.of(new Sampler.Request(new int[] {1, 4, first}, 1, RandomStream.of(3, "q"))),
                  SamplingOptions.at(1, 11),
                  d -> {})
              .get(0)
              .get(0)
              .ids();
      assertThat(risen[0]).isEqualTo(first);
      assertThat(Arrays.copyOfRange(risen, 1, risen.length)).containsExactly(rest);
    }
  }

  @Test
  void theTemperatureOfThePaperRisesToItsCap() {
    double[] expected = {1.10, 1.15, 1.20, 1.25, 1.30, 1.35, 1.40, 1.40, 1.40};
    for (int j = 0; j < expected.length; j++) {
      assertThat(TemperatureSchedule.PAPER.after(j)).isCloseTo(expected[j], within(1e-12));
      assertThat(TemperatureSchedule.constant(0.7).after(j)).isEqualTo(0.7);
    }
    assertThatThrownBy(() -> new TemperatureSchedule(1.1, 0.05, 1, "\n"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("temperature-cap must be >= the temperature of");
    assertThatThrownBy(() -> TemperatureSchedule.constant(-1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("temperature must be >= 0, but is -1.0");
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
      chooser.prepare(logits, 0, options.temperature().start());
      counts[chooser.draw(stream)]++;
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
