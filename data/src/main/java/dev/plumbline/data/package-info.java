/**
 * The errors of a user's mistake and the system's reasons, for all packages of this module. Nothing
 * in the module depends on ND4J or on another module of Plumbline. Start with {@code problem} for
 * graders and {@code row} for training rows.
 */
package dev.plumbline.data;
