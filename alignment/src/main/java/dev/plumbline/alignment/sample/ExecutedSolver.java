package dev.plumbline.alignment.sample;

import dev.plumbline.alignment.python.Python;
import dev.plumbline.data.Segmentation;
import dev.plumbline.data.Step;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.Checkpoint;
import dev.plumbline.transformer.Sample;
import dev.plumbline.transformer.Sampler;
import dev.plumbline.transformer.SamplingOptions;
import dev.plumbline.transformer.Temperature;
import dev.plumbline.transformer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Code-integrated solutions (SCDPO, section 3 and spec 4.5): the model writes up to the end of a
 * fenced block of Python, the block runs in the solution's own session, what it printed is
 * appended, and the model writes on. All solutions advance together by one step a round, so that
 * the temperature of a round is that of its step.
 *
 * <p>A sample holds the outputs among its tokens; which they are, the fences say ({@link
 * Segmentation#BLOCK}).
 */
public final class ExecutedSolver implements Solver {
  private static final int SLOTS = 64;
  private static final int MOST_ROUNDS = 24;

  private final Sampler sampler;
  private final Tokenizer tokenizer;
  private final Python python;
  private final int maxTokens;
  private final int maxPositions;
  private final List<Integer> ends;

  /**
   * A solver on a model's weights as they are now.
   *
   * @param python runs the code; it stays open
   * @param maxTokens most tokens that a solution gets, outputs included
   */
  public ExecutedSolver(Checkpoint checkpoint, Python python, int maxTokens, OpMode ops) {
    this.sampler = new Sampler(checkpoint.weights(), checkpoint.tokenizer(), ops, SLOTS);
    this.tokenizer = checkpoint.tokenizer();
    this.python = python;
    this.maxTokens = maxTokens;
    this.maxPositions = checkpoint.config().maxPositions();
    this.ends = checkpoint.config().eosTokenIds();
  }

  /** A solution in the making. */
  private final class Work {
    final int[] trunk; // question and given steps
    final RandomStream stream;
    int[] ids = new int[0];
    Sample.FinishReason reason;

    Work(int[] trunk, RandomStream stream) {
      this.trunk = trunk;
      this.stream = stream;
    }

    Sampler.Request request(int round) {
      int[] all = Arrays.copyOf(trunk, trunk.length + ids.length);
      System.arraycopy(ids, 0, all, trunk.length, ids.length);
      RandomStream[][] streams = {{stream.child(round)}};
      return new Sampler.Request(all, new int[] {all.length}, 1, streams);
    }

    void add(int[] more) {
      int old = ids.length;
      ids = Arrays.copyOf(ids, old + more.length);
      System.arraycopy(more, 0, ids, old, more.length);
    }

    /** Takes what was written, and runs it where it ends in code. */
    void take(Sample sample) {
      add(sample.ids());
      if (ends.contains(ids[ids.length - 1])) {
        reason = Sample.FinishReason.STOP;
      } else if (sample.reason() == Sample.FinishReason.LENGTH) {
        reason = Sample.FinishReason.LENGTH;
      } else {
        execute();
        boolean full = ids.length >= maxTokens || trunk.length + ids.length >= maxPositions;
        reason = full ? Sample.FinishReason.LENGTH : null;
      }
    }

    private void execute() {
      String text = tokenizer.decode(trunk) + tokenizer.decode(ids);
      List<Step> steps = Segmentation.BLOCK.steps(text);
      if (steps.isEmpty() || steps.get(steps.size() - 1).kind() != Step.Kind.CODE) {
        return;
      }
      List<String> blocks =
          steps.stream()
              .filter(step -> step.kind() == Step.Kind.CODE)
              .map(step -> Segmentation.code(step.of(text)))
              .toList();
      add(tokenizer.encode(Segmentation.output(python.run(blocks).output())));
    }
  }

  @Override
  public List<List<Sample>> solve(
      List<Sampler.Request> requests, Temperature temperature, IntConsumer progress) {
    List<List<Work>> all = new ArrayList<>();
    for (Sampler.Request request : requests) {
      List<Work> own = new ArrayList<>();
      for (int f = 0; f < request.from().length; f++) {
        int[] trunk = Arrays.copyOf(request.trunk(), request.from()[f]);
        for (RandomStream stream : request.streams()[f]) {
          own.add(new Work(trunk, stream));
        }
      }
      all.add(own);
    }
    List<Work> open = all.stream().flatMap(List::stream).toList();
    for (int round = 0; round < MOST_ROUNDS && !open.isEmpty(); round++) {
      advance(open, round, temperature);
      List<Work> left = open.stream().filter(work -> work.reason == null).toList();
      progress.accept(open.size() - left.size());
      open = left;
    }
    open.forEach(work -> work.reason = Sample.FinishReason.LENGTH);
    progress.accept(open.size());
    return all.stream()
        .map(own -> own.stream().map(work -> new Sample(work.ids, work.reason)).toList())
        .toList();
  }

  /** One step of each: up to the beginning or the end of a block of code, or to the end. */
  private void advance(List<Work> open, int round, Temperature temperature) {
    int longest = open.stream().mapToInt(work -> maxTokens - work.ids.length).max().orElse(1);
    SamplingOptions options =
        new SamplingOptions(
            Math.max(1, longest),
            temperature.after(round),
            0,
            1,
            List.of(Segmentation.CODE, "\n" + Segmentation.FENCE));
    List<List<Sample>> written =
        sampler.sample(
            open.stream().map(work -> work.request(round)).toList(), options, done -> {});
    for (int i = 0; i < open.size(); i++) {
      open.get(i).take(written.get(i).get(0));
    }
  }

  @Override
  public void close() {
    sampler.close();
  }
}
