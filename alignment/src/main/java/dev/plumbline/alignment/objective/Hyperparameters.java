package dev.plumbline.alignment.objective;

import java.util.EnumMap;
import java.util.Map;

/**
 * Values of hyperparameters: those that a user gives, or all that an objective reads.
 *
 * @param values of the type that {@link Hyperparameter#type} names
 */
public record Hyperparameters(Map<Hyperparameter, Object> values) {
  /** Every default. */
  public static final Hyperparameters NONE = new Hyperparameters(Map.of());

  /** Copies the values. */
  public Hyperparameters {
    values.forEach(
        (key, value) -> {
          if (!key.type().isInstance(value)) {
            throw new IllegalArgumentException(key.key() + " is a " + key.type() + ": " + value);
          }
        });
    values = Map.copyOf(values);
  }

  /** One value; the rest are defaults. */
  public static Hyperparameters of(Hyperparameter key, Object value) {
    return NONE.with(key, value);
  }

  /** The same with one more value; null gives none. */
  public Hyperparameters with(Hyperparameter key, Object value) {
    if (value == null) {
      return this;
    }
    Map<Hyperparameter, Object> more = new EnumMap<>(Hyperparameter.class);
    more.putAll(values);
    more.put(key, value);
    return new Hyperparameters(more);
  }

  /** A number that is there. */
  double number(Hyperparameter key) {
    return (Double) get(key);
  }

  /** A switch that is there. */
  boolean flag(Hyperparameter key) {
    return (Boolean) get(key);
  }

  /** The constant of an enum that is there. */
  <E extends Enum<E>> E choice(Hyperparameter key, Class<E> type) {
    return type.cast(get(key));
  }

  private Object get(Hyperparameter key) {
    Object value = values.get(key);
    if (value == null) {
      throw new IllegalStateException(key.key() + " is read but not declared in Objectives");
    }
    return value;
  }
}
