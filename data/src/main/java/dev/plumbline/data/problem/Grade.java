package dev.plumbline.data.problem;

/**
 * What a task's grader made of one response, under the strict and the flexible extraction.
 *
 * @param correct the strictly extracted answer equals the gold answer
 * @param extracted the strictly extracted number, letter or expression, or null when there is none
 * @param correctFlexible the same for the flexible extraction
 * @param extractedFlexible such as the last number of the response, or null when it holds none
 */
public record Grade(
    boolean correct, String extracted, boolean correctFlexible, String extractedFlexible) {}
