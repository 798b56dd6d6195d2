package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.generate.Decoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The logits of models that share a vocabulary, over given responses. It computes a few rows at a
 * time, so that memory does not grow with vocabulary times length.
 */
final class TeacherForcing implements LogitSource {
  /** Logits of a model that are held at once. */
  private static final int FLOATS = 1 << 22;

  private final List<Decoder> decoders = new ArrayList<>();

  TeacherForcing(OpMode ops, LlamaWeights... models) {
    for (LlamaWeights model : models) {
      decoders.add(Decoder.of(model, ops));
    }
  }

  @Override
  public int vocabulary() {
    return decoders.get(0).config().vocabSize();
  }

  @Override
  public void walk(int[] prompt, int[] response, Visitor visitor) {
    int n = prompt.length + response.length - 1; // nothing is predicted by the last token
    int[] tokens =
        IntStream.concat(Arrays.stream(prompt), Arrays.stream(response)).limit(n).toArray();
    int rows = Math.max(1, FLOATS / vocabulary());
    float[][] z = new float[decoders.size()][vocabulary()];
    List<Decoder.Cache> caches = new ArrayList<>();
    try {
      decoders.forEach(decoder -> caches.add(decoder.newCache(1, n, 0, 1)));
      for (int from = 0; from < n; from += rows) {
        int to = Math.min(n, from + rows);
        int[] part = Arrays.copyOfRange(tokens, from, to);
        int first = Math.max(from, prompt.length - 1);
        int[] wanted = IntStream.range(first - from, to - from).toArray();
        List<Decoder.Logits> logits = new ArrayList<>();
        for (int m = 0; m < z.length; m++) {
          Decoder.Rows fed = Decoder.Rows.ofTrunk(0, from, part);
          logits.add(decoders.get(m).forward(fed, caches.get(m), wanted));
        }
        for (int i = 0; i < wanted.length; i++) {
          for (int m = 0; m < z.length; m++) {
            logits.get(m).get(i, z[m]);
          }
          visitor.visit(first + i - (prompt.length - 1), z);
        }
      }
    } finally {
      caches.forEach(Decoder.Cache::close);
    }
  }

  @Override
  public void close() {
    decoders.forEach(Decoder::close);
  }
}
