/**
 * Evaluation of one model: greedy responses, assessment accuracy, reference perplexity, majority
 * votes, and multiple choice by letter. It may use {@code generate}, {@code batch}, {@code
 * objective}, {@code statistics} and the encoded rows of {@code train}, and no report. Start with
 * {@link dev.plumbline.alignment.evaluate.Evaluator} and its result, {@link
 * dev.plumbline.alignment.evaluate.Evaluation}.
 */
package dev.plumbline.alignment.evaluate;
