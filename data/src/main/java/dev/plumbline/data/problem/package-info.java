/**
 * Problems, tasks, prompts and graders, which extract answers and decide whether they are correct.
 * The package may use {@code math} and {@code io}. Start with {@link Task}, then read a grader,
 * such as {@link Gsm8kGrader}.
 */
package dev.plumbline.data.problem;
