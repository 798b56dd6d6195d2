package dev.plumbline.transformer.jinja;

import java.util.HashMap;
import java.util.Map;

/** Variables of a block and of the blocks around it. */
final class Scope {
  private final Scope outer; // or null
  private final Map<String, Object> values;

  Scope(Scope outer) {
    this(outer, new HashMap<>());
  }

  Scope(Scope outer, Map<String, Object> values) {
    this.outer = outer;
    this.values = values;
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.values.containsKey(name)) {
        return scope.values.get(name);
      }
    }
    return new Values.Undefined(name);
  }

  void set(String name, Object value) {
    values.put(name, value);
  }
}
