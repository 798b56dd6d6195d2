package dev.plumbline.transformer.model;

import java.util.Arrays;

/** A growing int array. */
public final class Ints {
  private int[] values = new int[64];
  private int size;

  public void add(int value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
  }

  public void addAll(int... more) {
    for (int value : more) {
      add(value);
    }
  }

  public int size() {
    return size;
  }

  public int[] toArray() {
    return Arrays.copyOf(values, size);
  }
}
