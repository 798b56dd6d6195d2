package dev.plumbline.data;

import java.util.Objects;

/**
 * A word problem with its gold solution, in the shape of GSM8K (Cobbe et al. 2021, arXiv
 * 2110.14168).
 *
 * @param id unique within its file
 * @param question the problem as people read it, without any prompt template
 * @param solution gold reasoning, one step a line, ending in {@code #### n}
 * @param answer the canonical final answer: no currency sign, no thousands separators
 */
public record Problem(String id, String question, String solution, String answer) {
  public Problem {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(question, "question");
    Objects.requireNonNull(solution, "solution");
    Objects.requireNonNull(answer, "answer");
  }
}
