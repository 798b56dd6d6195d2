package dev.plumbline.transformer.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Jinja2's filters of single values; those of lists are in {@link ListFilters}. */
final class Filters {
  private static final Set<String> NAMES =
      Set.of(
          "default",
          "d",
          "string",
          "upper",
          "lower",
          "title",
          "capitalize",
          "trim",
          "replace",
          "indent",
          "tojson",
          "length",
          "count",
          "int",
          "float",
          "abs",
          "round",
          "format",
          "wordcount",
          "escape",
          "e",
          "safe",
          "items",
          "attr",
          "center");

  private final Budget budget;
  private final ListFilters lists;
  private final Operators operators;

  Filters(Budget budget, Operators operators) {
    this.budget = budget;
    this.operators = operators;
    lists = new ListFilters(budget, operators, this, new Checks(operators));
  }

  static boolean known(String name) {
    return NAMES.contains(name) || ListFilters.NAMES.contains(name);
  }

  Object apply(String name, Object value, Args args) {
    budget.step(1);
    if (ListFilters.NAMES.contains(name)) {
      return lists.apply(name, value, args);
    }
    if (!NAMES.contains(name)) {
      throw new TemplateException("uses the filter '" + name + "', which is not supported");
    }
    return switch (name) {
      case "default", "d" -> usual(value, args);
      case "length", "count" -> Values.length(value);
      case "int" -> whole(value, args);
      case "float" -> real(value, args);
      case "abs" -> absolute(value);
      case "round" -> rounded(value, args);
      case "items" -> pairs(value);
      case "attr" -> operators.attribute(value, args.text(0, "name"));
      case "tojson" -> json(value, args);
      case "safe", "string" -> text(value);
      case "format" -> Formats.percent(text(value), args.positional(), budget);
      default -> ofText(name, text(value), args);
    };
  }

  private String text(Object value) {
    String text = Values.text(value, budget);
    budget.size(text.length());
    return text;
  }

  private Object ofText(String name, String text, Args args) {
    return switch (name) {
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower" -> text.toLowerCase(Locale.ROOT);
      case "title" -> Cases.title(text);
      case "capitalize" -> Cases.cased(text, name);
      case "trim" -> Methods.strip(text, args.textOrNull(0, "chars"), true, true);
      case "replace" ->
          Methods.replace(
              text, text(args.need(0, "old")), text(args.need(1, "new")), count(args), budget);
      case "indent" -> indented(text, args);
      case "wordcount" -> (long) Splits.split(text, null, -1).size();
      case "center" -> centred(text, args.whole(0, "width", 80));
      default -> escaped(text);
    };
  }

  private static int count(Args args) {
    return args.get(2, "count", null) == null ? -1 : args.whole(2, "count", -1);
  }

  private static Object usual(Object value, Args args) {
    boolean missing =
        value instanceof Values.Undefined || args.flag(1, "boolean", false) && !Values.truth(value);
    return missing ? args.get(0, "default_value", "") : value;
  }

  private static Object pairs(Object value) {
    if (value instanceof Values.Undefined) {
      return List.of();
    }
    if (value instanceof Map<?, ?> map) {
      return Methods.items(map);
    }
    throw new TemplateException("asks for the items of " + Values.type(value));
  }

  private static Object whole(Object value, Args args) {
    if (Values.number(value)) {
      return Values.numeric(value).longValue();
    }
    try {
      String text = digits(value);
      return args.whole(1, "base", 10) == 10 && text.contains(".")
          ? (long) Double.parseDouble(text)
          : Long.parseLong(text, args.whole(1, "base", 10));
    } catch (NumberFormatException e) {
      return args.get(0, "default", 0L);
    }
  }

  /** The text of a number; none is as long as these bounds. */
  private static String digits(Object value) {
    return value instanceof String text && text.length() < 1000 ? text.strip() : "";
  }

  private static Object real(Object value, Args args) {
    if (Values.number(value)) {
      return Values.numeric(value).doubleValue();
    }
    try {
      return Double.parseDouble(digits(value));
    } catch (NumberFormatException e) {
      return args.get(0, "default", 0.0);
    }
  }

  private Object absolute(Object value) {
    return operators.compare("<", value, 0L) ? operators.sign(value, true) : value;
  }

  private static Object rounded(Object value, Args args) {
    double number = Values.number(value) ? Values.numeric(value).doubleValue() : Double.NaN;
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      throw new TemplateException("rounds " + Values.type(value));
    }
    int digits = Math.max(-20, Math.min(20, args.whole(0, "precision", 0)));
    String method = String.valueOf(args.get(1, "method", "common"));
    RoundingMode mode =
        switch (method) {
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> throw new TemplateException("rounds by the unknown method '" + method + "'");
        };
    return new BigDecimal(number).setScale(digits, mode).doubleValue();
  }

  private String json(Object value, Args args) {
    args.atMost(1, "indent", "ensure_ascii", "separators", "sort_keys");
    if (args.named().containsKey("separators") || args.flag(9, "sort_keys", false)) {
      throw new TemplateException(
          "calls tojson with separators or sort_keys, which are not supported");
    }
    boolean flat = args.get(0, "indent", null) == null;
    int indent = flat ? -1 : Math.max(0, Math.min(16, args.whole(0, "indent", 0)));
    StringBuilder all = new StringBuilder();
    Formats.json(value, indent, 0, all, budget);
    return all.toString();
  }

  /** Lines but the first, and those that are not blank, behind blanks. */
  private String indented(String text, Args args) {
    Object width = args.get(0, "width", 4L);
    int blanks = width instanceof String ? 0 : args.whole(0, "width", 4);
    budget.size(blanks);
    String by = width instanceof String own ? own : " ".repeat(Math.max(0, blanks));
    boolean first = args.flag(1, "first", false);
    boolean blank = args.flag(2, "blank", false);
    List<Object> lines = Splits.lines(text + "\n", false);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      boolean moved = i == 0 ? first : blank || !line.isEmpty();
      all.append(i == 0 ? "" : "\n").append(moved ? by : "").append(line);
      budget.size(by.length());
      budget.bound(all.length());
    }
    return all.toString();
  }

  private String centred(String text, int width) {
    int blanks = Math.max(0, width - text.length());
    budget.size(blanks);
    int left = blanks / 2 + (blanks & width & 1);
    return " ".repeat(left) + text + " ".repeat(blanks - left);
  }

  private String escaped(String text) {
    budget.size(5L * text.length() / 4);
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }
}
