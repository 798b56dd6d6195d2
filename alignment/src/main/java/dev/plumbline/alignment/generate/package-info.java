/**
 * Sampled solutions of problems: plain ones, code-integrated ones whose code is run, and files of
 * candidates. It may use {@code python} and {@code run}, and no objective and no training. Start
 * with {@link dev.plumbline.alignment.generate.ProblemSampler}.
 */
package dev.plumbline.alignment.generate;
