package dev.plumbline.transformer.generate;

import dev.plumbline.transformer.model.Ints;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The rows of a call for one run of {@link ComposedDecoder}'s graph: b adjacent slots of t tokens
 * each. Slots that get fewer tokens, or none, are padded.
 *
 * @param first the first slot
 * @param fed [b] rows of the call for each slot
 * @param t maximum number of tokens of a slot
 * @param ids [b * t] token ids
 * @param positions [b * t] positions
 * @param starts [b] tokens of each slot before this call
 */
record ComposedStep(int first, List<int[]> fed, int t, int[] ids, int[] positions, int[] starts) {
  /** Number of padding rows that cost less than another run. */
  private static final int FREE_PADDING = 64;

  private static final float HIDDEN = -1e9f;

  /** The trunk rows of a call, or its branch rows, in as few runs as padding allows. */
  static List<ComposedStep> of(Decoder.Rows rows, boolean trunk) {
    TreeMap<Integer, Ints> bySlot = new TreeMap<>();
    for (int i = 0; i < rows.size(); i++) {
      if (rows.inTrunk(i) == trunk) {
        bySlot.computeIfAbsent(rows.slot(i), slot -> new Ints()).add(i);
      }
    }
    List<ComposedStep> steps = new ArrayList<>();
    int first = 0;
    int real = 0;
    int longest = 0;
    List<int[]> fed = new ArrayList<>();
    for (Map.Entry<Integer, Ints> entry : bySlot.entrySet()) {
      int slot = entry.getKey();
      int[] own = entry.getValue().toArray();
      int padded = (slot - first + 1) * Math.max(longest, own.length);
      if (!fed.isEmpty() && padded > 2 * (real + own.length) + FREE_PADDING) {
        steps.add(layOut(rows, first, fed));
        fed = new ArrayList<>();
      }
      if (fed.isEmpty()) {
        first = slot;
        real = 0;
        longest = 0;
      }
      while (first + fed.size() < slot) {
        fed.add(new int[0]);
      }
      fed.add(own);
      real += own.length;
      longest = Math.max(longest, own.length);
    }
    if (!fed.isEmpty()) {
      steps.add(layOut(rows, first, fed));
    }
    return steps;
  }

  private static ComposedStep layOut(Decoder.Rows rows, int first, List<int[]> fed) {
    int b = fed.size();
    int t = fed.stream().mapToInt(own -> own.length).max().orElse(0);
    int[] ids = new int[b * t];
    int[] positions = new int[b * t];
    int[] starts = new int[b];
    for (int s = 0; s < b; s++) {
      int[] own = fed.get(s);
      starts[s] = own.length == 0 ? 0 : rows.positions()[own[0]];
      for (int i = 0; i < own.length; i++) {
        ids[s * t + i] = rows.tokens()[own[i]];
        positions[s * t + i] = rows.positions()[own[i]];
      }
    }
    return new ComposedStep(first, fed, t, ids, positions, starts);
  }

  /** Number of slots. */
  int b() {
    return fed.size();
  }

  /**
   * Number of past tokens that a run reads of each slot; at least one, because empty arrays fail.
   */
  int past() {
    return Math.max(1, Arrays.stream(starts).max().orElse(0));
  }

  /** Index in this step [b * t] of each of the call's n rows, -1 for rows that are not in it. */
  int[] places(int n) {
    int[] places = new int[n];
    Arrays.fill(places, -1);
    for (int s = 0; s < b(); s++) {
      for (int i = 0; i < fed.get(s).length; i++) {
        places[fed.get(s)[i]] = s * t + i;
      }
    }
    return places;
  }

  /**
   * [b, t, past + t]: a row sees the past of its slot and the new tokens up to itself; with a
   * window, only the last of these. Padding rows see some token too.
   */
  float[] mask(int window) {
    int past = past();
    int width = past + t;
    float[] mask = new float[b() * t * width];
    for (int row = 0; row < b() * t; row++) {
      int at = row * width;
      Arrays.fill(mask, at + starts[row / t], at + past, HIDDEN);
      Arrays.fill(mask, at + past + row % t + 1, at + width, HIDDEN);
      int unseen = window == 0 ? 0 : Math.max(0, starts[row / t] + row % t + 1 - window);
      Arrays.fill(mask, at, at + Math.min(unseen, starts[row / t]), HIDDEN);
      int first = at + past;
      Arrays.fill(mask, first, first + Math.max(0, unseen - starts[row / t]), HIDDEN);
    }
    return mask;
  }
}
