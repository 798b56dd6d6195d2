package dev.plumbline.alignment.report;

import java.nio.file.Path;

/** Placeholder until the page's branch is merged. */
public final class StudyReport {
  private StudyReport() {}

  public static void write(Path file, Study study) {}

  public static String table(Study study) {
    StringBuilder out = new StringBuilder();
    for (Study.Table t : study.tables()) {
      for (Study.Arm a : t.arms()) {
        out.append(
            String.format(
                "%-18s acc %5.1f [%4.1f %4.1f]  learned %5.1f  held %5.1f ppl %.3f rep %.3f%n",
                a.name(),
                100 * a.accuracy().estimate(),
                100 * a.accuracy().low(),
                100 * a.accuracy().high(),
                100 * a.assessmentLearned().estimate(),
                100 * a.assessmentHeldOut().estimate(),
                a.perplexity(),
                a.repetition()));
      }
    }
    study
        .claims()
        .forEach(
            c ->
                out.append(c.verdict())
                    .append("  ")
                    .append(c.claim())
                    .append("  ")
                    .append(c.found())
                    .append('\n'));
    return out.toString();
  }
}
