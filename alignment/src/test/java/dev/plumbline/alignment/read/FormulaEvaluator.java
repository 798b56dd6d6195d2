package dev.plumbline.alignment.read;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Evaluates the formula data of a page in Java, as {@code page.js} does in the browser. */
record FormulaEvaluator(
    JsonNode definitions,
    Map<String, Double> parameters,
    List<Map<String, double[]>> now,
    List<Map<String, double[]>> still,
    Map<String, Double> bound) {

  /** The loss of a formula; responses hold their fields, those of tokens as longer arrays. */
  static double loss(
      JsonNode formula,
      Map<String, Double> parameters,
      List<Map<String, double[]>> now,
      List<Map<String, double[]>> still) {
    JsonNode definitions = formula.get("definitions");
    return new FormulaEvaluator(definitions, parameters, now, still, Map.of())
        .of(definitions.get(definitions.size() - 1).get("tree"));
  }

  private double of(JsonNode tree) {
    if (tree.isNumber()) {
      return tree.asDouble();
    }
    return switch (text(tree, 0)) {
      case "negative" -> -of(tree.get(1));
      case "name" -> name(text(tree, 1));
      case "field" -> response(text(tree, 1)).get(text(tree, 2))[0];
      case "token" -> token(response(text(tree, 1)).get(text(tree, 2)), (int) of(tree.get(3)));
      case "call" -> call(tree);
      case "range" -> range(tree);
      case "fold" -> fold(tree);
      case "+" -> of(tree.get(1)) + of(tree.get(2));
      case "-" -> of(tree.get(1)) - of(tree.get(2));
      case "*" -> of(tree.get(1)) * of(tree.get(2));
      case "/" -> of(tree.get(1)) / of(tree.get(2));
      case "^" -> Math.pow(of(tree.get(1)), of(tree.get(2)));
      default -> throw new IllegalArgumentException(tree.toString());
    };
  }

  private static String text(JsonNode tree, int at) {
    return tree.get(at).asText();
  }

  private Map<String, double[]> response(String name) {
    return now.get(bound.get(name).intValue());
  }

  private static double token(double[] values, int t) {
    return t < values.length ? values[t] : 0;
  }

  private double name(String name) {
    if (bound.containsKey(name)) {
      return bound.get(name);
    }
    JsonNode definition = definition(name);
    if (definition != null) {
      return with(now, Map.of()).of(definition.get("tree"));
    }
    return parameters.containsKey(name) ? parameters.get(name) : now.get(0).get(name)[0];
  }

  private double call(JsonNode tree) {
    String name = text(tree, 1);
    if (name.equals("D")) {
      return with(still, bound).of(tree.get(2));
    }
    double[] x = new double[tree.size() - 2];
    for (int i = 0; i < x.length; i++) {
      x[i] = of(tree.get(i + 2));
    }
    return switch (name) {
      case "log" -> Math.log(x[0]);
      case "exp" -> Math.exp(x[0]);
      case "max" -> Math.max(x[0], x[1]);
      case "min" -> Math.min(x[0], x[1]);
      case "sigma" -> 1 / (1 + Math.exp(-x[0]));
      case "logSigma" -> -Math.log1p(Math.exp(-x[0]));
      default -> {
        JsonNode definition = definition(name);
        Map<String, Double> own = new HashMap<>();
        for (int i = 0; i < x.length; i++) {
          own.put(definition.get("parameters").get(i).asText(), x[i]);
        }
        yield with(now, own).of(definition.get("tree"));
      }
    };
  }

  private double range(JsonNode tree) {
    List<Double> values = new ArrayList<>();
    for (int j = 0; j < of(tree.get(3)); j++) {
      values.add(bind(Map.of(text(tree, 2), (double) j)).of(tree.get(4)));
    }
    return folded(text(tree, 1), values);
  }

  private double fold(JsonNode tree) {
    String x = text(tree, 3);
    String y = text(tree, 4);
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < now.size(); i++) {
      if (text(tree, 2).equals("before")) {
        if (hasOneAfter(i)) {
          values.add(bind(Map.of(x, (double) i)).of(tree.get(5)));
        }
        continue;
      }
      for (int j = 0; j < now.size(); j++) {
        boolean free =
            bound.getOrDefault(x, (double) i) == i && bound.getOrDefault(y, (double) j) == j;
        boolean same = x.equals(y) ? i == j : related(text(tree, 2), i, j);
        if (free && same) {
          Map<String, Double> pair = new HashMap<>(Map.of(x, (double) i));
          pair.put(y, (double) j);
          values.add(bind(pair).of(tree.get(5)));
        }
      }
    }
    return folded(text(tree, 1), values);
  }

  private boolean hasOneAfter(int i) {
    for (int j = 0; j < now.size(); j++) {
      if (related("after", j, i)) {
        return true;
      }
    }
    return false;
  }

  private boolean related(String relation, int i, int j) {
    double a = now.get(i).get("r")[0];
    double b = now.get(j).get("r")[0];
    return relation.equals(">") ? a > b : a < b || (a == b && i > j);
  }

  private static double folded(String fold, List<Double> values) {
    double sum = values.stream().mapToDouble(x -> x).sum();
    return switch (fold) {
      case "sum" -> sum;
      case "mean" -> values.isEmpty() ? 0 : sum / values.size();
      case "min" -> values.stream().mapToDouble(x -> x).min().orElse(Double.POSITIVE_INFINITY);
      case "max" -> values.stream().mapToDouble(x -> x).max().orElse(Double.NEGATIVE_INFINITY);
      default -> throw new IllegalArgumentException(fold);
    };
  }

  private JsonNode definition(String name) {
    for (JsonNode definition : definitions) {
      if (definition.get("name").asText().equals(name)) {
        return definition;
      }
    }
    return null;
  }

  private FormulaEvaluator bind(Map<String, Double> more) {
    Map<String, Double> all = new HashMap<>(bound);
    all.putAll(more);
    return with(now, all);
  }

  private FormulaEvaluator with(List<Map<String, double[]>> numbers, Map<String, Double> names) {
    return new FormulaEvaluator(definitions, parameters, numbers, still, names);
  }
}
