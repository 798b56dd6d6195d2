package dev.plumbline.alignment.sample;

import dev.plumbline.data.Grade;
import dev.plumbline.transformer.Sample;

/**
 * A drawn solution.
 *
 * @param ids all its tokens, those of a given prefix included
 * @param text decoded
 * @param sample what was drawn: the tokens after the prefix
 * @param grade by the problem's task
 */
public record DrawnSolution(int[] ids, String text, Sample sample, Grade grade) {}
