/**
 * Execution of the Python code in solutions: a child process, or the GraalPy sandbox where it is
 * built in. It may use {@code data} only. Start with {@link dev.plumbline.alignment.python.Python}.
 */
package dev.plumbline.alignment.python;
