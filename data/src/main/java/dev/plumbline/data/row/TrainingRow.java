package dev.plumbline.data.row;

import java.util.List;

/** One row of a training file: a completion, a group of graded candidates, or a preference pair. */
public sealed interface TrainingRow permits Completion, CandidateGroup, PreferencePair {
  /** The prompt of the row. */
  TokenText prompt();

  /** All responses of the row; of a candidate group the reference first, if there is one. */
  List<TokenText> responses();
}
