package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.criticaltokens.Alternatives;
import dev.plumbline.alignment.criticaltokens.ContrastiveEstimator;
import dev.plumbline.alignment.criticaltokens.PlantedErrors;
import dev.plumbline.alignment.criticaltokens.RolloutScores;
import dev.plumbline.alignment.criticaltokens.RolloutSearch;
import dev.plumbline.alignment.criticaltokens.Trajectory;
import dev.plumbline.alignment.criticaltokens.WrongSolutions;
import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.alignment.generate.PlainGenerator;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.wordproblems.WordProblems;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.Decoder;
import dev.plumbline.transformer.generate.SamplingOptions;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Critical tokens in solutions of the embedded model. */
class CriticalTokensTest {
  private static final SamplingOptions OPTIONS = new SamplingOptions(160, 1, 0, 0.95, List.of());

  @TempDir static Path shared;
  private static Path model;

  @TempDir Path work;

  @BeforeAll
  static void extractModel() throws IOException {
    model = EmbeddedModel.FINE_TUNED.extract(shared.resolve("model"));
  }

  private static List<Problem> problems(int count) {
    return WordProblems.of(11).train(count);
  }

  private static RolloutSearch search(Checkpoint checkpoint, boolean every, int patience) {
    return new RolloutSearch(
        checkpoint,
        new RolloutSearch.Settings(16, 0.07, OPTIONS, every, patience, 0),
        OpMode.FUSED);
  }

  /** Searching from the end and stopping at each decided position: fewer rollouts, same result. */
  @Test
  void theShortSearchEqualsTheFullSearch() {
    try (Checkpoint checkpoint = Checkpoint.read(model);
        RolloutSearch full = search(checkpoint, true, 0);
        RolloutSearch fromTheEnd = search(checkpoint, false, 0)) {
      List<Problem> problems = problems(100);
      List<Trajectory> wrong =
          WrongSolutions.of(
              problems,
              ProblemSampler.solve(
                  checkpoint, problems, 1, SamplingOptions.at(1, 160), 0, OpMode.FUSED, d -> {}),
              checkpoint.tokenizer(),
              12);
      assertThat(wrong).hasSize(12);
      List<RolloutScores> all = full.search(wrong, d -> {});
      List<RolloutScores> some = fromTheEnd.search(wrong, d -> {});
      long most = 0;
      long least = 0;
      for (int i = 0; i < wrong.size(); i++) {
        assertThat(some.get(i).critical(0.07)).as("%d", i).isEqualTo(all.get(i).critical(0.07));
        most += all.get(i).total();
        least += some.get(i).total();
        assertThat(Arrays.stream(all.get(i).drawn()).distinct().toArray()).containsExactly(16);
      }
      assertThat(least).isLessThan(3 * most / 4);
      // A trajectory has the same rollouts whatever else is sampled with it.
      RolloutScores alone = full.search(wrong.subList(5, 6), d -> {}).get(0);
      assertThat(alone.right()).isEqualTo(all.get(5).right());
    }
  }

  /**
   * A wrong final answer cannot be repaired; after a wrong result the model may calculate again.
   */
  @ParameterizedTest
  @CsvSource({"ANSWER, 0.9", "RESULT, 0.7"})
  void rolloutsFindPlantedErrors(PlantedErrors.Place place, double share) {
    try (Checkpoint checkpoint = Checkpoint.read(model);
        PlainGenerator generator = new PlainGenerator(checkpoint, 160, OpMode.FUSED);
        RolloutSearch search = search(checkpoint, false, 0)) {
      List<PlantedErrors.Planted> planted =
          PlantedErrors.plant(
              generator,
              checkpoint.tokenizer(),
              problems(80),
              place,
              TemperatureSchedule.constant(0),
              0,
              done -> {});
      assertThat(planted).hasSizeGreaterThan(20);
      for (PlantedErrors.Planted p : planted) {
        String text = checkpoint.tokenizer().decode(p.trajectory().response());
        assertThat(p.trajectory().problem().grade(text).correct()).as(text).isFalse();
      }
      List<RolloutScores> scores =
          search.search(planted.stream().map(PlantedErrors.Planted::trajectory).toList(), d -> {});
      long found =
          IntStream.range(0, planted.size())
              .filter(i -> scores.get(i).critical(0.07).orElse(-1) == planted.get(i).fatal())
              .count();
      assertThat(found).isGreaterThanOrEqualTo(Math.round(share * planted.size()));
    }
  }

  @Test
  void aForbiddenTokenIsNeverDrawnFirst() {
    try (Checkpoint checkpoint = Checkpoint.read(model);
        RolloutSearch search = search(checkpoint, true, 0)) {
      Problem problem = problems(1).get(0);
      int[] prompt = checkpoint.tokenizer().encodePrompt(problem.prompt());
      int[] right = checkpoint.tokenizer().encodeResponse(problem.prompt(), problem.target());
      Trajectory t = new Trajectory(problem, prompt, right);
      for (int position : new int[] {0, 3, right.length - 2}) {
        Alternatives found = search.replace(List.of(t), new int[] {position}, d -> {}).get(0);
        assertThat(found.tokens()).doesNotContain(right[position]).doesNotHaveDuplicates();
        assertThat(Arrays.stream(found.drawn()).sum()).isEqualTo(16);
      }
    }
  }

