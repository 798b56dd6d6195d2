package dev.plumbline.alignment.read;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A class of the objectives, cut into the four parts of house style. A member belongs to a part by
 * its signature; a helper belongs to the first member that calls it.
 */
final class SourceFile {
  /** Parts of a class, in the order of a page. */
  enum Part {
    HYPERPARAMETERS("Hyperparameters", "the record, and each default with its source"),
    VALUE("Value", "the formula on plain numbers"),
    GRAPH("Graph", "the same formula as a SameDiff graph, and its inputs"),
    EXPLANATION("Explanation", "the named factors of one example"),
    REST("The rest of the class", "name, what it needs, what training logs");

    private final String title;
    private final String about;

    Part(String title, String about) {
      this.title = title;
      this.about = about;
    }

    String title() {
      return title;
    }

    String about() {
      return about;
    }
  }

  private static final Pattern REST =
      Pattern.compile(
          "\\b(name|feedback|needsReference|needsDistribution|firstStepOnly|reward|boundaryMargin"
              + "|sumsPairs|example|link|metrics|metricNames|toString)\\(");

  private static final String CONSTANT = "  private static final ";

  private static final Pattern METHOD = Pattern.compile("(\\w+)\\(");

  private final String name;
  private final Map<Part, List<String>> parts = new EnumMap<>(Part.class);

  private final String all;

  private SourceFile(String name, String all) {
    this.name = name;
    this.all = all;
  }

  /** A class by its path below {@code dev/plumbline/alignment}. */
  static SourceFile read(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    String text = Resources.text("src/dev/plumbline/alignment/" + path + ".java");
    SourceFile file = new SourceFile(name, text.substring(typeStart(text)).strip());
    file.cut(file.all);
    return file;
  }

  String name() {
    return name;
  }

  /** The members of a part, in the order of the file; empty when there are none. */
  String part(Part part) {
    StringBuilder code = new StringBuilder();
    String before = "";
    for (String member : parts.getOrDefault(part, List.of())) {
      boolean constants = before.startsWith(CONSTANT) && member.startsWith(CONSTANT);
      code.append(before.isEmpty() ? "" : constants ? "\n" : "\n\n").append(member);
      before = member;
    }
    return code.toString();
  }

  /** The whole class without package and imports. */
  String all() {
    return all;
  }

  private static int typeStart(String text) {
    Matcher javadoc = Pattern.compile("^/\\*\\*", Pattern.MULTILINE).matcher(text);
    return javadoc.find() ? javadoc.start() : 0;
  }

  private void cut(String type) {
    int body = bodyStart(type);
    List<String> members = members(type.substring(body + 1, type.lastIndexOf('}')));
    add(Part.HYPERPARAMETERS, type.substring(0, body + 1).strip());
    List<String> helpers = new ArrayList<>();
    for (String member : members) {
      Part part = part(signature(member), member);
      if (part == null) {
        helpers.add(member);
      } else {
        add(part, member);
      }
    }
    helpers.forEach(helper -> add(partOfCaller(helper), helper));
  }

  /** The brace after the header, which stands behind the class comment. */
  private static int bodyStart(String type) {
    int comment = type.startsWith("/**") ? type.indexOf("*/") : 0;
    return type.indexOf('{', comment);
  }

  private void add(Part part, String member) {
    parts.computeIfAbsent(part, key -> new ArrayList<>()).add(member);
  }

  /** The part of a member, or null for a helper. */
  private Part part(String signature, String member) {
    boolean constant = signature.contains("static final") && !signature.contains("(");
    boolean constructor = signature.matches("(?s)public " + name + "\\b.*");
    boolean factory = signature.matches("(?s).*static (" + name + "|PreferenceLoss) \\w+\\(.*");
    if (signature.matches("(?s)(private |public )?enum .*") || constructor || factory || constant) {
      return Part.HYPERPARAMETERS;
    }
    if (signature.matches("(?s).*\\b(SDVariable|MicroBatch|Placeholders)\\b.*")) {
      return Part.GRAPH;
    }
    if (signature.matches("(?s).*\\bExplanation\\b.*")) {
      return Part.EXPLANATION;
    }
    if (REST.matcher(signature).find()) {
      return Part.REST;
    }
    return member.contains("private ") ? null : Part.VALUE;
  }

  private Part partOfCaller(String helper) {
    Matcher method = METHOD.matcher(signature(helper));
    String call = method.find() ? method.group(1) + "(" : "";
    for (Part part : List.of(Part.VALUE, Part.GRAPH, Part.EXPLANATION, Part.REST)) {
      String code = part(part);
      if (code.contains(call) && !call.isEmpty()) {
        return part;
      }
    }
    return Part.VALUE;
  }

  /** A member without its comment and annotations, up to its body or value. */
  private static String signature(String member) {
    String bare =
        member.replaceAll("(?s)/\\*\\*.*?\\*/", "").replaceAll("@Override\\s+", "").strip();
    int end = bare.length();
    for (char c : new char[] {'{', ';', '='}) {
      int found = bare.indexOf(c);
      end = found < 0 ? end : Math.min(end, found);
    }
    return bare.substring(0, end);
  }

  /** The members of a body: each ends with a semicolon or a brace at depth 0. */
  private static List<String> members(String body) {
    List<String> members = new ArrayList<>();
    int depth = 0;
    StringBuilder member = new StringBuilder();
    for (String line : body.split("\n")) {
      String code = codeOf(line);
      if (member.length() == 0 && line.isBlank()) {
        continue;
      }
      member.append(line).append('\n');
      depth += count(code, '{') - count(code, '}') + count(code, '(') - count(code, ')');
      boolean comment = line.strip().startsWith("*") || line.strip().startsWith("/**");
      if (depth == 0 && !comment && (code.endsWith(";") || code.endsWith("}"))) {
        members.add(member.toString().stripTrailing());
        member.setLength(0);
      }
    }
    return members;
  }

  /** A line without comments and strings. */
  static String codeOf(String line) {
    String stripped = line.strip();
    return stripped.startsWith("*") || stripped.startsWith("/**")
        ? ""
        : stripped.replaceAll("\"(?:\\\\.|[^\"\\\\])*\"", "").replaceFirst("//.*", "").strip();
  }

  private static int count(String text, char c) {
    return (int) text.chars().filter(x -> x == c).count();
  }
}
