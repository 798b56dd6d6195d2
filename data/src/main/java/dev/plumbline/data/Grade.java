package dev.plumbline.data;

/**
 * What {@link Gsm8kGrader} made of one response, under the strict and the flexible extraction.
 *
 * @param correct the strictly extracted number equals the gold number
 * @param extracted the strictly extracted number, or null when nothing was extracted
 * @param correctFlexible the same for the flexible extraction
 * @param extractedFlexible the last number of the response, or null when it holds none
 */
public record Grade(
    boolean correct, String extracted, boolean correctFlexible, String extractedFlexible) {}
