package dev.plumbline.transformer.generate;

/** A request whose tokens are stored in a trunk slot of the KV cache, shared by its responses. */
final class SharedPrefix {
  final int request;
  final int slot;
  final float[][] logits; // [from][vocab], set by its pass
  int unfinished; // responses

  SharedPrefix(int request, int slot, int positions, int vocab, int responses) {
    this.request = request;
    this.slot = slot;
    this.logits = new float[positions][vocab];
    this.unfinished = responses;
  }
}
