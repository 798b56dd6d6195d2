/**
 * {@code plumbline read}: one offline page per objective, with its equation from docs/math, the
 * parts of its class, a worked example that computes in the page, and its neighbours. The package
 * reads the table of objectives, and the sources and docs/math, which the build packs as resources.
 * Start with {@link Reading}, which says what a page shows, and {@link ObjectivePage}, which writes
 * it.
 */
package dev.plumbline.alignment.read;
