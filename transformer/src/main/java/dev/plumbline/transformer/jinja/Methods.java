package dev.plumbline.transformer.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Methods of Python's strings, lists and dictionaries; those that change a value are refused. */
final class Methods {
  private static final Set<String> STRING =
      Set.of(
          "strip",
          "lstrip",
          "rstrip",
          "split",
          "rsplit",
          "splitlines",
          "startswith",
          "endswith",
          "upper",
          "lower",
          "title",
          "capitalize",
          "replace",
          "find",
          "rfind",
          "index",
          "count",
          "join",
          "isdigit",
          "isnumeric",
          "isdecimal",
          "isalpha",
          "isalnum",
          "isspace",
          "isupper",
          "islower",
          "removeprefix",
          "removesuffix",
          "zfill",
          "partition",
          "rpartition",
          "swapcase",
          "casefold");

  private static final Set<String> LIST = Set.of("index", "count", "copy");
  private static final Set<String> DICTIONARY = Set.of("items", "keys", "values", "get", "copy");
  private static final Set<String> CHANGING =
      Set.of(
          "append",
          "extend",
          "insert",
          "pop",
          "remove",
          "clear",
          "sort",
          "reverse",
          "update",
          "setdefault",
          "popitem");

  private Methods() {}

  /** A method of a value, or null. */
  static Callable find(Object value, String name, Budget budget) {
    if (value instanceof String text) {
      return STRING.contains(name) ? args -> string(text, name, args, budget) : null;
    }
    boolean list = value instanceof List;
    if (!list && !(value instanceof Map)) {
      return null;
    }
    if (CHANGING.contains(name) && (list || !((Map<?, ?>) value).containsKey(name))) {
      return args -> {
        throw new TemplateException(
            "calls '" + name + "', which changes " + Values.type(value) + "; templates may not");
      };
    }
    if (list) {
      return LIST.contains(name) ? args -> list((List<?>) value, name, args, budget) : null;
    }
    return DICTIONARY.contains(name)
        ? args -> dictionary((Map<?, ?>) value, name, args, budget)
        : null;
  }

  private static Object list(List<?> list, String name, Args args, Budget budget) {
    if (name.equals("copy")) {
      budget.list(list.size());
      return new ArrayList<>(list);
    }
    Object wanted = args.atMost(1).need(0, "value");
    long count = 0;
    for (int i = 0; i < list.size(); i++) {
      if (Values.equal(list.get(i), wanted, budget)) {
        if (name.equals("index")) {
          return (long) i;
        }
        count++;
      }
    }
    if (name.equals("index")) {
      throw new TemplateException("asks for the index of a value that the list does not hold");
    }
    return count;
  }

  private static Object dictionary(Map<?, ?> map, String name, Args args, Budget budget) {
    budget.list(map.size());
    return switch (name) {
      case "items" -> items(map);
      case "keys" -> new ArrayList<Object>(map.keySet());
      case "values" -> new ArrayList<Object>(map.values());
      case "copy" -> new LinkedHashMap<>(map);
      default -> {
        Object key = Values.key(args.atMost(2).need(0, "key"));
        yield map.containsKey(key) ? map.get(key) : args.get(1, "default", null);
      }
    };
  }

  /** Pairs of key and value. */
  static List<Object> items(Map<?, ?> map) {
    List<Object> all = new ArrayList<>();
    map.forEach(
        (key, value) -> {
          List<Object> pair = new ArrayList<>();
          pair.add(key);
          pair.add(value);
          all.add(pair);
        });
    return all;
  }

