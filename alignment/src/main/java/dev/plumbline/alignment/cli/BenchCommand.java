package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.plumbline.alignment.bench.Bench;
import dev.plumbline.alignment.bench.BenchFigures;
import dev.plumbline.alignment.bench.ModelBench;
import dev.plumbline.alignment.bench.Scaling;
import dev.plumbline.alignment.plan.Machine;
import dev.plumbline.alignment.report.bench.BenchReport;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Natives;
import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.safetensors.Dtype;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Times training and sampling workloads on this machine.",
      "Runs each on the fused operations and on stock SameDiff operations, with random "
          + "weights in float32: hidden size 288, 6 layers, 6 heads, feed-forward 768, "
          + "vocabulary 512.",
      "",
      "  sft-step      8 sequences of 256 tokens, all positions trained",
      "  sft-step-32k  the same with a vocabulary of 32,000",
      "  aft-step      4 questions of 128 tokens, 8 candidates of 64 to 128 each",
      "  dpo-step      8 pairs: 192 shared tokens, 64 on each side, cached reference",
      "  sample-32     32 prompts of 64 tokens, 128 new tokens each",
      "  rollouts      16 rollouts of up to 64 tokens from each of 96 positions",
      "",
      "All six take four to five minutes on two cores; quick=true about three. With "
          + "model=DIR, measures that model instead: generation of 1 and of 8 sequences, "
          + "scoring, and steps of a LoRA adapter, beside the predictions of 'plumbline plan'."
    })
final class BenchCommand implements Callable<Integer> {
  @Option(
      names = "--workloads",
      split = ",",
      paramLabel = "NAME",
      description = "Workloads to run (default: all).")
  private List<String> workloads = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Measure this model instead of the workloads.")
  private Path model;

  @Option(
      names = "--steps",
      defaultValue = "10",
      description = "Training steps of model=DIR (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--json",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Print the figures as one JSON object by workload.")
  private boolean json;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Directory for bench.json and report.html.")
  private Path output;

  @Option(
      names = "--scaling",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Also time steps over length, batch size, hidden size and threads, and fit the growth (three more minutes).")
  private boolean scaling;

  @Option(
      names = "--baselines",
      arity = "0..1",
      defaultValue = "true",
      fallbackValue = "true",
      paramLabel = "true|false",
      description =
          "Also run stock operations and batches without shared prefixes (default: ${DEFAULT-VALUE}); false takes about a minute.")
  private boolean baselines;

  @Option(
      names = "--quick",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "One round per workload: rough figures.")
  private boolean quick;

  @Override
  public Integer call() throws IOException {
    List<String> names = workloads.isEmpty() ? Bench.WORKLOADS : workloads;
    for (String name : names) {
      if (!Bench.WORKLOADS.contains(name)) {
        throw new UserError(
            "There is no workload '"
                + name
                + "'. The workloads are "
                + String.join(", ", Bench.WORKLOADS)
                + ".");
      }
    }
    if (output != null) {
      Files.createDirectories(output); // before anything is measured
    }
    Ops.install();
    if (model != null) {
      if (!workloads.isEmpty() || scaling) {
        throw new UserError(
            "workloads and scaling cannot be combined with model, which has workloads of its own.");
      }
      return model();
    }
    System.err.println(machine());
    Bench bench = new Bench(quick ? 1 : 2, baselines, System.err::println);
    List<BenchFigures> figures = new ArrayList<>();
    for (String name : names) {
      BenchFigures f = bench.run(name);
      figures.add(f);
      System.err.print(BenchReport.line(f));
    }
    List<Scaling.Sweep> sweeps =
        scaling ? new Scaling(quick ? 3 : 7, System.err::println).sweeps() : List.of();
    Map<String, Object> all = new LinkedHashMap<>();
    figures.forEach(f -> all.put(f.workload(), f.json()));
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("machine", machine());
    file.put("workloads", all);
    file.put("scaling", sweeps);
    if (json) {
      if (scaling) {
        all.put("scaling", sweeps);
      }
      System.out.println(
          new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(all));
    } else {
      System.out.print(BenchReport.table(figures));
      System.out.print(BenchReport.sweeps(sweeps));
    }
    if (output != null) {
      RunFiles.writeJson(output.resolve("bench.json"), file);
      BenchReport.write(output.resolve("report.html"), machine(), figures, sweeps);
      System.err.println("Written to " + output.resolve("report.html"));
    }
    return 0;
  }

  private int model() throws IOException {
    Ranges.positive("steps", steps);
    Dtype stored = PlanCommand.stored(model);
    System.err.println(machine());
    Machine best = Machine.measure();
    List<ModelBench.Figures> figures =
        new ModelBench(model, steps, System.err::println).run(best, stored);
    Map<String, Object> file = new LinkedHashMap<>();
    file.put("machine", machine());
    file.put("best", best);
    file.put("model", model.toString());
    file.put("workloads", figures);
    if (json) {
      System.out.println(
          new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(file));
    } else {
      System.out.print(BenchReport.model(figures, best));
    }
    if (output != null) {
      RunFiles.writeJson(output.resolve("bench.json"), file);
    }
    return 0;
  }

  private static String machine() {
    return Natives.cpuName()
        + ", "
        + Workers.threads()
        + " threads, "
        + Kernels.PRODUCTS.describe()
        + ", JDK "
        + Runtime.version();
  }
}
