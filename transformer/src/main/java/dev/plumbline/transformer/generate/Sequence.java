package dev.plumbline.transformer.generate;

import dev.plumbline.tensor.random.RandomStream;

/** State of one unfinished response. Its tokens are stored in its {@link Fork}. */
final class Sequence {
  final int request;
  final int response; // its index in the results of the request
  final int from; // number of prompt or trajectory tokens that it continues
  final RandomStream stream;
  int length; // tokens so far
  int finishedSteps;
  private boolean inStep; // whether the current step holds more than blanks

  Sequence(int request, int response, int from, RandomStream stream) {
    this.request = request;
    this.response = response;
    this.from = from;
    this.stream = stream;
  }

  /** Counts a token that was drawn, and the step that it may finish. */
  void add(int id, StepTokens steps) {
    length++;
    inStep |= steps.text(id);
    if (inStep && steps.end(id)) {
      finishedSteps++;
      inStep = false;
    }
  }
}
