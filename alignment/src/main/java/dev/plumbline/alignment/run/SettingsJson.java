package dev.plumbline.alignment.run;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Converts settings to JSON: a record becomes an object whose keys are its components, spelled as
 * on the command line ({@code learning-rate}). A new component of a record is therefore in the JSON
 * and, unless it is {@link Incidental}, in the fingerprint of its runs.
 */
public final class SettingsJson {
  private SettingsJson() {}

  /** Returns all components. */
  public static Map<String, Object> of(Record settings) {
    return object(settings, false);
  }

  /** Returns the components that decide the result of a run. */
  public static Map<String, Object> identity(Record settings) {
    return object(settings, true);
  }

  private static Map<String, Object> object(Record settings, boolean identity) {
    Map<String, Object> json = new LinkedHashMap<>();
    for (RecordComponent component : settings.getClass().getRecordComponents()) {
      if (!identity || !component.isAnnotationPresent(Incidental.class)) {
        json.put(key(component.getName()), value(read(settings, component), identity));
      }
    }
    return json;
  }

  /** The value of one component. */
  static Object read(Record settings, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(settings);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The components of a record could not be read.", e);
    }
  }

  private static Object value(Object value, boolean identity) {
    if (value instanceof Record record) {
      return object(record, identity);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(entry -> value(entry, identity)).toList();
    }
    if (value instanceof Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }
    if (value instanceof Double number && !Double.isFinite(number)) {
      return number.toString(); // JSON has no infinity
    }
    if (value instanceof Path path) {
      return path.toString();
    }
    if (value == null
        || value instanceof Number
        || value instanceof Boolean
        || value instanceof String) {
      return value;
    }
    throw new IllegalStateException("A setting cannot be a " + value.getClass().getName() + ".");
  }

  private static String key(String component) {
    return component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
