/**
 * Figures: each kind is a record of data and a class that draws it as SVG. It may use {@code
 * report.page} and {@code statistics}, and knows no study. Start with {@link
 * dev.plumbline.alignment.report.chart.Figure}, then {@link
 * dev.plumbline.alignment.report.chart.CurveChart}.
 */
package dev.plumbline.alignment.report.chart;
