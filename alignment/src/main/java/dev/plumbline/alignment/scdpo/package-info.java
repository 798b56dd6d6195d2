/**
 * The SCDPO paper (Lu et al. 2024): naive and step-controlled pairs, credit assignment, and the
 * parts of its experiment. It may use {@code experiment} and everything below it, and no other
 * paper. Start with {@link dev.plumbline.alignment.scdpo.StepControl} for the method and {@link
 * dev.plumbline.alignment.scdpo.ScdpoExperiment} for the experiment.
 */
package dev.plumbline.alignment.scdpo;
