package dev.plumbline.alignment.experiment;

/**
 * A claim of a paper, declared before the first step.
 *
 * @param text the claim in a sentence
 * @param source where the paper says it
 * @param paper the paper's figures, or empty
 * @param criterion how the claim is decided
 * @param primary whether it is one of the few that the study is made for. Their tests come first,
 *     in the order of declaration, and are not corrected for all the others
 */
public record Claim(
    String text, String source, String paper, Criterion criterion, boolean primary) {

  /** A claim that is not primary. */
  public Claim(String text, String source, String paper, Criterion criterion) {
    this(text, source, paper, criterion, false);
  }

  /** A claim for which the paper gives no figures. */
  public Claim(String text, String source, Criterion criterion) {
    this(text, source, "", criterion);
  }

  /** The same as a primary claim. */
  public Claim first() {
    return new Claim(text, source, paper, criterion, true);
  }

  /** A claim that a short run does not test. */
  public static Claim leftOut(String text, String source) {
    return new Claim(
        text, source, "", new Criterion.LeftOut("This run leaves it out; the full run tests it."));
  }
}
