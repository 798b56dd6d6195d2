package dev.plumbline.transformer.jinja;

/** What is wrong in a template, or what it went beyond; the message goes on behind its name. */
public final class TemplateException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A clause such as "uses the filter 'x', which is not supported". */
  public TemplateException(String message) {
    super(message, null, false, false);
  }

  /** A clause with the line of the template that it is about. */
  static TemplateException at(int line, String message) {
    return new TemplateException("fails in line " + line + ": " + message);
  }
}