  /** s_t compared with its formula, for the two checkpoints of the reference figures. */
  @Test
  void contrastiveScoresEqualTheirFormula() throws IOException {
    Path positive = Cli.shared("models/stories260K");
    Path negative = Cli.shared("reference/stories260K").resolve("policy");
    List<JsonNode> rows = Cli.rows(Cli.shared("reference/stories260K").resolve("pairs.jsonl"));
    for (double beta : new double[] {0, 1, 2.5}) {
      try (Checkpoint plus = Checkpoint.read(positive);
          Checkpoint minus = Checkpoint.read(negative);
          ContrastiveEstimator estimator =
              new ContrastiveEstimator(plus, minus, beta, 0, OpMode.FUSED)) {
        for (JsonNode row : rows) {
          int[] prompt = ints(row.path("prompt_ids"));
          int[] response = ints(row.path("rejected_ids"));
          double[] found = estimator.score(prompt, response).score();
          double[][] z = logits(plus, prompt, response);
          double[][] n = logits(minus, prompt, response);
          for (int t = 0; t < response.length; t++) {
            double sum = 0;
            double own = 0;
            for (int v = 0; v < z[t].length; v++) {
              double one = Math.exp((1 + beta) * z[t][v] - beta * n[t][v]);
              sum += one;
              own = v == response[t] ? one : own;
            }
            assertThat(found[t]).isCloseTo(own / sum, within(2e-5));
          }
        }
      }
    }
  }

  private static int[] ints(JsonNode array) {
    return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
  }

  private static double[][] logits(Checkpoint model, int[] prompt, int[] response) {
    int n = prompt.length + response.length - 1;
    int[] tokens =
        IntStream.concat(IntStream.of(prompt), IntStream.of(response)).limit(n).toArray();
    int vocabulary = model.config().vocabSize();
    double[][] all = new double[response.length][vocabulary];
    try (Decoder decoder = Decoder.of(model.weights(), OpMode.FUSED);
        Decoder.Cache cache = decoder.newCache(1, n, 0, 1)) {
      int[] wanted = IntStream.range(prompt.length - 1, n).toArray();
      Decoder.Logits logits = decoder.forward(Decoder.Rows.ofTrunk(0, 0, tokens), cache, wanted);
      float[] z = new float[vocabulary];
      for (int t = 0; t < all.length; t++) {
        logits.get(t, z);
        for (int v = 0; v < vocabulary; v++) {
          all[t][v] = z[v];
        }
      }
    }
    return all;
  }

  /** The commands from solutions to a token-weighted objective. */
  @Test
  void fromRolloutsToWeightedDpo() throws IOException {
    Path problems = work.resolve("problems");
    Cli.succeed(
        "problems", "output=" + problems, "train=60", "validation=5", "test=60", "vocabulary=300");
    Path data = problems.resolve("train.jsonl");
    Path found = work.resolve("critical.jsonl");
    String out =
        Cli.succeed(
            "critical-tokens",
            "find",
            "model=" + model,
            "data=" + data,
            "output=" + found,
            "limit=6",
            "rollouts=8",
            "replace=true",
            "max-tokens=160");
    assertThat(out).contains("6 wrong solutions", "pass@1", "random other token");
    for (JsonNode row : Cli.rows(found)) {
      assertThat(row.path("tokens").size()).isEqualTo(row.path("response_ids").size());
      if (!row.path("critical").isNull()) {
        assertThat(row.path("right").get(row.path("critical").asInt()).asInt()).isZero();
        assertThat(row.path("control").asInt()).isNotEqualTo(row.path("critical").asInt());
      }
    }
    Path contrast = work.resolve("contrast");
    Cli.succeed(
        "critical-tokens",
        "contrast",
        "model=" + model,
        "data=" + data,
        "output=" + contrast,
        "candidates=12",
        "max-tokens=160");
    for (String side : List.of("positive", "negative")) {
      Cli.succeed(
          "train",
          "model=" + model,
          "objective=vft",
          "data=" + contrast.resolve(side + ".jsonl"),
          "output=" + work.resolve(side),
          "lora-rank=4",
          "learning-rate=1e-2",
          "steps=4");
    }
    Path weighted = work.resolve("weighted.jsonl");
    Cli.succeed(
        "critical-tokens",
        "estimate",
        "positive=" + work.resolve("positive"),
        "negative=" + work.resolve("negative"),
        "data=" + contrast.resolve("pairs.jsonl"),
        "output=" + weighted);
    for (JsonNode row : Cli.rows(weighted)) {
      double[] weights = Cli.numbers(row.path("rejected_weights"));
      assertThat(weights).hasSize(row.path("rejected_ids").size());
      assertThat(Arrays.stream(weights).allMatch(w -> w >= 0 && w <= 1)).isTrue();
      assertThat(weights[weights.length - 1]).isEqualTo(1); // the end of text
    }
    Cli.succeed(
        "train",
        "model=" + model,
        "objective=critical-dpo",
        "data=" + weighted,
        "output=" + work.resolve("aligned"),
        "lora-rank=4",
        "steps=2",
        "reference-cache=off");
    Cli.Result wrong =
        Cli.run(
            "critical-tokens",
            "estimate",
            "positive=" + model,
            "negative=" + model,
            "data=" + contrast.resolve("positive.jsonl"),
            "output=" + work.resolve("x.jsonl"));
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).contains("must be a pair");
  }
}
