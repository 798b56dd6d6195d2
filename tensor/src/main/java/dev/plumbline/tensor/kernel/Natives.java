package dev.plumbline.tensor.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Selects the ND4J natives for this processor when the process starts.
 *
 * <p>Both natives of the CPU backend are on the class path, each in its own folder. JavaCPP loads
 * the one that the system property {@value #EXTENSION_PROPERTY} names. The AVX2 build includes
 * oneDNN, whose softmax is 6 to 7 times faster; the plain build runs on any x86-64. If the property
 * is already set, it is left unchanged.
 */
public final class Natives {
  /** JavaCPP's own property: the suffix of the natives' folder. */
  public static final String EXTENSION_PROPERTY = "org.bytedeco.javacpp.platform.extension";

  private static final String AVX2 = "-onednn-avx2";

  private static final boolean FOR_GPU =
      Natives.class.getClassLoader().getResource("org/nd4j/linalg/jcublas/JCublasBackend.class")
          != null;

  private Natives() {}

  /** Whether this build ({@code -Pcuda}) carries ND4J's backend for GPUs. */
  public static boolean forGpu() {
    return FOR_GPU;
  }

  /**
   * Sets {@value #EXTENSION_PROPERTY} unless it is set. Must run before the first ND4J class is
   * loaded.
   */
  public static void select() {
    if (System.getProperty(EXTENSION_PROPERTY) == null && cpuFlags().contains("avx2")) {
      System.setProperty(EXTENSION_PROPERTY, AVX2);
    }
    // ND4J logs a page about itself when it starts; its warnings are still shown.
    System.setProperty(
        "org.nd4j.log.initialization", System.getProperty("org.nd4j.log.initialization", "false"));
  }

  /** The chosen natives in words, for {@code doctor}. */
  public static String describe() {
    String extension = System.getProperty(EXTENSION_PROPERTY, "");
    return "linux-x86_64" + extension;
  }

  /**
   * The processor's feature flags as {@code /proc/cpuinfo} names them; empty where that file is
   * absent.
   */
  public static Set<String> cpuFlags() {
    return cpuInfo("flags")
        .map(
            line ->
                (Set<String>) new TreeSet<>(Set.of(line.toLowerCase(Locale.ROOT).split("\\s+"))))
        .orElseGet(TreeSet::new);
  }

  /** The processor's name, or {@code unknown}. */
  public static String cpuName() {
    return cpuInfo("model name").orElse("unknown");
  }

  private static Optional<String> cpuInfo(String key) {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    } catch (IOException e) {
      return Optional.empty(); // not Linux: use the plain natives
    }
  }
}
