package dev.plumbline.alignment.experiment;

import dev.plumbline.data.io.AtomicFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How a user started an experiment, and how anyone starts it again.
 *
 * @param name of the experiment's command, such as {@code reproduce aft}
 * @param typed the whole command line
 * @param settings the command's options with their values, given or by default, as YAML that its
 *     {@code --config} reads
 */
public record Invocation(String name, String typed, String settings) {
  /** Name of the file with the settings in the directory of a run. */
  public static final String FILE = "settings.yaml";

  /**
   * Writes options as YAML, one a line, without empty lists; {@code quick} where it is on. Paths
   * are absolute, so that the file works from any directory.
   */
  public static Invocation of(String name, String typed, boolean quick, Map<String, Object> all) {
    StringBuilder yaml = new StringBuilder(quick ? "quick: true\n" : "");
    all.forEach(
        (key, value) -> {
          if (!value.equals(List.of())) {
            yaml.append(key).append(": ").append(text(value)).append('\n');
          }
        });
    return new Invocation(name, typed, yaml.toString());
  }

  private static String text(Object value) {
    if (value instanceof List<?> list) {
      return "[" + String.join(", ", list.stream().map(Invocation::text).toList()) + "]";
    }
    if (value instanceof Double number) {
      return number(number);
    }
    if (value instanceof Path path) {
      return quoted(path.toAbsolutePath().normalize().toString());
    }
    return value instanceof String s && s.matches(".*[:#\\[{].*") ? quoted(s) : value.toString();
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** A number as people write it: 3.0E-4 as 3e-4, 2.0 as 2. */
  static String number(double value) {
    return Double.toString(value).replaceAll("\\.0(?=E|$)", "").replace('E', 'e');
  }

  /** The command that repeats the run in a directory. */
  String repeat(Path output) {
    return "./plumbline " + name + " --config " + output.resolve(FILE) + " output=DIR";
  }

  void write(Path output) {
    AtomicFile.write(output.resolve(FILE), settings.getBytes(StandardCharsets.UTF_8));
  }
}
