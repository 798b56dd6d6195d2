package dev.plumbline.alignment.experiment;

import java.util.List;

/** A part that a run leaves out: its claims are reported as not run. */
public record LeftOut(List<Claim> claims) implements Part<Boolean> {
  /** In place of a part. */
  public static LeftOut of(Part<?> part) {
    return new LeftOut(
        part.outline().claims().stream().map(c -> Claim.leftOut(c.text(), c.source())).toList());
  }

  /** The part where it is run, and else what stands in its place. */
  public static Part<?> unless(boolean run, Part<?> part) {
    return run ? part : of(part);
  }

  @Override
  public Outline outline() {
    return Outline.of(List.of(), claims);
  }

  @Override
  public Boolean run() {
    return false;
  }

  @Override
  public void report(Boolean measured, Findings findings) {}
}
