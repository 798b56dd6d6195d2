package dev.plumbline.alignment.evaluate;

/** What of an evaluation two models are compared by: a figure from 0 to 1 for each question. */
public enum Measure {
  /** Whether the greedy answer is correct. */
  GREEDY("greedy accuracy"),
  /** Share of correct answers among samples at temperature 1. */
  SAMPLED("sampled accuracy");

  private final String label;

  Measure(String label) {
    this.label = label;
  }

  /** Its name in tables. */
  public String label() {
    return label;
  }

  /** The figure by question; empty where it was not measured. */
  public double[] of(Evaluation evaluation) {
    return this == GREEDY ? evaluation.solved() : evaluation.sampled();
  }
}
