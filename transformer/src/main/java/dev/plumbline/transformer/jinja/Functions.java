package dev.plumbline.transformer.jinja;

import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Functions that Jinja2 and Hugging Face's tools give to every template. */
final class Functions {
  private static final int LONGEST_RANGE = 100_000; // of Jinja2's sandbox

  private Functions() {}

  static Map<String, Object> all(Budget budget) {
    Map<String, Object> all = new HashMap<>();
    all.put("range", (Callable) args -> range(args, budget));
    all.put("namespace", (Callable) args -> new Values.Namespace(dictionary(args)));
    all.put("dict", (Callable) args -> dictionary(args));
    all.put("raise_exception", (Callable) Functions::refuse);
    all.put(
        "strftime_now",
        (Callable) args -> Formats.date(ZonedDateTime.now(), args.atMost(1).text(0, "format")));
    return all;
  }

  private static List<Object> range(Args args, Budget budget) {
    int places = args.atMost(3).positional().size();
    long from = places > 1 ? args.whole(0, "start", 0) : 0;
    long to = places > 1 ? args.whole(1, "stop", 0) : args.whole(0, "stop", 0);
    long step = args.whole(2, "step", 1);
    if (step == 0) {
      throw new TemplateException("calls range with a step of 0");
    }
    long count = Math.max(0, (to - from + step - Long.signum(step)) / step);
    if (count > LONGEST_RANGE) {
      throw new TemplateException(
          "calls range for " + count + " numbers, of which " + LONGEST_RANGE + " are allowed");
    }
    budget.list(count);
    List<Object> all = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      all.add(from + i * step);
    }
    return all;
  }

  private static Map<String, Object> dictionary(Args args) {
    Map<String, Object> all = new LinkedHashMap<>();
    if (args.atMost(1, args.named().keySet().toArray(String[]::new)).positional().size() == 1) {
      if (!(args.positional().get(0) instanceof Map<?, ?> map)) {
        throw new TemplateException("calls " + args.of() + " with what is no dict");
      }
      map.forEach((key, value) -> all.put(String.valueOf(key), value));
    }
    all.putAll(args.named());
    return all;
  }

  private static Object refuse(Args args) {
    throw new TemplateException("refuses the conversation: '" + args.text(0, "message") + "'");
  }
}
