/**
 * The critical-tokens paper (Lin et al. 2024): rollout search, contrastive estimation, token
 * weights, and the parts of its experiment. It may use {@code experiment} and everything below it,
 * and no other paper. Start with {@link dev.plumbline.alignment.criticaltokens.RolloutScores} for
 * the definition of a critical token and {@link
 * dev.plumbline.alignment.criticaltokens.CriticalExperiment} for the experiment.
 */
package dev.plumbline.alignment.criticaltokens;
