/**
 * An interpreter for the part of Jinja that chat templates use. The package uses only the JDK.
 * Start with {@link dev.plumbline.transformer.jinja.Template}, whose text goes through {@link
 * dev.plumbline.transformer.jinja.Lexer}, {@link dev.plumbline.transformer.jinja.Parser} and {@link
 * dev.plumbline.transformer.jinja.Renderer}.
 */
package dev.plumbline.transformer.jinja;
