/**
 * The AFT paper (Wang et al. 2023): its arms, candidates, cases and the parts of its experiment. It
 * may use {@code experiment} and everything below it, and no other paper. Start with {@link
 * dev.plumbline.alignment.aft.AftExperiment}, then {@code ArmsPart}.
 */
package dev.plumbline.alignment.aft;
