package dev.plumbline.alignment.report;
import java.nio.file.Path;
public final class DemoReport {
  public static void write(Path f, DemoResult r) {}
  public static String table(DemoResult r) { StringBuilder b = new StringBuilder(); for (DemoResult.Arm a : r.arms()) b.append(String.format("%-8s acc %.3f [%.3f %.3f] assess %.3f [%.3f %.3f] macro %.3f pairs %d ppl %.4f trunc %d train %.0fs%n", a.name(), a.accuracy().estimate(), a.accuracy().low(), a.accuracy().high(), a.assessment().estimate(), a.assessment().low(), a.assessment().high(), a.assessmentMacro(), a.assessmentPairs(), a.referencePerplexity(), a.truncated(), a.trainSeconds())); for (var t : r.tests()) b.append(t).append('\n'); return b.toString(); }
}
