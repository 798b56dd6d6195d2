package dev.plumbline.transformer.jinja;

/**
 * Thrown when a template is malformed, fails, or exceeds a limit. The message is a clause that
 * follows the name of the template.
 */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A clause such as "uses the filter 'x', which is not supported". */
  public TemplateException(String message) {
    super(message, null, false, false);
  }

  /** A clause with a line number of the template. */
  static TemplateException at(int line, String message) {
    return new TemplateException("fails in line " + line + ": " + message);
  }
}
