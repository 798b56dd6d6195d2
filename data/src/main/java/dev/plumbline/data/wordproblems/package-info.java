/**
 * Generates word problems with solutions in GSM8K's format, multiple-choice problems and problems
 * solved by code. The package may use {@code problem}, {@code io}, {@code select} and {@code
 * steps}. Start with {@link WordProblems}.
 */
package dev.plumbline.data.wordproblems;
