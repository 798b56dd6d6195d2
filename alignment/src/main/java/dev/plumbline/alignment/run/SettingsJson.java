package dev.plumbline.alignment.run;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Settings as JSON: a record is an object whose keys are its components in the spelling of the
 * command line ({@code learning-rate}). A setting that is added to a record is in the JSON and, if
 * it is not {@link Incidental}, in the fingerprint of its runs.
 */
public final class SettingsJson {
  private SettingsJson() {}

  /** All components. */
  public static Map<String, Object> of(Record settings) {
    return object(settings, false);
  }

  /** The components that decide what a run computes. */
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

  private static Object read(Record settings, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(settings);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("A record's components can be read.", e);
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
    return value instanceof Path path ? path.toString() : value;
  }

  private static String key(String component) {
    return component.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
