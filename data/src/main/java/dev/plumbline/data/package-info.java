/**
 * Problems, training rows, grading and the generators that need no tensor: readers and writers of
 * the JSONL formats, GSM8K answer extraction, calculator checks, de-duplication, a word-problem
 * generator and a tokenizer trainer.
 *
 * <p>Nothing here depends on ND4J or on another Plumbline module.
 */
package dev.plumbline.data;

