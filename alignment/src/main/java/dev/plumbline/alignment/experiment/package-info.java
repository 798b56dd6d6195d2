/**
 * The kernel of experiments: parts, arms by id, claims with their criteria, the decision rule, the
 * shared stages, and the demo. It may use {@code evaluate}, {@code generate}, {@code train}, {@code
 * objective}, {@code report}, {@code run} and {@code statistics}, and no paper. Start with {@link
 * dev.plumbline.alignment.experiment.Part} and {@link
 * dev.plumbline.alignment.experiment.Experiment}; {@link dev.plumbline.alignment.experiment.Demo}
 * is the smallest example.
 */
package dev.plumbline.alignment.experiment;
