package dev.plumbline.alignment.report.bench;

import dev.plumbline.alignment.plan.Machine;
import dev.plumbline.alignment.plan.Outlook;
import dev.plumbline.alignment.plan.Plan;
import dev.plumbline.alignment.report.page.Numbers;
import dev.plumbline.alignment.report.page.TextTable;
import java.util.stream.Collectors;

/** The figures of {@code plumbline plan} for a terminal. */
public final class PlanReport {
  private PlanReport() {}

  /** Bytes in GiB. */
  public static String gib(long bytes) {
    return bytes < 0 ? Numbers.NONE : Numbers.decimal(bytes / (double) (1L << 30), 2);
  }

  /** What the machine does at best. */
  public static String machine(Machine best) {
    return Numbers.format(
        "This machine at best, measured: products %s GFLOP/s, reading memory %s GB/s.%n",
        Numbers.decimal(best.flopsPerSecond() / 1e9, 0),
        Numbers.decimal(best.bytesPerSecond() / 1e9, 1));
  }

  /** The whole plan as text. */
  public static String text(
      String model, String objective, Plan plan, Plan.Batch batch, Outlook outlook) {
    StringBuilder out = new StringBuilder();
    out.append(
        Numbers.format(
            "%s: %,d parameters, %s in their files.%n"
                + "A step of %s: %,d tokens (%d x %d rows, prompts of %d tokens and %d x %d tokens of responses).%n%n",
            model,
            plan.config().parameterCount(),
            plan.stored(),
            objective,
            batch.tokens() * batch.accumulate(),
            batch.accumulate(),
            batch.rows(),
            batch.promptTokens(),
            batch.responses(),
            batch.responseTokens()));
    TextTable table =
        new TextTable()
            .row(
                "",
                "peak GiB",
                "fits here",
                "seconds",
                "tokens/s",
                Numbers.format("%,d rows", outlook.rows()));
    for (Outlook.Way way : outlook.ways()) {
      table.row(
          way.name(),
          gib(way.peak()),
          outlook.fits(way) ? "yes" : "no",
          Numbers.decimal(way.seconds(), way.seconds() < 10 ? 2 : 0),
          Numbers.decimal(way.tokens() / way.seconds(), 1),
          Numbers.duration(way.epochSeconds()));
    }
    out.append(table);
    out.append("Seconds: of a step; of 4,096 scored tokens; of one token of every sequence.\n");
    if (outlook.referenceSeconds() > 0) {
      out.append("Before training the reference scores all rows, once: ")
          .append(Numbers.duration(outlook.referenceSeconds()))
          .append(".\n");
    }
    out.append('\n');
    for (Outlook.Way way : outlook.ways()) {
      out.append(way.name()).append(": ");
      out.append(
          way.memory().entrySet().stream()
              .map(e -> e.getKey() + " " + gib(e.getValue()))
              .collect(Collectors.joining(", ")));
      out.append('\n');
    }
    if (!plan.fitsBuffers()) {
      out.append(
          Numbers.format(
              "%nA matrix has more values than a buffer of Java's shows as float32: it can be used as BF16 where it lies,%n"
                  + "not trained as a whole.%n"));
    }
    out.append('\n').append(machine(outlook.machine()));
    if (outlook.memory() >= 0) {
      out.append("It has ").append(gib(outlook.memory())).append(" GiB of memory.\n");
    }
    return out.toString();
  }
}
