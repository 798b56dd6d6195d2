package dev.plumbline.transformer.graph;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.model.Ints;
import dev.plumbline.transformer.model.RotaryTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A batch of token trees, packed for one forward pass: the tokens of all trees one after the other,
 * and tokens that responses of a tree share only once ({@link PrefixTree}). A token attends to the
 * tokens before it in its own sequence, and its position is counted from the start of the prompt.
 * The last token of a response is predicted but not fed, unless another response continues after
 * it.
 *
 * <p>n tokens in s segments; m response tokens are scored, of r responses: each response has its
 * own scored tokens, in input order, even where one shared token predicts tokens of several
 * responses.
 */
public final class PackedBatch {
  private final int[] ids; // [n]
  private final int[] positions; // [n]
  private final int[] segments; // [s, 4]: start, length, parent, tree
  private final int[] rows; // [m] token whose hidden state predicts
  private final int[] targets; // [m] the predicted token
  private final int[] responseStarts; // [r + 1] first scored token of each response
  private final int trees;
  private final int paddedLength; // 0 = not padded
  private final OpMode mode;

  private PackedBatch(Builder b, int trees, int paddedLength, OpMode mode) {
    ids = b.ids.toArray();
    positions = b.positions.toArray();
    segments = b.segments.toArray();
    rows = b.rows.toArray();
    targets = b.targets.toArray();
    responseStarts = b.responseStarts.toArray();
    this.trees = trees;
    this.paddedLength = paddedLength;
    this.mode = mode;
  }

  /** Layout of the responses of a batch. */
  public enum Layout {
    /** Shared tokens once, and no padding if the mode allows it. */
    SHARED,
    /**
     * One row per response, with a copy of its prompt and padded to the longest: the batch of tools
     * without prefix sharing, for comparison.
     */
    PADDED
  }

  /** Packs trees in the layout that the attention of a mode needs. */
  public static PackedBatch of(List<TokenTree> trees, OpMode mode) {
    return of(trees, mode, Layout.SHARED);
  }

  /** Packs trees; the responses are scored in the same order in every layout. */
  public static PackedBatch of(List<TokenTree> trees, OpMode mode, Layout layout) {
    return layout == Layout.PADDED
        ? pack(unshare(trees), true, mode)
        : pack(trees, mode == OpMode.COMPOSED, mode);
  }

  /**
   * One tree per response, with a copy of the prompt: the batch of tools without prefix sharing.
   */
  public static List<TokenTree> unshare(List<TokenTree> trees) {
    List<TokenTree> result = new ArrayList<>();
    for (TokenTree tree : trees) {
      for (int r = 0; r < tree.responses().size(); r++) {
        List<boolean[]> scored =
            tree.scored().isEmpty() ? List.of() : List.of(tree.scored().get(r));
        result.add(new TokenTree(tree.prompt(), List.of(tree.responses().get(r)), scored));
      }
    }
    return result;
  }

  private static PackedBatch pack(List<TokenTree> trees, boolean padded, OpMode mode) {
    List<PrefixTree> packed = trees.stream().map(PrefixTree::new).toList();
    int longest = padded ? packed.stream().mapToInt(PrefixTree::tokens).max().orElse(0) : 0;
    Builder b = new Builder();
    b.responseStarts.add(0);
    for (int t = 0; t < trees.size(); t++) {
      b.add(packed.get(t), t);
      if (padded) {
        b.pad(longest * (t + 1), t);
      }
    }
    b.padTargets(2); // ND4J fails on a reduction over a dimension of size 1
    return new PackedBatch(b, trees.size(), longest, mode);
  }

  /** Tokens fed, n, padding included. */
  public int tokens() {
    return ids.length;
  }

  /** Scored tokens m of all responses, at least 2. */
  public int scoredTokens() {
    return targets.length;
  }

  /** Number of responses r. */
  public int responses() {
    return responseStarts.length - 1;
  }

  /** Scored tokens of response {@code r} are {@code [responseStart(r), responseStart(r + 1))}. */
  public int responseStart(int r) {
    return responseStarts[r];
  }

