package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.report.chart.Figure;
import dev.plumbline.alignment.report.study.Figures;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.report.study.StudyReport;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.RunLock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Runs the parts of an experiment in order, decides its claims and writes {@code result.json},
 * {@code report.html}, {@code report.md} and {@code settings.yaml}. Every stage leaves its file: a
 * run that was interrupted resumes.
 */
public final class Experiment {
  /**
   * What names an experiment.
   *
   * @param title of its page
   * @param note at the top of the report
   */
  public record Heading(String title, String note) {}

  private final Heading heading;
  private final Invocation invocation;
  private final Record settings;
  private final Path output;
  private final List<Study.Fact> facts;
  private final List<Part<?>> parts;
  private final List<Outline> outlines;

  /**
   * An experiment whose claims name only what its parts declare.
   *
   * @param invocation the command and its options
   * @param settings identify the run: another run in {@code output} must have the same ones
   * @param facts that stand first among those at the end of the page
   * @throws IllegalArgumentException if a claim or a comparison names an arm, a comparison or a
   *     quantity that no part declares, or two parts declare the same one
   */
  public Experiment(
      Heading heading,
      Invocation invocation,
      Record settings,
      Path output,
      List<Study.Fact> facts,
      List<? extends Part<?>> parts) {
    this.heading = heading;
    this.invocation = invocation;
    this.settings = settings;
    this.output = output;
    this.facts = facts;
    this.parts = List.copyOf(parts);
    this.outlines = this.parts.stream().<Outline>map(Part::outline).toList();
    check();
  }

  private void check() {
    Set<String> arms = unique("arm", outlines.stream().map(Outline::arms).toList());
    Set<String> quantities =
        unique("quantity", outlines.stream().map(Outline::quantities).toList());
    Set<String> sweeps = unique("sweep", outlines.stream().map(Outline::sweeps).toList());
    Set<Pair> pairs = unique("comparison", outlines.stream().map(Outline::comparisons).toList());
    for (Pair pair : pairs) {
      known("The comparison of " + pair.first() + " and " + pair.second(), pair.first(), arms);
      known("The comparison of " + pair.first() + " and " + pair.second(), pair.second(), arms);
    }
    for (Claim claim : claims()) {
      String named = "The claim '" + claim.text() + "'";
      claim.criterion().quantity().ifPresent(id -> known(named, id, quantities));
      claim.criterion().swept().ifPresent(id -> known(named, id, sweeps));
      claim
          .criterion()
          .comparison()
          .ifPresent(
              pair -> {
                known(named, pair.first(), arms);
                known(named, pair.second(), arms);
                known(named, pair, pairs);
              });
    }
  }

  private static <T> Set<T> unique(String what, List<List<T>> declared) {
    Set<T> all = new LinkedHashSet<>();
    for (List<T> own : declared) {
      for (T id : own) {
        if (!all.add(id)) {
          throw new IllegalArgumentException("The " + what + " '" + id + "' is declared twice.");
        }
      }
    }
    return all;
  }

  private static <T> void known(String named, T id, Collection<T> declared) {
    if (!declared.contains(id)) {
      throw new IllegalArgumentException(
          named + " names '" + id + "', which no part declares; declared are " + declared + ".");
    }
  }

  private List<Claim> claims() {
    return outlines.stream().flatMap(outline -> outline.claims().stream()).toList();
  }

  /** Runs all parts; the study is also written into the output directory. */
  public Study run() throws IOException {
    try (RunLock lock = RunLock.directory(output)) {
      RunFiles.claim(output, invocation.name(), settings);
      invocation.write(output);
      Findings findings = new Findings();
      for (int i = 0; i < parts.size(); i++) {
        measure(parts.get(i), outlines.get(i), findings);
      }
      RunFacts.hashes(output).forEach(findings.facts::add);
      Study study = study(findings);
      RunFiles.writeJson(output.resolve("result.json"), study);
      StudyReport.write(output.resolve("report.html"), study);
      StudyReport.writeMarkdown(output.resolve("report.md"), study);
      return study;
    }
  }

  private static <R> void measure(Part<R> part, Outline outline, Findings findings)
      throws IOException {
    part.report(part.run(), findings);
    reported(part, outline.arms(), findings.arms.keySet());
    reported(part, outline.quantities(), findings.quantities.keySet());
    reported(part, outline.sweeps(), findings.sweeps.keySet());
  }

  private static void reported(Part<?> part, List<String> declared, Set<String> reported) {
    List<String> missing = declared.stream().filter(id -> !reported.contains(id)).toList();
    if (!missing.isEmpty()) {
      throw new IllegalStateException(
          part.getClass().getSimpleName() + " declares " + missing + " and reports none of them.");
    }
  }

  /** Decides claims from findings; tests call it with synthetic ones. */
  public Study study(Findings findings) {
    List<Pair> pairs = outlines.stream().flatMap(o -> o.comparisons().stream()).toList();
    Evidence evidence = Evidence.of(pairs, claims(), findings);
    List<Study.Claim> decided = new ArrayList<>();
    for (Claim claim : claims()) {
      Criterion.Decision d = claim.criterion().decide(evidence);
      decided.add(
          new Study.Claim(
              claim.text(),
              claim.source(),
              claim.paper(),
              claim.primary(),
              d.verdict(),
              d.found()));
    }
    List<Figure> figures = new ArrayList<>(findings.figures);
    findings.headlines.forEach(headline -> figures.add(headline.apply(evidence)));
    List<Study.Fact> all = new ArrayList<>(facts);
    all.addAll(findings.facts);
    return new Study(
        heading.title(),
        heading.note(),
        all,
        decided,
        findings.tables,
        List.copyOf(evidence.comparisons().values()),
        Figures.of(figures));
  }
}
