package dev.plumbline.alignment.report.bench;

import dev.plumbline.alignment.bench.BenchFigures;
import dev.plumbline.alignment.bench.ModelBench;
import dev.plumbline.alignment.bench.Scaling;
import dev.plumbline.alignment.bench.Scaling.Sweep;
import dev.plumbline.alignment.plan.Machine;
import dev.plumbline.alignment.report.page.Html;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.report.page.TextTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The figures of {@code plumbline bench} for a terminal and as one self-contained page. */
public final class BenchReport {
  private static final String CAPTION =
      "Random weights, float32. Seconds: median wall time of one run. Tokens count every sequence "
          + "whole, shared or not. Stock: the same on stock SameDiff operations; steps in SameDiff's own "
          + "session, in turn with the fused ones. Composed: the stock operations on our pool of "
          + "arrays, as --ops composed runs them. Unshared: fused, every sequence with a copy of its "
          + "prompt, padded to the longest, and for dpo-step with the reference's forward pass (in "
          + "brackets with the reference cached); for rollouts, one call per position in which each "
          + "rollout feeds its whole prefix (in brackets one rollout after the other). "
          + "Products: share of thread time inside matrix products. An asterisk marks times scaled "
          + "up from a part of the work.";

  private BenchReport() {}

  /** One workload on one line. */
  public static String line(BenchFigures f) {
    return Numbers.format(
        "  %s: %s s, %s tokens/s%s%s, %s in products%n",
        f.workload(),
        Numbers.decimal(f.seconds(), 3),
        Numbers.decimal(f.tokensPerSecond(), 0),
        f.composedRatio() == null
            ? ""
            : ", stock operations " + Numbers.decimal(f.composedRatio(), 1) + " times as long",
        f.unsharedRatio() == null
            ? ""
            : ", unshared " + Numbers.decimal(f.unsharedRatio(), 1) + " times",
        Numbers.share(f.productShare()).replace('\u00a0', ' '));
  }

  /** All workloads as a table. */
  public static String table(List<BenchFigures> figures) {
    TextTable table = new TextTable();
    cells(figures).forEach(row -> table.row(row.toArray(String[]::new)));
    return table.toString();
  }

  /** A model's workloads beside what was planned. */
  public static String model(List<ModelBench.Figures> figures, Machine best) {
    TextTable table =
        new TextTable()
            .row(
                "workload",
                "seconds",
                "planned",
                "tokens/s",
                "of products",
                "of memory",
                "peak GiB",
                "planned");
    for (ModelBench.Figures f : figures) {
      table.row(
          f.workload(),
          Numbers.decimal(f.seconds(), 3),
          Numbers.decimal(f.plannedSeconds(), 3),
          Numbers.decimal(f.tokensPerSecond(), 1),
          Numbers.share(f.flopsShare()),
          f.bandwidthShare() == null ? "-" : Numbers.share(f.bandwidthShare()),
          PlanReport.gib(f.peakBytes()),
          PlanReport.gib(f.plannedBytes()));
    }
    return table + PlanReport.machine(best);
  }

