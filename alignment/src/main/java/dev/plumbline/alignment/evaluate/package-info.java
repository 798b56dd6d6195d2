/**
 * Evaluation of one model: greedy answers, assessment accuracy, reference perplexity, majority
 * votes, and letters of multiple choice. It may use {@code generate}, {@code batch}, {@code
 * objective} and {@code statistics}, and no training and no report. Start with {@link
 * dev.plumbline.alignment.evaluate.Evaluator} and its result, {@link
 * dev.plumbline.alignment.evaluate.Evaluation}.
 */
package dev.plumbline.alignment.evaluate;
