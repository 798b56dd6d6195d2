package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.generate.PlainGenerator;
import dev.plumbline.alignment.scdpo.NaivePairs;
import dev.plumbline.alignment.scdpo.PairRows;
import dev.plumbline.alignment.scdpo.StepControl;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.steps.Segmentation;
import dev.plumbline.data.wordproblems.WordProblems;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Step-controlled pairs of the embedded model, and the loss of their rows. */
class PairsRunTest {
  @TempDir static Path shared;
  private static Path model;

  @TempDir Path work;

  @BeforeAll
  static void extractModel() throws IOException {
    model = EmbeddedModel.FINE_TUNED.extract(shared.resolve("model"));
  }

  /** Two thousand negatives: wrong, with the correct solution's tokens up to the cut. */
  @Test
  void negativesAreWrongAfterTheCutAndUnchangedBefore() {
    List<Problem> problems = WordProblems.of(4, ProblemSplit.OPTIONS).train(2400);
    int minRemaining = 2;
    // A higher temperature than the paper's, so that thousands of cuts take seconds.
    TemperatureSchedule hot = new TemperatureSchedule(1.6, 0.05, 1.9, "\n");
    try (Checkpoint checkpoint = Checkpoint.read(model);
        PlainGenerator generator = new PlainGenerator(checkpoint, 160, OpMode.FUSED)) {
      List<NaivePairs.Question> questions =
          new NaivePairs(generator, checkpoint.tokenizer(), new NaivePairs.Settings(1, 8, 1, 0))
              .draw(problems, done -> {});
      StepControl.Result result =
          new StepControl(
                  generator,
                  checkpoint.tokenizer(),
                  new StepControl.Settings(hot, Segmentation.LINE, 4, minRemaining, 12, false, 0))
              .draw(questions, done -> {});
      assertThat(result.negatives()).hasSizeGreaterThan(2000);
      PairRows rows = new PairRows(checkpoint.tokenizer(), Segmentation.LINE, false);
      int tries = 0;
      for (StepControl.Negative n : result.negatives()) {
        Problem problem = questions.get(n.question()).problem();
        int[] right = n.right().ids();
        int[] wrong = n.wrong().ids();
        String replay = problem.id() + ", cut " + n.cut();
        assertThat(Arrays.copyOf(wrong, n.cut()))
            .as(replay)
            .isEqualTo(Arrays.copyOf(right, n.cut()));
        assertThat(problem.grade(checkpoint.tokenizer().decode(right)).correct())
            .as(replay)
            .isTrue();
        assertThat(problem.grade(checkpoint.tokenizer().decode(wrong)).correct())
            .as(replay)
            .isFalse();
        assertThat(checkpoint.tokenizer().decode(Arrays.copyOf(right, n.cut())))
            .as(replay)
            .endsWith("\n");
        assertThat(n.right().ends().length - n.right().stepsBefore(n.cut()))
            .as(replay)
            .isGreaterThanOrEqualTo(minRemaining);
        PreferencePair row = rows.stepControlled(problem, n);
        int[] prompt = checkpoint.tokenizer().encodePrompt(problem.prompt());
        assertThat(row.prompt().ids()).hasSize(prompt.length + n.cut()).startsWith(prompt);
        assertThat(row.chosen().ids()).isEqualTo(Arrays.copyOfRange(right, n.cut(), right.length));
        assertThat(row.rejected().ids())
            .isEqualTo(Arrays.copyOfRange(wrong, n.cut(), wrong.length));
        tries += n.tries();
      }
      System.out.printf(
          "%d step-controlled negatives of %d cuts in %d tries (%.2f per negative), garbled %s%n",
          result.negatives().size(),
          result.cuts(),
          result.tries(),
          (double) tries / result.negatives().size(),
          result.garbled());
    }
  }

