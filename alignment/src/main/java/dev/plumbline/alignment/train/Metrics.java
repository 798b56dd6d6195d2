package dev.plumbline.alignment.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.AtomicFile;
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
 * The metrics of a run's steps: {@code metrics.jsonl}, and copies as a CSV table and as
 * TensorBoard's events. When a run resumes, both copies are written again from {@code
 * metrics.jsonl}.
 */
final class Metrics implements AutoCloseable {
  /** One step per line. */
  static final String FILE = "metrics.jsonl";

  /** One step per line, one metric per column. */
  static final String TABLE = "metrics.csv";

  /** TensorBoard finds event files by this part of the name. */
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
   * Opens the files of a run that resumes after {@code steps} steps; later lines, which a kill
   * left, are cut off.
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
    AtomicFile.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
    return rows;
  }

  /** Reads the line of a step before the resume point; a damaged line cannot be restored. */
  private static Map<String, Double> row(Path file, int step, String line, long steps) {
    Map<String, Double> row = null;
    try {
      row = MAPPER.readValue(line, new TypeReference<LinkedHashMap<String, Double>>() {});
    } catch (JsonProcessingException e) {
      // reported below
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
              + " steps of the saved state. Restore the file, or delete the directory to run again.");
    }
    return row;
  }

  /** Adds the metrics of a step. */
  void add(Map<String, Double> row) throws IOException {
    rows.add(row);
    lines.write(MAPPER.writeValueAsString(row) + "\n");
    lines.flush();
    copy(row);
  }

  /** A missing metric of a step gives an empty cell in the table and no event. */
  private void copy(Map<String, Double> row) throws IOException {
    if (columns == null) {
      table.write(String.join(",", row.keySet()) + "\n");
      columns = new ArrayList<>(row.keySet());
    }
    if (!columns.containsAll(row.keySet())) { // earlier steps had fewer metrics
      rewriteTable();
    } else {
      writeCells(row);
    }
    table.flush();
    Map<String, Double> scalars = new LinkedHashMap<>(row);
    scalars.remove("step");
    events.add(now(), row.get("step").longValue(), scalars);
  }

  /**
   * Writes the table again with the columns of all steps, in the order of the step with most
   * columns.
   */
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
