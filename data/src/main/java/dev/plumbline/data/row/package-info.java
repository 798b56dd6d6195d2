/**
 * Training rows as records: completions, candidate groups and preference pairs. The package uses no
 * other package of the module. Start with {@link TrainingRow}.
 */
package dev.plumbline.data.row;
