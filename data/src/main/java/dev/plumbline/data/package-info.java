/**
 * Errors for mistakes of the user and for refusals of the operating system, for all packages of
 * this module. Nothing in the module depends on ND4J or on another module of Plumbline. Start with
 * {@code problem} for graders and {@code row} for training rows.
 */
package dev.plumbline.data;
