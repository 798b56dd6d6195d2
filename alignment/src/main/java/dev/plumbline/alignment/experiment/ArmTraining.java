package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.data.UserError;
import dev.plumbline.transformer.checkpoint.Lora;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which arms are trained, and how.
 *
 * @param only beginnings of the ids of the arms that are trained; null stands for all arms
 * @param seeds of the data's order; one run per seed
 * @param epochs passes over the training file
 * @param batchSize rows per step
 * @param learningRate peak rate of the arms without one of their own
 * @param learningRates peak rates of arms by the beginning of their id: {@code rft} also stands for
 *     {@code rft-1}, and the longest beginning counts
 * @param lora adapters instead of full fine-tuning, or null
 */
public record ArmTraining(
    List<String> only,
    List<Long> seeds,
    double epochs,
    int batchSize,
    double learningRate,
    Map<String, Double> learningRates,
    Lora.Settings lora) {
  /**
   * Checks the ranges.
   *
   * @throws UserError naming the option
   */
  public ArmTraining {
    only = only == null ? null : List.copyOf(only);
    seeds = List.copyOf(seeds);
    learningRates = // in one order, as it identifies a run
        Collections.unmodifiableMap(new TreeMap<>(learningRates));
    Ranges.aboveZero("epochs", epochs);
    Ranges.atLeastZero("learning-rate", learningRate);
    learningRates.values().forEach(rate -> Ranges.atLeastZero("learning-rates", rate));
  }

  /** Full fine-tuning with one rate. */
  public ArmTraining(List<Long> seeds, double epochs, int batchSize, double learningRate) {
    this(null, seeds, epochs, batchSize, learningRate, Map.of(), null);
  }

  /** The same with some arms alone. */
  public ArmTraining withOnly(List<String> arms) {
    return new ArmTraining(arms, seeds, epochs, batchSize, learningRate, learningRates, lora);
  }

  /** The same with one peak rate for all arms. */
  public ArmTraining withLearningRate(double rate) {
    return new ArmTraining(only, seeds, epochs, batchSize, rate, Map.of(), lora);
  }

  /** The same with rates of some arms. */
  public ArmTraining withLearningRates(Map<String, Double> rates) {
    return new ArmTraining(only, seeds, epochs, batchSize, learningRate, rates, lora);
  }

  /** The same with the first seeds alone. */
  public ArmTraining withSeeds(int count) {
    return new ArmTraining(
        only,
        seeds.subList(0, Math.min(count, seeds.size())),
        epochs,
        batchSize,
        learningRate,
        learningRates,
        lora);
  }

  /**
   * Refuses names of arms that there are none of.
   *
   * @param arms ids of all arms
   * @throws UserError naming the option and the name
   */
  public void check(Collection<String> arms) {
    check("learning-rates", learningRates.keySet(), arms);
    check("arms", only == null ? List.of() : only, arms);
  }

  private static void check(String option, Collection<String> names, Collection<String> arms) {
    for (String name : names) {
      if (arms.stream().noneMatch(arm -> arm.startsWith(name))) {
        throw new UserError(
            option
                + " names '"
                + name
                + "', but no arm's id begins with it; the arms are "
                + String.join(", ", arms)
                + ".");
      }
    }
  }

  /** Whether an arm is trained. */
  public boolean trains(String arm) {
    return only == null || only.stream().anyMatch(arm::startsWith);
  }

  /** The training of one arm: its own rate alone. */
  public ArmTraining of(String arm) {
    return withLearningRate(
        learningRates.keySet().stream()
            .filter(arm::startsWith)
            .max(Comparator.comparingInt(String::length))
            .map(learningRates::get)
            .orElse(learningRate));
  }

  /** The options of a command with their values. */
  public Map<String, Object> options() {
    Map<String, Object> options = new LinkedHashMap<>();
    if (only != null) {
      options.put("arms", only);
    }
    options.put("seeds", seeds.size());
    options.put("epochs", epochs);
    options.put("batch-size", batchSize);
    options.put("learning-rate", learningRate);
    if (!learningRates.isEmpty()) {
      List<String> rates = new ArrayList<>();
      learningRates.forEach((arm, rate) -> rates.add(arm + "=" + Invocation.number(rate)));
      options.put("learning-rates", rates);
    }
    return options;
  }
}
