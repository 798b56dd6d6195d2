package dev.plumbline.alignment.bench;

import dev.plumbline.alignment.objective.*;
import dev.plumbline.alignment.train.LossModel;
import dev.plumbline.tensor.engine.*;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.optim.*;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.*;
import java.util.*;

public final class QuickBench {
  static LlamaConfig config(int vocab) {
    return LlamaConfig.small(vocab, 288, 768, 6, 6, 6, 2048);
  }
  static int[] ids(RandomStream r, int n, int vocab) { int[] x = new int[n]; for (int i = 0; i < n; i++) x[i] = 3 + r.nextInt(vocab - 3); return x; }
  public static void main(String[] a) {
    for (String w : a[0].split(",")) {
    RandomStream r = RandomStream.of(1, "bench");
    int vocab = w.endsWith("32k") ? 32000 : 512;
    LlamaWeights weights = LlamaWeights.random(config(vocab), r.child("w"));
    if (w.startsWith("sample")) { sample(weights, r, vocab); continue; }
    if (w.startsWith("rollouts")) { rollouts(weights, r, vocab); continue; }
    List<Example> ex = new ArrayList<>();
    List<List<float[]>> ref = null;
    Objective o;
    if (w.startsWith("sft")) {
      o = new Vft();
      for (int i = 0; i < 8; i++) ex.add(new Example(ids(r, 1, vocab), List.of(Response.of(ids(r, 256, vocab), Role.REFERENCE))));
    } else if (w.startsWith("aft")) {
      o = new Aft(Aft.Constraint.BOUNDARY, 0.15, 1, 0, true);
      for (int q = 0; q < 4; q++) { List<Response> rs = new ArrayList<>(); for (int i = 0; i < 8; i++) rs.add(Response.of(ids(r, 64 + 64 * i / 7, vocab), i % 2 == 0 ? Role.POSITIVE : Role.NEGATIVE)); ex.add(new Example(ids(r, 128, vocab), rs)); }
    } else {
      o = new Dpo(0.1); ref = new ArrayList<>();
      for (int q = 0; q < 8; q++) { ex.add(new Example(ids(r, 192, vocab), List.of(Response.of(ids(r, 64, vocab), Role.CHOSEN), Response.of(ids(r, 64, vocab), Role.REJECTED)))); ref.add(List.of(new float[64], new float[64])); }
    }
    if (w.contains("unshared")) { }
    LossModel m = new LossModel(weights, o, OpMode.FUSED);
    AdamW adam = new AdamW(AdamW.Settings.withDecay(0.01), weights.arrays());
    MicroBatch b = MicroBatch.whole(ex, ref);
    List<Double> ts = new ArrayList<>();
    long cpu = 0, wall = 0;
    for (int i = 0; i < Integer.getInteger("steps", 25); i++) {
      if (i == 20) { Profile.enable(true); wall = System.nanoTime(); cpu = ((com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime(); }
      long t = System.nanoTime();
      try (LossModel.Result res = m.run(b)) {
        long t1 = System.nanoTime();
        double norm = Gradients.globalNorm(res.gradients());
        adam.step(res.gradients(), 1e-4, Gradients.clipFactor(norm, 1));
        long t2 = System.nanoTime();
        if (i >= 20) System.out.printf("run %.1f ms, norm+adam %.1f ms%n", (t1 - t) / 1e6, (t2 - t1) / 1e6);
      }
      double ms = (System.nanoTime() - t) / 1e6;
      if (i < 5) System.out.printf("%.0f ", ms); else if (i < 20) ts.add(ms);
    }
    Collections.sort(ts);
    System.out.printf("%n%s: median %.1f ms min %.1f; product share %.3f%n", w, ts.get(ts.size() / 2), ts.get(0), Profile.threadNanoseconds(Profile.Part.PRODUCT) / 5.0 / 1e6 / Workers.threads() / ts.get(ts.size() / 2));
    for (Profile.Part p : Profile.Part.values()) System.out.printf("   %s %.1f ms%n", p, Profile.threadNanoseconds(p) / 5.0 / 1e6 / Workers.threads());
    System.out.printf("  cpu %.1f ms of %.1f a step%n", (((com.sun.management.OperatingSystemMXBean) java.lang.management.ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime() - cpu) / 5e6, (System.nanoTime() - wall) / 5e6);
    Profile.operations().entrySet().stream().sorted((x, y) -> Long.compare(y.getValue().nanoseconds(), x.getValue().nanoseconds())).limit(14).forEach(e -> System.out.printf("   %-45s %5d %8.2f ms%n", e.getKey(), e.getValue().calls() / 5, e.getValue().nanoseconds() / 5e6));
    Profile.enable(false);
    m.close(); adam.close(); weights.close();
    }
  }
  static void sample(LlamaWeights weights, RandomStream r, int vocab) {
    for (int i = 0; i < 6; i++) {
      List<Sampler.Request> req = new ArrayList<>();
      for (int q = 0; q < 32; q++) req.add(new Sampler.Request(ids(r, 64, vocab), 1, r.child(q + 100 * i)));
      long t = System.nanoTime();
      Sampler s = new Sampler(weights, null, 32);
      var out = s.sample(req, SamplingOptions.at(1, 128), d -> {});
      int tok = out.stream().mapToInt(x -> x.get(0).ids().length).sum();
      double sec = (System.nanoTime() - t) / 1e9;
      System.out.printf("sample-32 %.3f s, %d tokens, %.0f tok/s%n", sec, tok, tok / sec);
    }
  }
  static void rollouts(LlamaWeights weights, RandomStream r, int vocab) {
    int[] from = new int[96]; for (int i = 0; i < 96; i++) from[i] = 64 + 1 + i;
    for (int slots : new int[] {64, 128, 256}) {
      long t = System.nanoTime();
      Sampler s = new Sampler(weights, null, slots);
      var out = s.sample(List.of(Sampler.Request.rollouts(ids(r, 160, vocab), from, 16, r.child(7))), SamplingOptions.at(1, 64), d -> {});
      int tok = out.get(0).stream().mapToInt(x -> x.ids().length).sum();
      double sec = (System.nanoTime() - t) / 1e9;
      System.out.printf("rollouts slots %d %.3f s, %d tokens, %.0f tok/s%n", slots, sec, tok, tok / sec);
    }
  }
}
