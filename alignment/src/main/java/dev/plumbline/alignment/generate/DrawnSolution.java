package dev.plumbline.alignment.generate;

import dev.plumbline.data.problem.Grade;
import dev.plumbline.transformer.generate.Sample;

/**
 * A sampled and graded solution.
 *
 * @param ids all its tokens, including those of a given prefix
 * @param text decoded
 * @param sample the sampled tokens after the prefix
 * @param grade grade by the problem's task
 */
public record DrawnSolution(int[] ids, String text, Sample sample, Grade grade) {}
