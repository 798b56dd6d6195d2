package dev.plumbline.alignment.report.study;

import dev.plumbline.alignment.report.chart.Headline;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.report.page.TextTable;
import dev.plumbline.alignment.statistics.Interval;
import java.util.ArrayList;
import java.util.List;

/** The main figures of a study for a terminal. */
final class StudyText {
  private static final int COLUMNS = 100;
  private static final int VERDICT = 22; // width of the longest verdict and a gap
  private static final int NAME = 15;
  private static final String SAMPLED = " sampled: accuracy of answers at temperature 1, %.";
  private static final String ASSESSED = " learned, held-out: assessment accuracy %.";
  private static final String LEGEND =
      " ppl: perplexity of reference tokens. rep.: answers that repeat themselves or run into the token limit, %. In brackets "
          + "95 % intervals.";

  private StudyText() {}

  /** Claims with their verdicts, then a table for each group of arms. */
  static String of(Study study) {
    StringBuilder out = new StringBuilder();
    for (Headline headline : study.figures().headlines()) {
      wrap(out, headline.sentence(), 0);
      for (Headline.Tile tile : headline.tiles()) {
        wrap(out, tile.value() + " " + tile.label() + ": " + tile.detail(), 0);
      }
      out.append('\n');
    }
    wrap(out, StudySummary.lead(study.claims()), 0);
    for (Study.Claim claim : study.claims()) {
      String verdict = claim.verdict().words();
      out.append('\n').append(verdict).append(" ".repeat(VERDICT - verdict.length()));
      wrap(out, StudySummary.claim(claim), VERDICT);
      if (!claim.found().isBlank()) {
        out.append(" ".repeat(VERDICT));
        wrap(out, claim.found(), VERDICT);
      }
    }
    boolean figures = false;
    for (Study.Table table : study.tables()) {
      if (!table.arms().isEmpty()) {
        out.append('\n');
        wrap(out, table.caption(), 0);
        out.append(arms(table));
        figures = true;
      }
    }
    if (figures) {
      out.append('\n');
      boolean sampled = study.tables().stream().anyMatch(Study.Table::sampled);
      boolean assessed = study.tables().stream().anyMatch(table -> !table.assessed().isEmpty());
      wrap(
          out,
          "sd: of accuracy over seeds."
              + (sampled ? SAMPLED : "")
              + (assessed ? ASSESSED : "")
              + LEGEND,
          0);
    }
    if (!study.claims().isEmpty()) {
      out.append('\n');
      wrap(out, StudySummary.count(study.claims()), 0);
    }
    return out.toString();
  }

  private static TextTable arms(Study.Table table) {
    List<String> headings = new ArrayList<>(List.of("method", "accuracy %", "sd"));
    if (table.sampled()) {
      headings.add("sampled");
    }
    table.assessed().forEach(column -> headings.add(column.words()));
    headings.addAll(List.of("ppl", "rep.", "training"));
    TextTable text = new TextTable().row(headings.toArray(String[]::new));
    for (Study.Arm arm : table.arms()) {
      List<String> cells = new ArrayList<>(List.of(TextTable.name(arm.name(), NAME)));
      cells.add(share(arm.accuracy().greedy()));
      cells.add(arm.seeds().size() < 2 ? "-" : StudySummary.deviation(arm.seeds()));
      if (table.sampled()) {
        cells.add(Numbers.percent(arm.accuracy().sampled().estimate()));
      }
      for (Study.Assessment column : table.assessed()) {
        Interval value = column.of(arm);
        boolean narrow = column == Study.Assessment.LEARNED || table.sampled();
        cells.add(narrow ? Numbers.percent(value.estimate()) : share(value));
      }
      cells.add(TextTable.name(Numbers.decimal(arm.perplexity(), 3), 9));
      cells.add(Numbers.percent(arm.repetition()));
      cells.add(TextTable.name(StudySummary.training(arm.seeds()), 8));
      text.row(cells.toArray(String[]::new));
    }
    return text;
  }

  private static String share(Interval interval) {
    return Numbers.percent(interval.estimate())
        + (Numbers.known(interval)
            ? " (" + Numbers.bounds(interval).replace(" to ", "-") + ")"
            : "");
  }

  /** Words that fit into the columns from {@code indent} on; the first line is already indented. */
  private static void wrap(StringBuilder out, String text, int indent) {
    int width = COLUMNS - indent;
    int used = 0;
    for (String word : text.replaceAll("[\\p{Cntrl}\u00a0\\s]+", " ").strip().split(" ", -1)) {
      String rest = word;
      if (used > 0 && used + 1 + length(rest) > width) {
        out.append('\n').append(" ".repeat(indent));
        used = 0;
      }
      if (used > 0) {
        out.append(' ');
        used++;
      }
      while (length(rest) > width) {
        int end = rest.offsetByCodePoints(0, width);
        out.append(rest, 0, end).append('\n').append(" ".repeat(indent));
        rest = rest.substring(end);
      }
      out.append(rest);
      used += length(rest);
    }
    out.append('\n');
  }

  private static int length(String text) {
    return text.codePointCount(0, text.length());
  }
}
