package dev.plumbline.transformer.graph;

import dev.plumbline.transformer.model.Ints;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The packed form of one token tree. Responses that start with the same tokens share them in a
 * segment; segments nest to any depth. Only this class knows the layout.
 *
 * <p>The last token of a response is not fed, unless another response continues after it. Segments
 * are in depth-first order, parents before children. The root is the prompt, followed by the tokens
 * that all responses share.
 */
final class PrefixTree {
  /**
   * Minimum length of a shared run that gets its own segment. Each segment has a fixed cost in
   * every head and layer (one matrix product with each ancestor, in both passes), so copying fewer
   * tokens than this is cheaper.
   */
  static final int MIN_SHARED = 8;

  /**
   * A run of tokens that some responses share.
   *
   * @param start its first token in the packed tree
   * @param length number of tokens
   * @param parent the segment before it, or -1 for the root
   * @param position position of its first token, counted from the start of the prompt
   */
  record Segment(int start, int length, int parent, int position) {}

  private final TokenTree tree;
  private final Ints ids = new Ints(); // [n]
  private final List<Segment> segments = new ArrayList<>();
  private final int[][] predictors; // [response][token]: the packed token that predicts it

  PrefixTree(TokenTree tree) {
    this.tree = tree;
    predictors = tree.responses().stream().map(r -> new int[r.length]).toArray(int[][]::new);
    add(IntStream.range(0, predictors.length).boxed().toList(), 0, -1);
  }

  /** Packed tokens n. */
  int tokens() {
    return ids.size();
  }

  /** The packed tokens [n]. */
  int[] ids() {
    return ids.toArray();
  }

  /** The segments. */
  List<Segment> segments() {
    return segments;
  }

  /** The responses, in input order. */
  List<int[]> responses() {
    return tree.responses();
  }

  /** Whether a token of a response is scored. */
  boolean scored(int response, int token) {
    return tree.scored(response, token);
  }

  /** For each token of a response, the packed token whose hidden state predicts it. */
  int[] predictors(int response) {
    return predictors[response];
  }

  /** Adds the tokens of {@code members} from {@code position} on; the members agree before it. */
  private void add(List<Integer> members, int position, int parent) {
    int end = commonEnd(members, position);
    Segment segment = new Segment(ids.size(), end - position, parent, position);
    int index = segments.size();
    segments.add(segment);
    for (int p = position; p < end; p++) {
      ids.add(token(members, p));
    }
    members.forEach(member -> place(member, segment));
    for (List<Integer> branch : branches(members, end)) {
      add(branch, end, index);
    }
  }

  /** The position where the members differ, or where the shortest ends. */
  private int commonEnd(List<Integer> members, int position) {
    int prompt = tree.prompt().length;
    if (members.isEmpty()) {
      return prompt;
    }
    int[] first = tree.responses().get(members.get(0));
    int from = Math.max(0, position - prompt);
    int to = first.length - 1;
    for (int member : members.subList(1, members.size())) {
      int[] other = tree.responses().get(member);
      to = Math.min(to, other.length - 1);
      int mismatch = Arrays.mismatch(first, from, to, other, from, to);
      to = mismatch < 0 ? to : from + mismatch;
    }
    return prompt + to;
  }

  private int token(List<Integer> members, int position) {
    int prompt = tree.prompt().length;
    return position < prompt
        ? tree.prompt()[position]
        : tree.responses().get(members.get(0))[position - prompt];
  }

  /**
   * Records the predictors of a response: the token at position p predicts the one at p + 1,
   * starting with the prompt's last token.
   */
  private void place(int member, Segment segment) {
    int before = tree.prompt().length - 1;
    for (int i = Math.max(0, before - segment.position()); i < segment.length(); i++) {
      predictors[member][segment.position() + i - before] = segment.start() + i;
    }
  }

  /**
   * Groups the responses longer than {@code end} by the next shared run of at least {@code
   * MIN_SHARED} tokens, in the order of their first member.
   */
  private Iterable<List<Integer>> branches(List<Integer> members, int end) {
    int from = end - tree.prompt().length;
    Map<Object, List<Integer>> branches = new LinkedHashMap<>();
    for (int member : members) {
      int[] response = tree.responses().get(member);
      int left = response.length - 1 - from;
      if (left > 0) {
        Object key = left < MIN_SHARED ? member : IntBuffer.wrap(response, from, MIN_SHARED);
        branches.computeIfAbsent(key, k -> new ArrayList<>()).add(member);
      }
    }
    return branches.values();
  }
}
