package dev.plumbline.data.row;

import java.util.List;
import java.util.Objects;

/**
 * The candidates of one question: AFT's positives and negatives, or a ranked list (arXiv
 * 2309.02144).
 *
 * @param reference the human solution, or null when the file gives none
 * @param candidates may be all correct or all incorrect; the objective handles an empty side (our
 *     spec, 2.5)
 */
public record CandidateGroup(TokenText prompt, TokenText reference, List<Candidate> candidates)
    implements TrainingRow {
  public CandidateGroup {
    Objects.requireNonNull(prompt, "prompt");
    candidates = List.copyOf(candidates);
  }
}
