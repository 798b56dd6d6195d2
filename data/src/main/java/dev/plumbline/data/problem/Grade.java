package dev.plumbline.data.problem;

/**
 * The grade of one response, under strict and flexible extraction.
 *
 * @param correct the strictly extracted answer equals the gold answer
 * @param extracted the strictly extracted number, letter or expression, or null
 * @param correctFlexible the flexibly extracted answer equals the gold answer
 * @param extractedFlexible such as the last number of the response, or null
 */
public record Grade(
    boolean correct, String extracted, boolean correctFlexible, String extractedFlexible) {}
