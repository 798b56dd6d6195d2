package dev.plumbline.alignment.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The measurements of one workload.
 *
 * @param workload its name
 * @param seconds median wall time of one run on the fused operations
 * @param tokens tokens of the workload, where shared tokens count for each sequence
 * @param composedSeconds the same on stock operations; for training in SameDiff's own session and
 *     array cache, as for a SameDiff user; null without baselines
 * @param pooledSeconds training with {@code --ops composed}: stock operations on our array pool; or
 *     null
 * @param composedPart share of the workload on which these seconds were measured; they are scaled
 *     up by it
 * @param unsharedSeconds the same on the fused operations without sharing, and for dpo with the
 *     reference's forward pass in each step; or null
 * @param unsharedCachedSeconds for dpo: without sharing, but with a cached reference; or null
 * @param oneByOneSeconds for rollouts: one after another, each from its whole prefix; or null
 * @param unsharedPart as {@code composedPart}
 * @param productShare share of thread time inside matrix products
 * @param residentBytes resident memory of the process after the fused runs
 * @param milliseconds wall time per run by operation, in descending order; empty for sampling
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
  /** Tokens of the workload per second. */
  public double tokensPerSecond() {
    return tokens / seconds;
  }

  /** Time of the stock operations divided by the time of the fused ones, or null. */
  public Double composedRatio() {
    return composedSeconds == null ? null : composedSeconds / seconds;
  }

  /** Time without sharing divided by the time with sharing, or null. */
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
