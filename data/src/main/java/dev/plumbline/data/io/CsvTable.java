package dev.plumbline.data.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A CSV file according to RFC 4180: a header, quoted fields with doubled quotes, line breaks inside
 * quotes.
 */
public final class CsvTable {
  /** A row by column name, and the line of the file where it starts. */
  public record Row(int line, Map<String, String> fields) {}

  /** The fields of a row in order, for a file without a header. */
  public record Line(int line, List<String> values) {}

  /**
   * Parses all rows of a file without a header.
   *
   * @throws dev.plumbline.data.UserError when a quote is not closed or text follows one
   */
  public static List<Line> records(String text, Path file) {
    CsvTable table = new CsvTable(text, file);
    List<Line> records = new ArrayList<>();
    while (table.at < text.length()) {
      int start = table.line;
      records.add(new Line(start, table.record()));
    }
    return records;
  }

  private final String text;
  private final Path file;
  private int at;
  private int line = 1;

  private CsvTable(String text, Path file) {
    this.text = text;
    this.file = file;
  }

  /**
   * Parses a file with a header.
   *
   * @throws dev.plumbline.data.UserError when a row has another number of fields than the header
   */
  public static List<Row> parse(String text, Path file) {
    CsvTable table = new CsvTable(text, file);
    List<String> header = table.record();
    List<Row> rows = new ArrayList<>();
    while (table.at < text.length()) {
      int start = table.line;
      List<String> values = table.record();
      if (values.size() != header.size()) {
        throw Jsonl.at(
            file,
            start,
            "has "
                + values.size()
                + " fields and the header has "
                + header.size()
                + "; correct the line");
      }
      Map<String, String> fields = new LinkedHashMap<>();
      for (int i = 0; i < header.size(); i++) {
        fields.put(header.get(i), values.get(i));
      }
      rows.add(new Row(start, fields));
    }
    return rows;
  }

  private List<String> record() {
    List<String> values = new ArrayList<>();
    while (true) {
      values.add(at < text.length() && text.charAt(at) == '"' ? quoted() : plain());
      if (at >= text.length()) {
        return values;
      }
      char end = text.charAt(at++);
      if (end == '\r' && at < text.length() && text.charAt(at) == '\n') {
        at++;
      }
      if (end != ',') {
        line++;
        return values;
      }
    }
  }

  private String plain() {
    int start = at;
    while (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return text.substring(start, at);
  }

  private String quoted() {
    int opened = line;
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        if (at + 1 < text.length() && text.charAt(at + 1) == '"') {
          at++;
        } else {
          at++;
          if (at < text.length() && ",\r\n".indexOf(text.charAt(at)) < 0) {
            throw Jsonl.at(
                file, line, "has text after a closing quote; double the quotes inside a field");
          }
          return value.toString();
        }
      } else if (c == '\n') {
        line++;
      }
      value.append(c);
    }
    throw Jsonl.at(file, opened, "opens a quote that is never closed; close it");
  }
}
