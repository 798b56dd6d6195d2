package dev.plumbline.alignment.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.alignment.objective.Hyperparameter;
import dev.plumbline.alignment.objective.ObjectiveSpec;
import dev.plumbline.alignment.objective.Objectives;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the script of a page computes with: the example, and the formulas with their numbers. */
final class PageData {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern FIELD = Pattern.compile("\\.([a-zA-Z]\\w*)");

  private PageData() {}

  /** The data of a page as JSON that may stand in a script element. */
  static String json(Reading reading, Map<String, Formula> formulas) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("objective", reading.spec().name());
    data.put("example", example(reading.example()));
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put(reading.spec().name(), formula(reading.spec(), formulas));
    for (String neighbour : reading.neighbours()) {
      shown.put(neighbour, formula(Objectives.spec(neighbour), formulas));
    }
    data.put("formulas", shown);
    try {
      return JSON.writeValueAsString(data).replace("&", "\\u0026").replace("<", "\\u003c");
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static JsonNode example(String name) {
    try {
      return JSON.readTree(Resources.text("examples.json")).required(name);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> formula(ObjectiveSpec spec, Map<String, Formula> formulas) {
    Formula formula = formulas.get(spec.name());
    Map<String, Object> parameters = new TreeMap<>();
    Map<String, String> keys = new TreeMap<>();
    List<String> flags = new ArrayList<>();
    parameters(spec, formula)
        .forEach(
            (name, key) -> {
              Object value = spec.defaults().get(key);
              keys.put(name, key.key());
              parameters.put(name, value instanceof Boolean flag ? (flag ? 1 : 0) : value);
              if (value instanceof Boolean) {
                flags.add(name);
              }
            });
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("parameters", parameters);
    data.put("keys", keys);
    data.put("flags", flags);
    data.put("fields", fields(formula));
    data.put("definitions", formula.definitions());
    return data;
  }

  /**
   * The hyperparameters that a formula reads, by the name that it gives them: {@code gammaRatio}.
   */
  static Map<String, Hyperparameter> parameters(ObjectiveSpec spec, Formula formula) {
    Map<String, Hyperparameter> parameters = new TreeMap<>();
    for (Hyperparameter key : spec.defaults().keySet()) {
      Matcher dash = Pattern.compile("-(\\w)").matcher(key.key());
      String name = dash.replaceAll(letter -> letter.group(1).toUpperCase(Locale.ROOT));
      if (formula.reads(name)) {
        parameters.put(name, key);
      }
    }
    return parameters;
  }

  /** The numbers of a response that a formula reads, under their names by response and by token. */
  private static Set<String> fields(Formula formula) {
    Set<String> fields = new LinkedHashSet<>();
    for (Formula.Definition definition : formula.definitions()) {
      Matcher field = FIELD.matcher(definition.text());
      while (field.find()) {
        fields.addAll(
            switch (field.group(1)) {
              case "logPi" -> List.of("logPi", "pi");
              case "logRef" -> List.of("logRef", "ref");
              case "ratio" -> List.of("pi", "ref");
              default -> List.of(field.group(1));
            });
      }
      for (String name : List.of("prompt", "others")) {
        if (formula.reads(name)) {
          fields.add(name);
        }
      }
    }
    return fields;
  }
}
