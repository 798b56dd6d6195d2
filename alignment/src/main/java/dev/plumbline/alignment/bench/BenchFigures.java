package dev.plumbline.alignment.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was measured of one workload.
 *
 * @param workload its name
 * @param seconds median wall time of one run on the fused operations
 * @param tokens tokens of the workload, none counted as shared
 * @param composedSeconds the same on stock SameDiff operations
 * @param composedPart share of the workload that those seconds were measured on; they are scaled up
 *     by it
 * @param unsharedSeconds the same on the fused operations with nothing shared, or null
 * @param unsharedPart as {@code composedPart}
 * @param productShare share of thread time inside matrix products
 * @param residentBytes resident memory of the process after the fused runs
 * @param milliseconds wall time a run by operation, the largest first; empty for sampling
 */
public record BenchFigures(
    String workload,
    double seconds,
    long tokens,
    double composedSeconds,
    double composedPart,
    Double unsharedSeconds,
    double unsharedPart,
    double productShare,
    long residentBytes,
    Map<String, Double> milliseconds) {
  /** Tokens of the workload by second. */
  public double tokensPerSecond() {
    return tokens / seconds;
  }

  /** How many times as long the stock operations take. */
  public double composedRatio() {
    return composedSeconds / seconds;
  }

  /** How many times as long it takes with nothing shared, or null. */
  public Double unsharedRatio() {
    return unsharedSeconds == null ? null : unsharedSeconds / seconds;
  }

  /** For {@code --json}. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("seconds", seconds);
    json.put("tokens_per_second", tokensPerSecond());
    json.put("composed_seconds", composedSeconds);
    json.put("composed_ratio", composedRatio());
    json.put("composed_measured_part", composedPart);
    if (unsharedSeconds != null) {
      json.put("unshared_seconds", unsharedSeconds);
      json.put("unshared_ratio", unsharedRatio());
      json.put("unshared_measured_part", unsharedPart);
    }
    json.put("tokens", tokens);
    json.put("product_share", productShare);
    json.put("resident_bytes", residentBytes);
    json.put("profile_milliseconds", milliseconds);
    return json;
  }
}
