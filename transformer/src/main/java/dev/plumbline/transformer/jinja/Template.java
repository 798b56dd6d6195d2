package dev.plumbline.transformer.jinja;

import java.util.List;
import java.util.Map;

/**
 * A template in the part of Jinja2 that chat templates use, with the settings of Hugging Face's
 * tools: read once, in time linear in its length, and rendered within fixed bounds on steps, on
 * characters and on depth, whatever it says.
 */
public final class Template {
  private static final int LONGEST = 1 << 23; // characters

  private final List<Statement> statements;

  private Template(List<Statement> statements) {
    this.statements = statements;
  }

  /**
   * What a template wrote.
   *
   * @param text all of it
   * @param spoken the parts within {@code generation} blocks, in order
   */
  public record Rendering(String text, List<Span> spoken) {}

  /** Characters of a text, from the first to behind the last. */
  public record Span(int from, int to) {}

  /**
   * Reads a template.
   *
   * @throws TemplateException with the line, if it is not one
   */
  public static Template parse(String source) {
    if (source.length() > LONGEST) {
      throw new TemplateException(
          "has " + source.length() + " characters; at most " + LONGEST + " are read");
    }
    return new Template(Parser.parse(source));
  }

  /**
   * The text for these variables: texts, booleans, longs, doubles, lists and maps of them.
   *
   * @throws TemplateException if it goes beyond a bound, or says something that it cannot do
   */
  public Rendering render(Map<String, Object> variables) {
    return new Renderer().render(statements, variables);
  }
}
