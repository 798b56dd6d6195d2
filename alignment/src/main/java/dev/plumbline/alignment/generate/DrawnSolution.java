package dev.plumbline.alignment.generate;

import dev.plumbline.data.problem.Grade;
import dev.plumbline.transformer.generate.Sample;

/**
 * A drawn solution.
 *
 * @param ids all its tokens, those of a given prefix included
 * @param text decoded
 * @param sample what was drawn: the tokens after the prefix
 * @param grade by the problem's task
 */
public record DrawnSolution(int[] ids, String text, Sample sample, Grade grade) {}
