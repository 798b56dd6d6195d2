package dev.plumbline.data.row;

/** One row of a training file: a completion, a group of graded candidates, or a preference pair. */
public sealed interface TrainingRow permits Completion, CandidateGroup, PreferencePair {
  /** The prompt of the row. */
  TokenText prompt();
}
