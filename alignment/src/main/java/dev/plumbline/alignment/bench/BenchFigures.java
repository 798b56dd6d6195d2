package dev.plumbline.alignment.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was measured of one workload.
 *
 * @param workload its name
 * @param seconds median wall time of one run on the fused operations
 * @param tokens tokens of the workload, none counted as shared
 * @param composedSeconds the same on stock operations; training in SameDiff's own session and array
 *     cache, which is what a SameDiff user has; null when no baselines were run
 * @param pooledSeconds training as {@code --ops composed} runs it: stock operations on our pool of
 *     arrays; or null
 * @param composedPart share of the workload that those seconds were measured on; they are scaled up
 *     by it
 * @param unsharedSeconds the same on the fused operations with nothing shared, and for dpo with the
 *     reference's forward pass in each step; or null
 * @param unsharedCachedSeconds for dpo: nothing shared but the reference cached; or null
 * @param oneByOneSeconds for rollouts: one after the other, each from its whole prefix; or null
 * @param unsharedPart as {@code composedPart}
 * @param productShare share of thread time inside matrix products
 * @param residentBytes resident memory of the process after the fused runs
 * @param milliseconds wall time a run by operation, the largest first; empty for sampling
 */
public record BenchFigures(
    String workload,
    double seconds,
    long tokens,
    Double composedSeconds,
    Double pooledSeconds,
    double composedPart,
    Double unsharedSeconds,
    Double unsharedCachedSeconds,
    Double oneByOneSeconds,
    double unsharedPart,
    double productShare,
    long residentBytes,
    Map<String, Double> milliseconds) {
  /** Tokens of the workload by second. */
  public double tokensPerSecond() {
    return tokens / seconds;
  }

  /** How many times as long the stock operations take, or null. */
  public Double composedRatio() {
    return composedSeconds == null ? null : composedSeconds / seconds;
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
    if (composedSeconds != null) {
      json.put("composed_seconds", composedSeconds);
      json.put("composed_ratio", composedRatio());
      json.put("composed_measured_part", composedPart);
    }
    if (pooledSeconds != null) {
      json.put("composed_pooled_seconds", pooledSeconds);
    }
    if (unsharedSeconds != null) {
      json.put("unshared_seconds", unsharedSeconds);
      json.put("unshared_ratio", unsharedRatio());
      json.put("unshared_measured_part", unsharedPart);
    }
    if (unsharedCachedSeconds != null) {
      json.put("unshared_cached_reference_seconds", unsharedCachedSeconds);
    }
    if (oneByOneSeconds != null) {
      json.put("one_by_one_seconds", oneByOneSeconds);
    }
    json.put("tokens", tokens);
    json.put("product_share", productShare);
    json.put("resident_bytes", residentBytes);
    json.put("profile_milliseconds", milliseconds);
    return json;
  }
}
