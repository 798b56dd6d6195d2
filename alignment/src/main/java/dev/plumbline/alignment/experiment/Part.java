package dev.plumbline.alignment.experiment;

import java.io.IOException;

/**
 * A vertical piece of an experiment: what it declares, what it runs, and what it reports. Parts run
 * in order. Every stage keeps its result in a file, so a part reads what an earlier part has made
 * by asking for the same file again.
 *
 * @param <R> what it measures
 */
public interface Part<R> {
  /** Arms, comparisons, quantities and claims; asked for before the first step. */
  Outline outline();

  /** Runs its stages. */
  R run() throws IOException;

  /** Turns the measurements into evidence for claims, and into tables and figures. */
  void report(R measured, Findings findings) throws IOException;
}
