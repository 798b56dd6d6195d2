/**
 * Execution of the Python code in solutions: in python3, or in the GraalPy sandbox if the build
 * contains it. It may use {@code data} only. Start with {@link
 * dev.plumbline.alignment.python.Python}.
 */
package dev.plumbline.alignment.python;