  /**
   * A step-controlled row has exactly the loss and gradient of its explicit ids. Moving the prefix
   * from the prompt to the responses, masked or not, gives the same, because it cancels.
   */
  @Test
  void aPairHasTheLossOfItsTokens() throws IOException {
    Path problems = work.resolve("problems");
    Cli.succeed(
        "problems", "output=" + problems, "train=60", "validation=0", "test=0", "vocabulary=0");
    Path pairs = work.resolve("pairs");
    String told =
        Cli.succeed(
            "pairs",
            "model=" + model,
            "data=" + problems.resolve("train.jsonl"),
            "output=" + pairs,
            "attempts=8",
            "max-tries=16",
            "min-remaining=2",
            "max-tokens=160");
    assertThat(told).contains("60 problems").contains("step-controlled pairs");
    List<JsonNode> rows = Cli.rows(pairs.resolve("step-controlled.jsonl"));
    assertThat(rows).isNotEmpty();
    int naive = Cli.rows(pairs.resolve("naive.jsonl")).size();
    assertThat(Cli.rows(pairs.resolve("scdpo.jsonl"))).hasSize(naive + rows.size());
    JsonNode counts = Cli.MAPPER.readTree(pairs.resolve("counts.json").toFile());
    assertThat(counts.path("naive").asInt()).isEqualTo(naive);

    JsonNode row = rows.get(0);
    List<Integer> prompt = ints(row.path("prompt_ids"));
    List<Integer> chosen = ints(row.path("chosen_ids"));
    List<Integer> rejected = ints(row.path("rejected_ids"));
    int cut = prompt.size() - 6; // some tokens of the common steps
    JsonNode own = objective("own", List.of(row));
    JsonNode written = objective("written", List.of(plain(prompt, chosen, rejected)));
    assertThat(written.path("value").asDouble()).isEqualTo(own.path("value").asDouble());
    assertThat(written.path("grad_norms")).isEqualTo(own.path("grad_norms"));
    List<Integer> common = prompt.subList(cut, prompt.size());
    Map<String, Object> moved =
        plain(prompt.subList(0, cut), join(common, chosen), join(common, rejected));
    JsonNode whole = objective("whole", List.of(moved));
    moved.put("chosen_mask", mask(common.size(), chosen.size()));
    moved.put("rejected_mask", mask(common.size(), rejected.size()));
    JsonNode masked = objective("masked", List.of(moved));
    for (JsonNode other : List.of(whole, masked)) {
      assertThat(other.path("value").asDouble())
          .isCloseTo(own.path("value").asDouble(), within(1e-5));
      own.path("grad_norms")
          .properties()
          .forEach(
              norm ->
                  assertThat(other.path("grad_norms").path(norm.getKey()).asDouble())
                      .as(norm.getKey())
                      .isCloseTo(
                          norm.getValue().asDouble(),
                          within(1e-4 * (1 + norm.getValue().asDouble()))));
    }
    String shown =
        Cli.succeed(
            "inspect", "model=" + model, "data=" + work.resolve("masked.jsonl"), "objective=dpo");
    assertThat(shown.lines().filter(line -> line.contains("   0.000  '")).count())
        .isEqualTo(cut + 2L * common.size());
  }

  private JsonNode objective(String name, List<?> rows) throws IOException {
    Path file = work.resolve(name + ".jsonl");
    List<String> lines = new ArrayList<>();
    for (Object row : rows) {
      lines.add(Cli.MAPPER.writeValueAsString(row));
    }
    Files.write(file, lines);
    // With a reference that differs from the policy, so that the margin is not 0.
    Path reference = work.resolve("reference");
    if (!Files.exists(reference)) {
      Cli.succeed(
          "train",
          "model=" + model,
          "objective=vft",
          "data=" + work.resolve("problems/train.jsonl"),
          "output=" + reference,
          "steps=2",
          "learning-rate=1e-3");
    }
    return Cli.MAPPER.readTree(
        Cli.succeed(
            "objective",
            "--name",
            "dpo",
            "--model",
            model.toString(),
            "--reference",
            reference.toString(),
            "--data",
            file.toString()));
  }

  private static Map<String, Object> plain(
      List<Integer> prompt, List<Integer> chosen, List<Integer> rejected) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("prompt_ids", prompt);
    row.put("chosen_ids", chosen);
    row.put("rejected_ids", rejected);
    return row;
  }

  private static List<Integer> mask(int zeros, int ones) {
    List<Integer> mask = new ArrayList<>();
    for (int i = 0; i < zeros + ones; i++) {
      mask.add(i < zeros ? 0 : 1);
    }
    return mask;
  }

  private static List<Integer> join(List<Integer> first, List<Integer> second) {
    List<Integer> joined = new ArrayList<>(first);
    joined.addAll(second);
    return joined;
  }

  private static List<Integer> ints(JsonNode array) {
    List<Integer> values = new ArrayList<>();
    array.forEach(v -> values.add(v.asInt()));
    return values;
  }
}
