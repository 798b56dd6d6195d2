package dev.plumbline.alignment.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.data.UserError;
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
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
  private final Path tableFile;
  private BufferedWriter table;
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
    tableFile = output.resolve(TABLE);
    table = Files.newBufferedWriter(tableFile);
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
    boolean present = Files.isRegularFile(file);
    String[] lines =
        present
            ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n")
            : new String[0];
    StringBuilder text = new StringBuilder();
    for (int step = 1; step <= steps; step++) {
      rows.add(row(file, step, step > lines.length ? "" : lines[step - 1], steps));
      text.append(lines[step - 1]).append('\n');
    }
    RunFiles.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    return rows;
  }

  /** A line that the state's steps include: if it is not whole, the run cannot be told again. */
  private static Map<String, Double> row(Path file, int step, String line, long steps) {
    Map<String, Double> row = null;
    try {
      row = MAPPER.readValue(line, new TypeReference<LinkedHashMap<String, Double>>() {});
    } catch (JsonProcessingException e) {
      // said below
    }
    if (row == null
        || row.containsValue(null)
        || row.get("step") == null
        || row.get("step") != step
        || row.get("loss") == null) {
      throw new UserError(
          "Row "
              + step
              + " of "
              + file
              + " is damaged or missing: it must hold step "
              + step
              + " of the "
              + steps
              + " that the state has behind it. Restore the file, or delete the directory to run again.");
    }
    return row;
  }

  /** Adds a step. */
  void add(Map<String, Double> row) throws IOException {
    rows.add(row);
    lines.write(MAPPER.writeValueAsString(row) + "\n");
    lines.flush();
    copy(row);
  }

  /** A metric that a step does not have is an empty cell of the table, and no event. */
  private void copy(Map<String, Double> row) throws IOException {
    if (columns == null) {
      table.write(String.join(",", row.keySet()) + "\n");
      columns = new ArrayList<>(row.keySet());
    }
    if (!columns.containsAll(row.keySet())) { // after a step that had fewer
      rewriteTable();
    } else {
      writeCells(row);
    }
    table.flush();
    Map<String, Double> scalars = new LinkedHashMap<>(row);
    scalars.remove("step");
    events.add(now(), row.get("step").longValue(), scalars);
  }

  /** Makes the table again with the columns of all steps, in the order of the richest one. */
  private void rewriteTable() throws IOException {
    Map<String, Double> richest =
        rows.stream().max(Comparator.comparingInt(Map::size)).orElseThrow();
    Set<String> all = new LinkedHashSet<>(richest.keySet());
    rows.forEach(row -> all.addAll(row.keySet()));
    columns = new ArrayList<>(all);
    table.close();
    table = Files.newBufferedWriter(tableFile);
    table.write(String.join(",", columns) + "\n");
    for (Map<String, Double> row : rows) {
      writeCells(row);
    }
  }

  private void writeCells(Map<String, Double> row) throws IOException {
    List<String> cells = new ArrayList<>();
    for (String column : columns) {
      cells.add(row.containsKey(column) ? row.get(column).toString() : "");
    }
    table.write(String.join(",", cells) + "\n");
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