  private static List<List<String>> cells(List<BenchFigures> figures) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "workload",
            "seconds",
            "tokens/s",
            "stock s",
            "ratio",
            "composed s",
            "unshared s",
            "ratio",
            "products",
            "resident"));
    for (BenchFigures f : figures) {
      rows.add(
          List.of(
              f.workload(),
              Numbers.decimal(f.seconds(), 3),
              Numbers.decimal(f.tokensPerSecond(), 0),
              f.composedSeconds() == null
                  ? "-"
                  : Numbers.decimal(f.composedSeconds(), 2) + mark(f.composedPart()),
              f.composedRatio() == null ? "-" : Numbers.decimal(f.composedRatio(), 1),
              f.pooledSeconds() == null ? "-" : Numbers.decimal(f.pooledSeconds(), 2),
              f.unsharedSeconds() == null
                  ? "-"
                  : Numbers.decimal(f.unsharedSeconds(), 2)
                      + mark(f.unsharedPart())
                      + bracket(f.unsharedCachedSeconds(), "")
                      + bracket(f.oneByOneSeconds(), "*"),
              f.unsharedRatio() == null ? "-" : Numbers.decimal(f.unsharedRatio(), 1),
              Numbers.share(f.productShare()),
              f.residentBytes() / (1 << 20) + " MiB"));
    }
    return rows;
  }

  private static String bracket(Double seconds, String mark) {
    return seconds == null ? "" : " (" + Numbers.decimal(seconds, 2) + mark + ")";
  }

  private static String mark(double part) {
    return part < 1 ? "*" : "";
  }

  /** Step times over one quantity each, for a terminal. */
  public static String sweeps(List<Sweep> sweeps) {
    StringBuilder out = new StringBuilder();
    for (Sweep sweep : sweeps) {
      TextTable table = new TextTable();
      List<String> head = new ArrayList<>(List.of(sweep.quantity()));
      List<String> times = new ArrayList<>(List.of("ms per step"));
      for (Scaling.Point p : sweep.points()) {
        head.add(Integer.toString(p.x()));
        times.add(Numbers.decimal(1000 * p.seconds(), 1));
      }
      table.row(head.toArray(String[]::new)).row(times.toArray(String[]::new));
      out.append('\n').append(title(sweep)).append('\n').append(table).append(growth(sweep));
    }
    return out.toString();
  }

  private static String title(Sweep sweep) {
    return "Step time by "
        + sweep.quantity()
        + ": "
        + sweep.setting()
        + ", "
        + sweep.threads()
        + (sweep.threads() == 1 ? " thread" : " threads");
  }

  private static String growth(Sweep sweep) {
    return Numbers.format(
        "grows as %s^%.2f over all points, ^%.2f over the upper half%n",
        sweep.quantity(), sweep.exponent(), sweep.upperExponent());
  }

  /** Writes the page, all of it or nothing. */
  public static void write(
      Path file, String machine, List<BenchFigures> figures, List<Sweep> sweeps) {
    Html.write(file, html(machine, figures, sweeps));
  }

  /** The page: well-formed as HTML and as XML, without scripts or outside resources. */
  static String html(String machine, List<BenchFigures> figures, List<Sweep> sweeps) {
    Html html = Html.page("Plumbline bench");
    html.element("p", machine, "class", "lead");
    table(html, figures);
    for (BenchFigures f : figures) {
      profile(html, f);
    }
    if (!sweeps.isEmpty()) {
      html.element("h2", "How step time grows");
      Map<String, List<Sweep>> byQuantity = new LinkedHashMap<>();
      sweeps.forEach(s -> byQuantity.computeIfAbsent(s.quantity(), q -> new ArrayList<>()).add(s));
      byQuantity.values().forEach(same -> ScalingChart.draw(html, same));
    }
    return html.endPage();
  }

  private static void table(Html html, List<BenchFigures> figures) {
    html.open("div", "class", "scroll").open("table");
    html.open("caption").element("span", CAPTION).close();
    List<List<String>> rows = cells(figures);
    html.open("thead").open("tr");
    rows.get(0).forEach(cell -> html.element("th", cell, "scope", "col"));
    html.close().close().open("tbody");
    for (List<String> row : rows.subList(1, rows.size())) {
      html.open("tr").element("th", row.get(0), "scope", "row");
      row.subList(1, row.size()).forEach(cell -> html.element("td", cell));
      html.close();
    }
    html.close().close().close();
  }

  /** Where a step's time goes: the operations that take a hundredth of it or more. */
  private static void profile(Html html, BenchFigures f) {
    if (f.milliseconds().isEmpty()) {
      return;
    }
    html.element("h3", "Where " + f.workload() + " spends its time");
    html.open("div", "class", "scroll").open("table").open("thead").open("tr");
    for (String head : List.of("operation", "ms per step", "share")) {
      html.element("th", head, "scope", "col");
    }
    html.close().close().open("tbody");
    double total = f.milliseconds().values().stream().mapToDouble(Double::doubleValue).sum();
    f.milliseconds()
        .forEach(
            (name, ms) -> {
              if (ms >= total / 100) {
                html.open("tr").element("th", operation(name), "scope", "row");
                html.element("td", Numbers.decimal(ms, 1));
                html.element("td", Numbers.share(ms / total)).close();
              }
            });
    html.close().close().close();
  }

  private static String operation(String name) {
    return name.replace("plumbline_", "")
        .replace("_Fused", ", forward")
        .replace("_Backward", ", backward")
        .replace('_', ' ');
  }
}
