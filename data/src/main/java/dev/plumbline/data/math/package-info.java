/**
 * Exact equality of mathematical expressions written in LaTeX or plain text. The package uses no
 * other package of the module but the errors of its root. Start with {@link MathEquality}, then
 * read {@link Parser}.
 */
package dev.plumbline.data.math;
