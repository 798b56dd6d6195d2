package dev.plumbline.transformer.jinja;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Jinja2's filters of lists. */
final class ListFilters {
  static final Set<String> NAMES =
      Set.of(
          "first",
          "last",
          "list",
          "join",
          "reverse",
          "sort",
          "unique",
          "sum",
          "min",
          "max",
          "map",
          "select",
          "reject",
          "selectattr",
          "rejectattr",
          "dictsort",
          "batch");

  private final Budget budget;
  private final Operators operators;
  private final Filters filters;
  private final Checks checks;

  ListFilters(Budget budget, Operators operators, Filters filters, Checks checks) {
    this.budget = budget;
    this.operators = operators;
    this.filters = filters;
    this.checks = checks;
  }

  Object apply(String name, Object value, Args args) {
    if (name.equals("reverse") && value instanceof String text) {
      budget.size(text.length());
      return new StringBuilder(text).reverse().toString();
    }
    if (name.equals("dictsort")) {
      return dictionary(value, args);
    }
    List<Object> all = Values.elements(value, budget);
    budget.list(all.size());
    return switch (name) {
      case "first" -> all.isEmpty() ? new Values.Undefined("the first of none") : all.get(0);
      case "last" ->
          all.isEmpty() ? new Values.Undefined("the last of none") : all.get(all.size() - 1);
      case "list" -> new ArrayList<>(all);
      case "reverse" -> operators.reversed(all);
      case "join" -> joined(all, args);
      case "sort" -> sorted(all, args, args.flag(0, "reverse", false), 1);
      case "unique" -> unique(all, args);
      case "sum" -> sum(all, args);
      case "min" -> extreme(all, args, true);
      case "max" -> extreme(all, args, false);
      case "map" -> mapped(all, args);
      case "batch" -> batches(all, args);
      default -> selected(name, all, args);
    };
  }

  private String joined(List<Object> all, Args args) {
    String by = Values.text(args.get(0, "d", ""), budget);
    UnaryOperator<Object> part = attribute(args.get(1, "attribute", null));
    StringBuilder text = new StringBuilder();
    String mark = "";
    for (Object one : all) {
      String next = Values.text(part.apply(one), budget);
      budget.size((long) by.length() + next.length());
      text.append(mark).append(next);
      budget.bound(text.length());
      mark = by;
    }
    return text.toString();
  }

  /** What an attribute's path such as {@code a.b} gives; null gives the value itself. */
  private UnaryOperator<Object> attribute(Object path) {
    if (path == null) {
      return UnaryOperator.identity();
    }
    List<Object> parts =
        path instanceof String text ? Splits.split(text, ".", -1) : List.of(Values.defined(path));
    return value -> {
      Object found = value;
      for (Object part : parts) {
        boolean number =
            part instanceof String text && Cases.is(text, "isdigit") && text.length() < 10;
        found = operators.item(found, number ? Long.valueOf((String) part) : part);
      }
      return found;
    };
  }

  /** Texts in one case, unless case counts. */
  private static UnaryOperator<Object> folded(boolean cased) {
    return value -> !cased && value instanceof String text ? text.toLowerCase(Locale.ROOT) : value;
  }

  private List<Object> sorted(List<Object> all, Args args, boolean reverse, int from) {
    UnaryOperator<Object> path = attribute(args.get(from + 1, "attribute", null));
    UnaryOperator<Object> fold = folded(args.flag(from, "case_sensitive", false));
    Comparator<Object> order =
        (a, b) -> Values.compare(fold.apply(path.apply(a)), fold.apply(path.apply(b)), budget);
    List<Object> result = new ArrayList<>(all);
    result.sort(reverse ? order.reversed() : order);
    return result;
  }

  private Object extreme(List<Object> all, Args args, boolean least) {
    List<Object> sorted = sorted(all, args, !least, 0);
    return sorted.isEmpty() ? new Values.Undefined("the extreme of none") : sorted.get(0);
  }

  private List<Object> unique(List<Object> all, Args args) {
    UnaryOperator<Object> path = attribute(args.get(1, "attribute", null));
    UnaryOperator<Object> fold = folded(args.flag(0, "case_sensitive", false));
    List<Object> seen = new ArrayList<>();
    List<Object> result = new ArrayList<>();
    for (Object one : all) {
      Object key = fold.apply(path.apply(one));
      if (seen.stream().noneMatch(s -> Values.equal(s, key, budget))) {
        seen.add(key);
        result.add(one);
      }
    }
    return result;
  }

  private Object sum(List<Object> all, Args args) {
    UnaryOperator<Object> path = attribute(args.get(0, "attribute", null));
    Object sum = args.get(1, "start", 0L);
    for (Object one : all) {
      sum = operators.apply("+", sum, path.apply(one));
    }
    return sum;
  }

  private List<Object> mapped(List<Object> all, Args args) {
    List<Object> result = new ArrayList<>();
    if (args.positional().isEmpty()) {
      UnaryOperator<Object> path = attribute(args.need(1, "attribute"));
      for (Object one : all) {
        Object found = path.apply(one);
        result.add(found instanceof Values.Undefined ? args.get(2, "default", found) : found);
      }
      return result;
    }
    String name = args.text(0, "filter");
    Args rest = args.from(1, name);
    all.forEach(one -> result.add(filters.apply(name, one, rest)));
    return result;
  }

  private List<Object> selected(String name, List<Object> all, Args args) {
    boolean ofAttribute = name.endsWith("attr");
    UnaryOperator<Object> path = attribute(ofAttribute ? args.need(0, "attribute") : null);
    int place = ofAttribute ? 1 : 0;
    String check = args.positional().size() > place ? args.text(place, "test") : null;
    Args rest = args.from(place + 1, check);
    List<Object> result = new ArrayList<>();
    for (Object one : all) {
      budget.step(1);
      Object value = path.apply(one);
      boolean holds = check == null ? Values.truth(value) : checks.holds(check, value, rest);
      if (holds == name.startsWith("select")) {
        result.add(one);
      }
    }
    return result;
  }

  private List<Object> dictionary(Object value, Args args) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new TemplateException("sorts the items of " + Values.type(value));
    }
    Object by = args.get(1, "by", "key");
    UnaryOperator<Object> fold = folded(args.flag(0, "case_sensitive", false));
    UnaryOperator<Object> part = pair -> ((List<?>) pair).get("value".equals(by) ? 1 : 0);
    Comparator<Object> order =
        (a, b) -> Values.compare(fold.apply(part.apply(a)), fold.apply(part.apply(b)), budget);
    List<Object> all = Methods.items(map);
    all.sort(args.flag(2, "reverse", false) ? order.reversed() : order);
    return all;
  }

  private List<Object> batches(List<Object> all, Args args) {
    int size = Math.max(1, args.whole(0, "linecount", 1));
    Object fill = args.get(1, "fill_with", null);
    List<Object> result = new ArrayList<>();
    for (int i = 0; i < all.size(); i += size) {
      List<Object> part = new ArrayList<>(all.subList(i, Math.min(all.size(), i + size)));
      budget.list(fill == null ? 0 : size);
      while (fill != null && part.size() < size) {
        part.add(fill);
      }
      result.add(part);
    }
    return result;
  }
}
