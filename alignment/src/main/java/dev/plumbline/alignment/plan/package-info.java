/**
 * Predicts memory and time of a run on a machine, before anything is loaded. It may use {@code
 * transformer} and {@code tensor} only. Start with {@link dev.plumbline.alignment.plan.Plan}.
 */
package dev.plumbline.alignment.plan;
