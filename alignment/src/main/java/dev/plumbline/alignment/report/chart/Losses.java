package dev.plumbline.alignment.report.chart;

/** The loss of each training step of one model. */
public record Losses(String name, double[] values) implements Figure {}
