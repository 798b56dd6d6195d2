package dev.plumbline.alignment.criticaltokens;

/** Logits of one or more models before every token of a given response (teacher forcing). */
interface LogitSource extends AutoCloseable {
  /** Is called before each token of a response. */
  interface Visitor {
    /**
     * Receives the logits of each model before token t; it may overwrite them.
     *
     * @param z by model [models][vocabulary]
     */
    void visit(int t, float[][] z);
  }

  /** Size of the vocabulary. */
  int vocabulary();

  /** Visits every token of a response, in order. */
  void walk(int[] prompt, int[] response, Visitor visitor);

  @Override
  void close();
}
