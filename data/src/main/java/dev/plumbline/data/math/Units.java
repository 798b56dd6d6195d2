package dev.plumbline.data.math;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Units after and currencies before an answer. They are ignored, because only some answers have
 * them; two answers with known units must have the same unit.
 */
final class Units {
  private static final Pattern COMMAND =
      Pattern.compile(
          "(?<=[0-9}.)]|\\\\pi)\\\\?\\s*\\\\(?:text|mbox|mathrm|textrm|textbf|operatorname)\\s*\\{(?![^{}]*"
              + "(?:hundred|thousand|million|billion|trillion|dozen))([^{}]*)\\}(\\^\\{?[0-9]\\}?)?$");

  /** Units without a command; isolated letters are kept, because they are variables. */
  private static final Pattern PLAIN =
      Pattern.compile(
          "(?<=[0-9}.)])(?:\\s+|(?=(?:cm|mm|km|kg|mph|[a-z]{4})))((?:(?:square|cubic|sq\\.?)\\s+)?(?:cm|mm|km|kg|ft"
              + "|mph|meters?|metres?|centimeters?|centimetres?|kilometers?|kilograms?|grams?|feet|foot|inch|inches"
              + "|yards?|miles?|seconds?|minutes?|hours?|days?|weeks?|months?|years?|dollars?|cents?|units?|degrees?"
              + "|percent|miles per hour))(\\^\\{?[23]\\}?)?$");

  private static final Pattern DEGREES =
      Pattern.compile("\\^\\s*\\{?\\s*\\\\circ\\s*\\}?(?!\\s*[0-9])|\\\\degree(?![a-zA-Z])");

  /** Per line: the unit and its other names. */
  private static final String[] NAMES = {
    "cm centimeter centimetre",
    "mm millimeter millimetre",
    "km kilometer kilometre",
    "m meter metre",
    "kg kilogram",
    "g gram",
    "ft foot feet",
    "in inch",
    "yd yard",
    "mi mile",
    "s sec second",
    "min minute",
    "h hr hour",
    "day",
    "week",
    "month",
    "year yr",
    "dollar",
    "cent",
    "degree deg",
    "percent",
    "mph mile/hour",
    "m/s meter/second",
    "km/h kilometer/hour"
  };

  private static final Map<String, String> KNOWN = new HashMap<>();

  static {
    for (String line : NAMES) {
      String[] names = line.split(" ");
      for (String name : names) {
        KNOWN.put(name, names[0]);
      }
    }
  }

  private Units() {}

  /** Removes the unit, the currency and signs of percent and degrees. */
  static String without(String s) {
    String bare = s.replace("\\$", "").replace("$", "").replace("\\%", "").replace("%", "");
    bare = DEGREES.matcher(bare).replaceAll("").strip();
    bare = COMMAND.matcher(bare).replaceFirst("");
    return PLAIN.matcher(bare).replaceFirst("").strip();
  }

  /** Whether the answers name different known units. */
  static boolean differ(String a, String b) {
    String first = of(a);
    String second = of(b);
    return first != null && second != null && !first.equals(second);
  }

  /** The known name of the unit with its power; null for none or an unknown one. */
  private static String of(String answer) {
    String s = answer.strip();
    if (s.startsWith("\\$") && s.indexOf("\\$", 2) < 0) {
      return "dollar";
    }
    if (s.endsWith("%")) {
      return "percent";
    }
    Matcher degrees = DEGREES.matcher(s);
    if (degrees.find() && degrees.end() == s.length()) {
      return "degree";
    }
    for (Pattern pattern : new Pattern[] {COMMAND, PLAIN}) {
      Matcher unit = pattern.matcher(s);
      if (unit.find()) {
        String power = unit.group(2) == null ? "" : unit.group(2).replaceAll("[^0-9]", "");
        return known(unit.group(1).strip().toLowerCase(Locale.ROOT), power);
      }
    }
    return null;
  }

  private static String known(String text, String power) {
    String bare = text.replaceFirst("^(square|sq\\.?|cubic) ", "");
    String raised = bare.equals(text) ? power : text.startsWith("cubic") ? "3" : "2";
    String name = bare.replace(" per ", "/").replaceAll("\\.$", "");
    String singular = name.equals("inches") ? "inch" : name.replaceAll("s?(/|$)", "$1");
    String unit = KNOWN.getOrDefault(name, KNOWN.get(singular));
    return unit == null || raised.isEmpty() ? unit : unit + "^" + raised;
  }
}
