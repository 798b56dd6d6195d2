/**
 * Benchmarks: timed training steps and sampling, scaling over one size, and whole models of
 * published shapes. It may use {@code objective}, {@code batch} and {@code plan}, and no report.
 * Start with {@link dev.plumbline.alignment.bench.Bench}.
 */
package dev.plumbline.alignment.bench;
