package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.objective.Objective;
import java.nio.file.Path;

/**
 * A method of a comparison.
 *
 * @param id what claims and comparisons call it, and its directory; lower case
 * @param label its name in tables
 * @param objective the loss that it minimises
 * @param rows its training file
 * @param description how it differs from the other arms
 */
public record Arm(String id, String label, Objective objective, Path rows, String description) {}
