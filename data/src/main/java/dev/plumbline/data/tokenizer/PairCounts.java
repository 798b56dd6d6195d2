package dev.plumbline.data.tokenizer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Counts of adjacent pairs of symbols in the words of a corpus, updated while pairs are merged
 * (Sennrich et al. 2016, arXiv 1508.07909, Algorithm 1, with counts per distinct word).
 */
final class PairCounts {
  private final List<int[]> words = new ArrayList<>();
  private final List<Long> frequencies = new ArrayList<>();
  private final Map<Long, Long> counts = new HashMap<>();
  private final Map<Long, Set<Integer>> places = new HashMap<>();

  void addWord(int[] symbols, long frequency) {
    words.add(symbols);
    frequencies.add(frequency);
    count(words.size() - 1, 1);
  }

  static int left(long pair) {
    return (int) (pair >>> 32);
  }

  static int right(long pair) {
    return (int) pair;
  }

  private static long pair(int left, int right) {
    return ((long) left << 32) | right;
  }

  /** The most frequent pair that occurs at least twice, or -1; ties go to the smallest ids. */
  long best() {
    long best = -1;
    long bestCount = 1;
    for (Map.Entry<Long, Long> entry : counts.entrySet()) {
      long count = entry.getValue();
      if (count > bestCount || (count == bestCount && best >= 0 && entry.getKey() < best)) {
        best = entry.getKey();
        bestCount = count;
      }
    }
    return best;
  }

  /** Replaces {@code pair} by {@code merged} in every word. */
  void merge(long pair, int merged) {
    for (int word : List.copyOf(places.get(pair))) {
      count(word, -1);
      words.set(word, merged(words.get(word), left(pair), right(pair), merged));
      count(word, 1);
    }
  }

  private void count(int word, int sign) {
    int[] symbols = words.get(word);
    for (int i = 0; i + 1 < symbols.length; i++) {
      long pair = pair(symbols[i], symbols[i + 1]);
      if (counts.merge(pair, sign * frequencies.get(word), Long::sum) == 0) {
        counts.remove(pair);
      }
      if (sign > 0) {
        places.computeIfAbsent(pair, unused -> new HashSet<>()).add(word);
      } else {
        places.get(pair).remove(word);
      }
    }
  }

  private static int[] merged(int[] symbols, int left, int right, int merged) {
    int[] shorter = new int[symbols.length];
    int length = 0;
    for (int i = 0; i < symbols.length; i++) {
      if (i + 1 < symbols.length && symbols[i] == left && symbols[i + 1] == right) {
        shorter[length++] = merged;
        i++;
      } else {
        shorter[length++] = symbols[i];
      }
    }
    return Arrays.copyOf(shorter, length);
  }
}
