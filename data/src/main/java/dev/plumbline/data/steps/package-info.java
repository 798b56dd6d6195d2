/**
 * Splits solutions into steps, and finds the first wrong step of a solution. The package may use
 * {@code problem}. Start with {@link Segmentation}.
 */
package dev.plumbline.data.steps;
