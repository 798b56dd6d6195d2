package dev.plumbline.alignment.report.chart;

/**
 * Scores s (mean log-probability of a token) of candidates under one model.
 *
 * @param name of the model
 * @param positive scores of correct candidates
 * @param negative scores of incorrect candidates
 * @param reference scores of reference solutions; may be empty
 */
public record Scores(String name, double[] positive, double[] negative, double[] reference)
    implements Figure {}