  private static Object string(String text, String name, Args args, Budget budget) {
    budget.size(text.length());
    if (args.get(0, "sep", null) instanceof String wanted) {
      budget.search(text, wanted);
    }
    return switch (name) {
      case "strip" -> strip(text, args.textOrNull(0, "chars"), true, true);
      case "lstrip" -> strip(text, args.textOrNull(0, "chars"), true, false);
      case "rstrip" -> strip(text, args.textOrNull(0, "chars"), false, true);
      case "split" -> Splits.split(text, args.textOrNull(0, "sep"), args.whole(1, "maxsplit", -1));
      case "rsplit" ->
          Splits.rsplit(text, args.textOrNull(0, "sep"), args.whole(1, "maxsplit", -1));
      case "splitlines" -> Splits.lines(text, args.flag(0, "keepends", false));
      case "partition" -> Splits.partition(text, args.text(0, "sep"), false);
      case "rpartition" -> Splits.partition(text, args.text(0, "sep"), true);
      case "startswith" -> affix(text, args, true);
      case "endswith" -> affix(text, args, false);
      case "removeprefix" -> {
        String prefix = args.text(0, "prefix");
        yield text.startsWith(prefix) ? text.substring(prefix.length()) : text;
      }
      case "removesuffix" -> {
        String suffix = args.text(0, "suffix");
        yield text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
      }
      case "replace" ->
          replace(
              text, args.text(0, "old"), args.text(1, "new"), args.whole(2, "count", -1), budget);
      case "find", "rfind", "index" -> find(text, name, args);
      case "count" -> count(text, args.text(0, "sub"));
      case "join" -> join(Values.elements(args.need(0, "iterable"), budget), text, budget);
      case "upper" -> text.toUpperCase(Locale.ROOT);
      case "lower", "casefold" -> text.toLowerCase(Locale.ROOT);
      case "zfill" -> zfill(text, args.whole(0, "width", 0), budget);
      case "title", "capitalize", "swapcase" -> Cases.cased(text, name);
      default -> Cases.is(text, name);
    };
  }

  /** Without characters at its ends: whitespace, or those named. */
  static String strip(String text, String characters, boolean left, boolean right) {
    int from = 0;
    int to = text.length();
    while (left && from < to && stripped(text.charAt(from), characters)) {
      from++;
    }
    while (right && to > from && stripped(text.charAt(to - 1), characters)) {
      to--;
    }
    return text.substring(from, to);
  }

  private static boolean stripped(char c, String characters) {
    return characters == null ? Values.blank(c) : characters.indexOf(c) >= 0;
  }

  private static boolean affix(String text, Args args, boolean start) {
    Object wanted = args.atMost(1).need(0, start ? "prefix" : "suffix");
    List<?> all =
        wanted instanceof List<?> list ? list : Collections.singletonList(Values.defined(wanted));
    return all.stream()
        .anyMatch(
            one -> {
              if (!(one instanceof String affix)) {
                throw new TemplateException("calls " + args.of() + " with " + Values.type(one));
              }
              return start ? text.startsWith(affix) : text.endsWith(affix);
            });
  }

  /** The first occurrences replaced; all of them for a negative count. */
  static String replace(String text, String old, String by, int max, Budget budget) {
    budget.search(text, old);
    StringBuilder all = new StringBuilder();
    int from = 0;
    int at = 0;
    for (int done = 0; done != max; done++) {
      int found = old.isEmpty() ? (at > text.length() ? -1 : at) : text.indexOf(old, at);
      if (found < 0) {
        break;
      }
      budget.size(by.length());
      all.append(text, from, found).append(by);
      budget.bound(all.length());
      from = found + old.length();
      at = old.isEmpty() ? found + 1 : from;
    }
    return all.append(text, from, text.length()).toString();
  }

  private static Object find(String text, String name, Args args) {
    String wanted = args.atMost(1).text(0, "sub");
    int at = name.equals("rfind") ? text.lastIndexOf(wanted) : text.indexOf(wanted);
    if (at < 0 && name.equals("index")) {
      throw new TemplateException("asks for the index of a text that is not there");
    }
    return at < 0 ? -1L : (long) text.codePointCount(0, at);
  }

  private static long count(String text, String wanted) {
    if (wanted.isEmpty()) {
      return Values.length(text) + 1;
    }
    long count = 0;
    for (int at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length())) {
      count++;
    }
    return count;
  }

  private static String join(List<Object> parts, String by, Budget budget) {
    StringBuilder all = new StringBuilder();
    String mark = "";
    for (Object part : parts) {
      if (!(part instanceof String text)) {
        throw new TemplateException("joins " + Values.type(part) + ", which is no string");
      }
      budget.size((long) text.length() + by.length());
      all.append(mark).append(text);
      budget.bound(all.length());
      mark = by;
    }
    return all.toString();
  }

  private static String zfill(String text, int width, Budget budget) {
    budget.size(width);
    int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
    String zeros = "0".repeat(Math.max(0, width - text.length()));
    return text.substring(0, sign) + zeros + text.substring(sign);
  }
}
