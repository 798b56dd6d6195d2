/**
 * Exact equality of mathematical expressions in LaTeX or plain text. The package uses only the
 * errors in the root package of the module. Start with {@link MathEquality}, then read {@link
 * Parser}.
 */
package dev.plumbline.data.math;
