package dev.plumbline.data.math;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A union of intervals and points of the real line in canonical form: sorted, disjoint, none empty.
 * Ends are exact and sorted in double precision. Unequal ends with the same double value are {@link
 * Unsupported}, and so are ends with a variable.
 */
record RealSet(List<Piece> pieces) {
  private static final double APART = 1e-9;
  private static final int MAX_PIECES = 60;

  /** A value, or, if the value is null, an infinity of the given sign. */
  record End(Value value, int infinite) implements Comparable<End> {
    @Override
    public int compareTo(End other) {
      if (value == null || other.value == null) {
        return Integer.compare(infinite, other.infinite);
      }
      if (value.same(other.value)) {
        return 0;
      }
      double a = value.approximate();
      double gap = a - other.value.approximate();
      if (!(Math.abs(gap) > APART * (1 + Math.abs(a)))) {
        throw new Unsupported("ends in an unknown order");
      }
      return gap < 0 ? -1 : 1;
    }
  }

  /** An interval; each end is included or not. */
  record Piece(End low, boolean lowIn, End high, boolean highIn) {
    boolean isEmpty() {
      int order = low.compareTo(high);
      return order > 0 || (order == 0 && !(lowIn && highIn));
    }

    private boolean touches(Piece next) {
      int order = high.compareTo(next.low);
      return order > 0 || (order == 0 && (highIn || next.lowIn));
    }

    private Piece with(Piece next) {
      int order = high.compareTo(next.high);
      boolean in = order == 0 ? highIn || next.highIn : order > 0 ? highIn : next.highIn;
      return new Piece(
          low,
          lowIn || (low.compareTo(next.low) == 0 && next.lowIn),
          order > 0 ? high : next.high,
          in);
    }

    private Piece common(Piece other) {
      int lows = low.compareTo(other.low);
      int highs = high.compareTo(other.high);
      return new Piece(
          lows >= 0 ? low : other.low,
          lows == 0 ? lowIn && other.lowIn : lows > 0 ? lowIn : other.lowIn,
          highs <= 0 ? high : other.high,
          highs == 0 ? highIn && other.highIn : highs < 0 ? highIn : other.highIn);
    }
  }

  static final End LEAST = new End(null, -1);
  static final End MOST = new End(null, 1);
  static final RealSet ALL = new RealSet(List.of(new Piece(LEAST, false, MOST, false)));

  static End end(Value value) {
    return new End(value, 0);
  }

  static RealSet point(Value value) {
    return new RealSet(List.of(new Piece(end(value), true, end(value), true)));
  }

  /** Builds the union of pieces in any order. */
  static RealSet of(List<Piece> all) {
    if (all.size() > MAX_PIECES) {
      throw new Unsupported("more than " + MAX_PIECES + " intervals");
    }
    List<Piece> sorted = new ArrayList<>(all);
    sorted.removeIf(Piece::isEmpty);
    sorted.sort(Comparator.comparing(Piece::low));
    List<Piece> apart = new ArrayList<>();
    for (Piece next : sorted) {
      int last = apart.size() - 1;
      if (last >= 0 && apart.get(last).touches(next)) {
        apart.set(last, apart.get(last).with(next));
      } else {
        apart.add(next);
      }
    }
    return new RealSet(List.copyOf(apart));
  }

  RealSet union(RealSet other) {
    List<Piece> all = new ArrayList<>(pieces);
    all.addAll(other.pieces);
    return of(all);
  }

  RealSet intersection(RealSet other) {
    List<Piece> common = new ArrayList<>();
    for (Piece a : pieces) {
      for (Piece b : other.pieces) {
        common.add(a.common(b));
      }
    }
    return of(common);
  }

  RealSet complement() {
    List<Piece> gaps = new ArrayList<>();
    End from = LEAST;
    boolean in = false;
    for (Piece piece : pieces) {
      gaps.add(new Piece(from, in, piece.low, !piece.lowIn && piece.low.value != null));
      from = piece.high;
      in = !piece.highIn && piece.high.value != null;
    }
    gaps.add(new Piece(from, in, MOST, false));
    return of(gaps);
  }

  boolean same(RealSet other) {
    if (pieces.size() != other.pieces.size()) {
      return false;
    }
    for (int i = 0; i < pieces.size(); i++) {
      Piece a = pieces.get(i);
      Piece b = other.pieces.get(i);
      if (a.lowIn != b.lowIn
          || a.highIn != b.highIn
          || !same(a.low, b.low)
          || !same(a.high, b.high)) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(End a, End b) {
    return a.value == null || b.value == null
        ? a.value == null && b.value == null && a.infinite == b.infinite
        : a.value.same(b.value);
  }
}
