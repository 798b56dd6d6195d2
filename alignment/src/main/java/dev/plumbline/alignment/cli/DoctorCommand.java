package dev.plumbline.alignment.cli;

import dev.plumbline.tensor.kernel.Kernels;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.kernel.Natives;
import dev.plumbline.tensor.kernel.Workers;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Checks JDK, processor, backend, threads and memory.",
      "Reports what is missing and how to fix it."
    })
final class DoctorCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      description =
          "Also check this model's configuration and tokenizer, and show its BOS and end-of-sequence tokens with the"
              + " file that defines each.")
  private Path model;

  private final List<String> problems = new ArrayList<>();

  @Override
  public Integer call() {
    String from = System.getProperty("plumbline.java"); // of the launcher
    line(
        "java",
        Runtime.version()
            + " ("
            + System.getProperty("java.vendor")
            + "), "
            + (from == null ? System.getProperty("java.home") : from));
    if (Runtime.version().feature() < 17) {
      problems.add("Java 17 or newer is needed.");
    }
    boolean vector = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    line("vector API", vector ? "present" : "absent");
    if (!vector) {
      problems.add("Start Java with --add-modules jdk.incubator.vector, as the launcher does.");
    }
    Set<String> flags = Natives.cpuFlags();
    List<String> simd = new ArrayList<>();
    for (String flag : List.of("avx2", "fma", "avx512f", "avx512_bf16")) {
      if (flags.contains(flag)) {
        simd.add(flag);
      }
    }
    line(
        "processor",
        Natives.cpuName()
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores, "
            + (simd.isEmpty() ? "no AVX2" : String.join(" ", simd)));
    line("natives", Natives.describe());
    line("kernels", Kernels.PRODUCTS.describe());
    line("threads", Workers.threads() + " (-D" + Workers.THREADS_PROPERTY + " changes it)");
    String omp = System.getenv("OMP_NUM_THREADS");
    line("OMP_NUM_THREADS", omp == null ? "not set" : omp);
    if (!"1".equals(omp)) {
      problems.add(
          "Set OMP_NUM_THREADS=1 before Java starts, as the launcher does: libgomp's spinning threads cost a factor of 2 to 4.");
    }
    line("heap", Runtime.getRuntime().maxMemory() / (1 << 20) + " MiB at most");
    line("off-heap", Pointer.maxPhysicalBytes() / (1 << 20) + " MiB resident at most");
    gpus(Gpu.found(), backend());
    if (model != null) {
      tokens();
    }
    if (problems.isEmpty()) {
      System.out.println("Everything is in place.");
      return 0;
    }
    problems.forEach(problem -> System.out.println("MISSING: " + problem));
    return 1;
  }

  private void tokens() {
    Path files = Lora.isAdapter(model) ? Lora.base(model) : model;
    try (Tokenizer tokenizer = Tokenizer.read(files, LlamaConfig.read(files))) {
      tokenizer.ends().describe(tokenizer).forEach(text -> line("tokens", text));
    }
  }

  /** Starts ND4J and prints its version, or why it does not start. */
  private boolean backend() {
    try {
      Ops.install();
      product();
      return true;
    } catch (RuntimeException | LinkageError e) {
      problems.add(e.getMessage());
      return false;
    }
  }

  private void product() {
    try (INDArray a = Nd4j.ones(DataType.FLOAT, 512, 512);
        INDArray b = Nd4j.ones(DataType.FLOAT, 512, 512);
        INDArray c = Nd4j.createUninitialized(DataType.FLOAT, new long[] {512, 512}, 'c')) {
      long best = Long.MAX_VALUE;
      for (int i = 0; i < 20; i++) {
        long start = System.nanoTime();
        Nd4j.matmul(a, b, c, false, false, false);
        best = Math.min(best, System.nanoTime() - start);
      }
      boolean right = c.getFloat(7, 9) == 512f;
      line(
          "backend",
          Nd4j.getBackend().getClass().getSimpleName()
              + String.format(
                  Locale.ROOT,
                  ", 512^3 product at %.0f GFLOP/s on one thread",
                  2 * Math.pow(512, 3) / best));
      if (!right) {
        problems.add("A matrix product gave a wrong result on this backend.");
      }
    }
  }

  private void gpus(List<Gpu> found, boolean started) {
    if (found.isEmpty()) {
      line("graphics card", "none found by nvidia-smi; everything runs on the processor");
    }
    boolean cuda = started ? Memory.onGpu() : Natives.forGpu();
    for (Gpu gpu : found) {
      line("graphics card", gpu.describe());
      if (cuda && !gpu.runs()) {
        problems.add(
            "This build's natives cannot run on " + gpu.name() + "; build without -Pcuda.");
      }
    }
    if (cuda && found.isEmpty()) {
      problems.add(
          "This build wants a graphics card, and nvidia-smi finds none; build without -Pcuda.");
    }
  }

  private static void line(String what, String value) {
    System.out.printf("%-16s %s%n", what, value);
  }
}
