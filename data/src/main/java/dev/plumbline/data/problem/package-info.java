/**
 * Problems, tasks, prompts and graders: what an answer is, and when two answers are equal. The
 * package may use {@code math} and {@code io}. Start with {@link Task}, then read a grader, such as
 * {@link Gsm8kGrader}.
 */
package dev.plumbline.data.problem;
