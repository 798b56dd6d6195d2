package dev.plumbline.transformer.jinja;

import java.util.List;
import java.util.Map;

/**
 * A template in the part of Jinja2 that chat templates use, with the settings of Hugging Face's
 * libraries. It is parsed in time linear in its length, and rendered within fixed limits on steps,
 * characters and depth.
 */
public final class Template {
  private static final int LONGEST = 1 << 23; // characters

  private final List<Statement> statements;

  private Template(List<Statement> statements) {
    this.statements = statements;
  }

  /**
   * Output of a template.
   *
   * @param text the whole output
   * @param spoken the parts within {@code generation} blocks, in order
   */
  public record Rendering(String text, List<Span> spoken) {}

  /** A range of characters: the first, and the one after the last. */
  public record Span(int from, int to) {}

  /**
   * Reads a template.
   *
   * @throws TemplateException with the line, if it is malformed
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
   * @throws TemplateException if it exceeds a limit or fails
   */
  public Rendering render(Map<String, Object> variables) {
    return new Renderer().render(statements, variables);
  }
}
