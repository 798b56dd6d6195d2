package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.report.study.Study;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Settings as facts of a page: one row per nested record, in words and without directories. */
final class SettingsFacts {
  private SettingsFacts() {}

  static List<Study.Fact> of(Record settings) {
    List<Study.Fact> facts = new ArrayList<>();
    List<String> plain = new ArrayList<>();
    for (RecordComponent component : settings.getClass().getRecordComponents()) {
      Object value = value(settings, component);
      if (value instanceof Record nested) {
        facts.add(new Study.Fact("Settings: " + words(component), text(nested)));
      } else if (shown(value)) {
        plain.add(words(component) + " " + text(value));
      }
    }
    if (!plain.isEmpty()) {
      facts.add(0, new Study.Fact("Settings", String.join("; ", plain)));
    }
    return facts;
  }

  private static boolean shown(Object value) {
    return value != null
        && !(value instanceof Path)
        && !(value instanceof Map<?, ?> map && map.isEmpty());
  }

  private static Object value(Record settings, RecordComponent component) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(settings);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("A record's components can be read.", e);
    }
  }

  /** {@code maxTokens} as "max tokens". */
  private static String words(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
  }

  private static String text(Object value) {
    if (value instanceof Record record) {
      List<String> all = new ArrayList<>();
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        Object own = value(record, component);
        if (shown(own)) {
          String text = text(own);
          all.add(words(component) + " " + (own instanceof Record ? "(" + text + ")" : text));
        }
      }
      return String.join("; ", all);
    }
    if (value instanceof List<?> list) {
      return list.isEmpty()
          ? "none"
          : String.join(", ", list.stream().map(SettingsFacts::text).toList());
    }
    if (value instanceof Map<?, ?> map) {
      List<String> all = new ArrayList<>();
      map.forEach((key, own) -> all.add(key + " " + text(own)));
      return String.join(", ", all);
    }
    if (value instanceof Boolean yes) {
      return yes ? "yes" : "no";
    }
    if (value instanceof Double number) { // 3.0E-4 as 3e-4
      return number.isInfinite()
          ? "infinite"
          : number.toString().replaceAll("\\.0(?=E|$)", "").replace('E', 'e');
    }
    return value instanceof Enum<?>
        ? value.toString().toLowerCase(Locale.ROOT)
        : String.valueOf(value).replace("\n", "\\n");
  }
}
