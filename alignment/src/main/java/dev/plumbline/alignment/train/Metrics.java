package dev.plumbline.alignment.train;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The figures of a run's steps: {@code metrics.jsonl}, and the same as a table and as TensorBoard's
 * events, both made again from it where a run goes on.
 */
final class Metrics implements AutoCloseable {
  /** A step a line. */
  static final String FILE = "metrics.jsonl";

  /** A step a line, a metric a column. */
  static final String TABLE = "metrics.csv";

  /** TensorBoard looks for this middle part. */
  static final String EVENTS = "events.out.tfevents.plumbline";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final List<Map<String, Double>> rows;
  private final BufferedWriter lines;
  private final BufferedWriter table;
  private final OutputStream eventBytes;
  private final EventFile events;
  private List<String> columns; // null before the first row

  /**
   * Opens the files of a run that goes on after so many steps: what a kill left behind them is cut
   * off.
   */
  Metrics(Path output, long steps) throws IOException {
    rows = keep(output.resolve(FILE), steps);
    lines =
        Files.newBufferedWriter(
            output.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    table = Files.newBufferedWriter(output.resolve(TABLE));
    eventBytes = new BufferedOutputStream(Files.newOutputStream(output.resolve(EVENTS)));
    events = new EventFile(eventBytes, now());
    for (Map<String, Double> row : rows) {
      copy(row);
    }
  }

  private static double now() {
    return System.currentTimeMillis() / 1e3;
  }

  private static List<Map<String, Double>> keep(Path file, long steps) throws IOException {
    List<Map<String, Double>> rows = new ArrayList<>();
    if (!Files.isRegularFile(file)) {
      return rows;
    }
    List<String> all = Files.readAllLines(file);
    List<String> kept = all.subList(0, (int) Math.min(steps, all.size()));
    StringBuilder text = new StringBuilder();
    for (String line : kept) {
      rows.add(MAPPER.readValue(line, new TypeReference<LinkedHashMap<String, Double>>() {}));
      text.append(line).append('\n');
    }
    RunFiles.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    return rows;
  }

  /** Adds a step. */
  void add(Map<String, Double> row) throws IOException {
    rows.add(row);
    lines.write(MAPPER.writeValueAsString(row) + "\n");
    lines.flush();
    copy(row);
  }

  /** The table has the columns of the first step. */
  private void copy(Map<String, Double> row) throws IOException {
    if (columns == null) {
      columns = List.copyOf(row.keySet());
      table.write(String.join(",", columns) + "\n");
    }
    List<String> cells = new ArrayList<>();
    for (String column : columns) {
      cells.add(row.containsKey(column) ? row.get(column).toString() : "");
    }
    table.write(String.join(",", cells) + "\n");
    table.flush();
    Map<String, Double> scalars = new LinkedHashMap<>(row);
    scalars.remove("step");
    events.add(now(), row.get("step").longValue(), scalars);
  }

  /** All steps so far. */
  List<Map<String, Double>> rows() {
    return Collections.unmodifiableList(rows);
  }

  @Override
  public void close() throws IOException {
    lines.close();
    table.close();
    eventBytes.close();
  }
}
