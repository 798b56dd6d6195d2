package dev.plumbline.alignment.batch;

import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Collects the arrays of an objective's placeholders; the trainer closes them.
 *
 * @param arrays by placeholder name
 * @param scoredTokens number m of log-probabilities of the batch, at least 2
 */
public record Placeholders(Map<String, INDArray> arrays, int scoredTokens) {
  /** Adds a matrix [rows, columns] of float32. */
  public void matrix(String name, float[] values, int rows, int columns) {
    arrays.put(name, Nd4j.create(values, new long[] {rows, columns}, 'c'));
  }

  /** Adds a vector of int32 indices. */
  public void indices(String name, int... values) {
    arrays.put(name, Nd4j.createFromArray(values));
  }
}
