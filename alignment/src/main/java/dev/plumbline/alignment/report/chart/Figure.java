package dev.plumbline.alignment.report.chart;

/**
 * What a report shows besides its tables of arms; each kind is data, drawn by a class of its own.
 */
public sealed interface Figure
    permits Headline, Curve, Scatter, Scores, Losses, Grid, Case, ColouredText {}
