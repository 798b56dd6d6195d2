package dev.plumbline.data.row;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The candidates of one question: AFT's positives and negatives, or a ranked list (arXiv
 * 2309.02144).
 *
 * @param reference the human solution, or null if the file has none
 * @param candidates may be all correct or all wrong; such a group has no pair to compare
 */
public record CandidateGroup(TokenText prompt, TokenText reference, List<Candidate> candidates)
    implements TrainingRow {
  /** Copies the list. */
  public CandidateGroup {
    Objects.requireNonNull(prompt, "prompt");
    candidates = List.copyOf(candidates);
  }

  @Override
  public List<TokenText> responses() {
    return Stream.concat(Stream.ofNullable(reference), candidates.stream().map(Candidate::response))
        .toList();
  }
}
