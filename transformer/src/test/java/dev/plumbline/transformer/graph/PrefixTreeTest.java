package dev.plumbline.transformer.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.transformer.checkpoint.TinyModel;
import dev.plumbline.transformer.model.RotaryTable;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Packed trees against counts and tables made by hand. */
class PrefixTreeTest {
  private static final int[] PROMPT = {1, 2, 3};

  @BeforeAll
  static void install() {
    Ops.install();
  }

  @Test
  void responsesShareWhatTheyStartWith() {
    int[] a = ids("10-19, 20-29, 30-34"); // 10 tokens, 10 tokens, 5 tokens
    int[] b = ids("10-19, 20-29, 35-36");
    int[] c = ids("10-19, 5-6");
    PrefixTree tree = tree(a, b, c);
    assertThat(tree.segments())
        .containsExactly(
            segment(0, 13, -1, 0), // the prompt and 10-19, which all have
            segment(13, 10, 0, 13), // 20-29
            segment(23, 4, 1, 23), // 30-33; 34 is predicted only
            segment(27, 1, 1, 23), // 35; 36 is predicted only
            segment(28, 1, 0, 13)); // 5; 6 is predicted only
    assertThat(tree.ids()).isEqualTo(ids("1-3, 10-19, 20-29, 30-33, 35, 5"));
    assertThat(tree.predictors(0)).isEqualTo(ids("2-12, 13-22, 23-26"));
    assertThat(tree.predictors(1)).isEqualTo(ids("2-12, 13-22, 27"));
    assertThat(tree.predictors(2)).isEqualTo(ids("2-12, 28"));
    assertThat(new TokenTree(PROMPT, List.of(a, b, c)).sharedTokens()).isEqualTo(29);
  }

  @Test
  void aShortCommonRunIsCopied() {
    int[] other = ids("5-9");
    int[] sevenThenA = ids("10-16, 20-22");
    int[] sevenThenB = ids("10-16, 30-32");
    assertThat(tree(other, sevenThenA, sevenThenB).segments())
        .containsExactly(
            segment(0, 3, -1, 0), segment(3, 4, 0, 3), segment(7, 9, 0, 3), segment(16, 9, 0, 3));
    int[] eightThenA = ids("10-17, 20-22");
    int[] eightThenB = ids("10-17, 30-32");
    assertThat(tree(other, eightThenA, eightThenB).segments())
        .containsExactly(
            segment(0, 3, -1, 0),
            segment(3, 4, 0, 3),
            segment(7, PrefixTree.MIN_SHARED, 0, 3),
            segment(15, 2, 2, 11),
            segment(17, 2, 2, 11));
  }

  @Test
  void whatAllHaveInCommonNeedsNoSegmentOfItsOwn() {
    assertThat(tree(ids("10-12, 20"), ids("10-12, 30-31")).segments())
        .containsExactly(segment(0, 6, -1, 0), segment(6, 1, 0, 6));
    assertThat(tree(ids("10-19")).segments()).containsExactly(segment(0, 12, -1, 0));
  }

  @Test
  void equalResponsesAreOne() {
    PrefixTree tree = tree(ids("10-19"), ids("10-19"));
    assertThat(tree.segments()).containsExactly(segment(0, 12, -1, 0));
    assertThat(tree.predictors(0)).isEqualTo(ids("2-11"));
    assertThat(tree.predictors(1)).isEqualTo(tree.predictors(0));
  }

  @Test
  void aResponseGoesOnThroughTheLastTokenOfAnother() {
    PrefixTree tree = tree(ids("10-14"), ids("10-14, 15-16"), ids("10-14, 25"));
    assertThat(tree.ids()).isEqualTo(ids("1-3, 10-13, 14, 15, 14")); // one token is copied
    assertThat(tree.predictors(0)).isEqualTo(ids("2-6"));
    assertThat(tree.predictors(1)).isEqualTo(ids("2-8"));
    assertThat(tree.predictors(2)).isEqualTo(ids("2-6, 9"));
  }

  @Test
  void aResponseOfOneTokenFeedsNothing() {
    PrefixTree tree = tree(ids("10"), ids("10-11"), ids("12"));
    assertThat(tree.segments()).containsExactly(segment(0, 3, -1, 0), segment(3, 1, 0, 3));
    assertThat(tree.predictors(0)).containsExactly(2);
    assertThat(tree.predictors(1)).containsExactly(2, 3);
    assertThat(tree.predictors(2)).containsExactly(2);
  }

  @Test
  void treesStandOneBehindTheOtherInABatch() {
    TokenTree one = new TokenTree(PROMPT, List.of(ids("10-12"), ids("20")));
    TokenTree two = new TokenTree(new int[] {4}, List.of(ids("10-18, 20"), ids("10-18, 30-31")));
    PackedBatch batch = PackedBatch.of(List.of(one, two), OpMode.FUSED);
    assertThat(batch.tokens()).isEqualTo(5 + 11);
    Map<String, INDArray> inputs = batch.placeholders(new RotaryTable(TinyModel.config()));
    assertThat(inputs.get(LlamaGraph.IDS).toIntVector()).isEqualTo(ids("1-3, 10-11, 4, 10-18, 30"));
    assertThat(inputs.get(LlamaGraph.STRUCTURE).toIntMatrix())
        .isDeepEqualTo(new int[][] {{0, 3, -1, 0}, {3, 2, 0, 0}, {5, 10, -1, 1}, {15, 1, 2, 1}});
    int scored = batch.responseStart(4);
    assertThat(scored).isEqualTo(3 + 1 + 10 + 11);
    assertThat(IntStream.of(inputs.get(LlamaGraph.ROWS).toIntVector()).limit(scored).toArray())
        .isEqualTo(ids("2-4, 2, 5-14, 5-15"));
    assertThat(IntStream.of(inputs.get(LlamaGraph.TARGETS).toIntVector()).limit(scored).toArray())
        .isEqualTo(ids("10-12, 20, 10-18, 20, 10-18, 30-31"));
    inputs.values().forEach(INDArray::close);
  }

  private static PrefixTree tree(int[]... responses) {
    return new PrefixTree(new TokenTree(PROMPT, List.of(responses)));
  }

  private static PrefixTree.Segment segment(int start, int length, int parent, int position) {
    return new PrefixTree.Segment(start, length, parent, position);
  }

  /** Reads "10-12, 20" as 10, 11, 12, 20. */
  private static int[] ids(String runs) {
    return List.of(runs.split(", ")).stream()
        .map(run -> run.split("-"))
        .flatMapToInt(
            ends ->
                IntStream.rangeClosed(
                    Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])))
        .toArray();
  }
}
