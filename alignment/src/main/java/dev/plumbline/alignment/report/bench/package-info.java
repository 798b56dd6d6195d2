/**
 * The reports of {@code bench} and {@code plan}: speed, memory and scaling. It may use {@code
 * report.page}, {@code report.chart}, {@code bench} and {@code plan}. Start with {@link
 * dev.plumbline.alignment.report.bench.BenchReport}.
 */
package dev.plumbline.alignment.report.bench;