  /** Length of response {@code r} in scored tokens. */
  public int responseLength(int r) {
    return responseStarts[r + 1] - responseStarts[r];
  }

  /** Number of trees. */
  public int trees() {
    return trees;
  }

  /** The graph's inputs for this batch. The caller closes the arrays. */
  public Map<String, INDArray> placeholders(RotaryTable rotary) {
    Map<String, INDArray> result = new LinkedHashMap<>();
    result.put(LlamaGraph.IDS, Nd4j.createFromArray(ids));
    result.put(
        LlamaGraph.COS,
        Nd4j.create(rotary.cos(positions), new long[] {ids.length, rotary.half()}, 'c'));
    result.put(
        LlamaGraph.SIN,
        Nd4j.create(rotary.sin(positions), new long[] {ids.length, rotary.half()}, 'c'));
    result.put(LlamaGraph.STRUCTURE, mode == OpMode.FUSED ? segmentTable() : mask(rotary.window()));
    result.put(LlamaGraph.ROWS, Nd4j.createFromArray(rows));
    result.put(LlamaGraph.TARGETS, Nd4j.createFromArray(targets));
    return result;
  }

  private INDArray segmentTable() {
    return Nd4j.createFromArray(segments).reshape('c', segments.length / 4, 4);
  }

  /** [trees, length, length]: 0 where the row's token sees the column's, -1e9 elsewhere. */
  private INDArray mask(int window) {
    int length = paddedLength;
    float[] mask = new float[trees * length * length];
    Arrays.fill(mask, -1e9f);
    for (int s = 0; s < segments.length / 4; s++) {
      int start = segments[4 * s];
      int tree = segments[4 * s + 3];
      for (int i = start; i < start + segments[4 * s + 1]; i++) {
        int row = i * length; // token i is row i - tree * length of its tree
        for (int a = s; a >= 0; a = segments[4 * a + 2]) {
          int end = a == s ? i + 1 : segments[4 * a] + segments[4 * a + 1];
          for (int j = segments[4 * a]; j < end; j++) {
            if (window == 0 || positions[i] - positions[j] < window) {
              mask[row + j - tree * length] = 0f;
            }
          }
        }
      }
    }
    return Nd4j.create(mask, new long[] {trees, length, length}, 'c').castTo(DataType.FLOAT);
  }

  private static final class Builder {
    final Ints ids = new Ints();
    final Ints positions = new Ints();
    final Ints segments = new Ints();
    final Ints rows = new Ints();
    final Ints targets = new Ints();
    final Ints responseStarts = new Ints();

    void add(PrefixTree tree, int index) {
      int firstToken = ids.size();
      int firstSegment = segments.size() / 4;
      int[] tokens = tree.ids();
      for (PrefixTree.Segment s : tree.segments()) {
        int parent = s.parent() < 0 ? -1 : firstSegment + s.parent();
        segment(tokens, s.start(), s.length(), s.position(), parent, index);
      }
      List<int[]> responses = tree.responses();
      for (int r = 0; r < responses.size(); r++) {
        for (int j = 0; j < responses.get(r).length; j++) {
          if (tree.scored(r, j)) {
            rows.add(firstToken + tree.predictors(r)[j]);
            targets.add(responses.get(r)[j]);
          }
        }
        responseStarts.add(targets.size());
      }
    }

    void pad(int upTo, int tree) {
      int missing = upTo - ids.size();
      if (missing > 0) {
        segment(new int[missing], 0, missing, 0, -1, tree);
      }
    }

    /** Adds scored tokens that belong to no response: token 0 after the first token. */
    void padTargets(int upTo) {
      while (targets.size() < upTo) {
        rows.add(0);
        targets.add(0);
      }
    }

    private void segment(int[] tokens, int from, int count, int position, int parent, int tree) {
      segments.add(ids.size());
      segments.add(count);
      segments.add(parent);
      segments.add(tree);
      for (int i = 0; i < count; i++) {
        ids.add(tokens[from + i]);
        positions.add(position + i);
      }
    }
  }
}
