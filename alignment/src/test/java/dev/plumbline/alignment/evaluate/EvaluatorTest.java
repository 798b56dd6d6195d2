package dev.plumbline.alignment.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.alignment.experiment.ProblemSplit;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluations of the embedded model, and their files. */
class EvaluatorTest {
  private static final int MAX_TOKENS = 160;

  @Test
  void samplesComeBesideTheGreedyAnswersAndDoNotChangeThem(@TempDir Path work) throws IOException {
    List<Problem> problems = ProblemSplit.words().test(24);
    try (Checkpoint model =
        Checkpoint.read(EmbeddedModel.FINE_TUNED.extract(work.resolve("model")))) {
      Evaluator greedy = new Evaluator(problems, null, null, MAX_TOKENS, OpMode.FUSED);
      Evaluator sampling = greedy.withSamples(4);
      AtomicInteger done = new AtomicInteger();
      Evaluation plain = greedy.evaluate(model, by -> {});
      Evaluation sampled = sampling.evaluate(model, done::addAndGet);
      assertThat(sampled.answers()).isEqualTo(plain.answers());
      assertThat(sampled.perplexity()).isEqualTo(plain.perplexity());
      assertThat(plain.sampled()).isEmpty();
      assertThat(done.get()).isEqualTo((int) sampling.responses()).isEqualTo(24 * 5);

      double[] drawn =
          ProblemSampler.solve(
                  model, problems, 4, SamplingOptions.at(1, MAX_TOKENS), 2, OpMode.FUSED, by -> {})
              .stream()
              .mapToDouble(own -> own.stream().filter(s -> s.grade().correct()).count() / 4.0)
              .toArray();
      assertThat(sampled.sampled()).containsExactly(drawn);
      assertThat(sampled.sampledAccuracy()).isBetween(0.05, 0.95);
      assertThat(Arrays.stream(drawn).filter(share -> share > 0 && share < 1)).isNotEmpty();
    }
  }

  @Test
  void anotherEmbeddedModelInTheDirectoryIsRefused(@TempDir Path work) throws IOException {
    EmbeddedModel.BASE.extract(work);
    assertThat(EmbeddedModel.BASE.extract(work)).isEqualTo(work); // the same one again
    assertThatThrownBy(() -> EmbeddedModel.FINE_TUNED.extract(work))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("choose another output");
  }

  @Test
  void evaluationsAreReadAsTheyWereWritten() throws IOException {
    Evaluation.Answer answer = new Evaluation.Answer("4", true, false);
    Evaluation written =
        new Evaluation(List.of(answer), new double[] {0.25}, 1.5, Assessment.NONE, Assessment.NONE);
    ObjectNode json = Jsonl.mapper().valueToTree(written);
    Evaluation read = Jsonl.mapper().treeToValue(json, Evaluation.class);
    assertThat(read.answers()).containsExactly(answer);
    assertThat(read.sampled()).containsExactly(0.25);
    assertThat(read.perplexity()).isEqualTo(1.5);
    assertThat(Measure.GREEDY.of(read)).containsExactly(1);
    assertThat(Measure.SAMPLED.of(read)).containsExactly(0.25);
    json.remove("sampled"); // as a run wrote it that knew no samples
    Evaluation old = Jsonl.mapper().treeToValue(json, Evaluation.class);
    assertThat(old.answers()).containsExactly(answer);
    assertThat(old.sampled()).isEmpty();
    assertThat(old.sampledAccuracy()).isNaN();
  }
}
