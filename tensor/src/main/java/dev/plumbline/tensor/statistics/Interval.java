package dev.plumbline.tensor.statistics;

/**
 * An estimate with its confidence interval.
 *
 * @param estimate the point estimate, NaN without data
 * @param low lower bound
 * @param high upper bound
 */
public record Interval(double estimate, double low, double high) {}
