package dev.plumbline.alignment.plan;

import dev.plumbline.alignment.plan.Plan.Batch;
import dev.plumbline.alignment.plan.Plan.Method;
import dev.plumbline.alignment.plan.Plan.Trained;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ways to use a model on a machine, with memory and time.
 *
 * @param ways to train, score or generate
 * @param machine its peak rates
 * @param memory of the machine in bytes, or -1 if unknown
 * @param rows rows per epoch
 * @param referenceSeconds seconds to score all rows with the reference, once before training; 0
 *     without a reference
 */
public record Outlook(
    List<Way> ways, Machine machine, long memory, int rows, double referenceSeconds) {
  /** Usable share of the machine's memory; the system and its cache need the rest. */
  private static final double USABLE = 0.9;

  private static final long SCORED_TOGETHER = 4096;
  private static final int[] SEQUENCES = {1, 16};

  /**
   * One way to use the model.
   *
   * @param name what the way does
   * @param memory bytes by purpose
   * @param seconds seconds per step, per token of each sequence, or per forward pass
   * @param tokens per step, per token of each sequence, or per forward pass
   * @param epochSeconds seconds for all rows
   * @param possible false if a matrix exceeds the maximum size of a Java buffer
   */
  public record Way(
      String name,
      Map<String, Long> memory,
      double seconds,
      double tokens,
      double epochSeconds,
      boolean possible) {
    /** Peak memory in bytes. */
    public long peak() {
      return Plan.total(memory);
    }
  }

  /** Which reference an objective needs beside the trained model. */
  public enum Reference {
    /** Nothing. */
    NONE,
    /** The reference's scores, computed once. */
    SCORED,
    /** A reference that runs in each step. */
    LIVE
  }

  /** Computes all ways for a batch. */
  public static Outlook of(
      Plan plan,
      Batch batch,
      int rank,
      Reference reference,
      int rows,
      Machine machine,
      long memory) {
    List<Way> ways = new ArrayList<>();
    boolean frozen = plan.fitsBuffers() || plan.inPlace();
    double steps = Math.ceil(rows / (double) (batch.rows() * batch.accumulate()));
    for (Trained trained : Trained.values()) {
      for (boolean again : new boolean[] {false, true}) {
        Method method = new Method(trained, rank, again, reference == Reference.LIVE);
        double seconds = plan.seconds(method, batch, machine);
        ways.add(
            new Way(
                "train"
                    + (trained == Trained.ADAPTER ? " lora-rank=" + rank : "")
                    + (again ? " activation-checkpointing" : ""),
                plan.memory(method, batch),
                seconds,
                (double) batch.tokens() * batch.accumulate(),
                seconds * steps,
                trained == Trained.ADAPTER ? frozen : plan.fitsBuffers()));
      }
    }
    double length = batch.promptTokens() + batch.responseTokens();
    double row = (double) batch.tokens() / batch.rows();
    double responses = (double) batch.scored() / batch.rows();
    double scoring =
        plan.scoringSeconds(
            SCORED_TOGETHER, Math.round(SCORED_TOGETHER * responses / row), length, machine);
    double allScored = scoring * rows * row / SCORED_TOGETHER;
    ways.add(
        new Way(
            "score",
            plan.scoringMemory(SCORED_TOGETHER),
            scoring,
            SCORED_TOGETHER,
            allScored,
            frozen));
    for (int sequences : SEQUENCES) {
      double token =
          plan.generationSeconds(
              sequences, batch.promptTokens() + batch.responseTokens() / 2.0, machine);
      double prompts =
          plan.scoringSeconds(batch.promptTokens(), 1, batch.promptTokens(), machine) * rows;
      ways.add(
          new Way(
              "generate, " + sequences + (sequences == 1 ? " sequence" : " sequences"),
              plan.generationMemory(sequences, (long) length),
              token,
              sequences,
              prompts + token * batch.responseTokens() * Math.ceil(rows / (double) sequences),
              frozen));
    }
    return new Outlook(ways, machine, memory, rows, reference == Reference.NONE ? 0 : allScored);
  }

  /** Whether the memory of a way fits into the machine. */
  public boolean fits(Way way) {
    return way.possible() && (memory < 0 || way.peak() <= USABLE * memory);
  }

  /** For {@code --json}. */
  public Map<String, Object> json(String model, String objective) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Way way : ways) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", way.name());
      one.put("peak_bytes", way.peak());
      one.put("fits", fits(way));
      one.put("seconds", way.seconds());
      one.put("tokens_per_second", way.tokens() / way.seconds());
      one.put("epoch_seconds", way.epochSeconds());
      one.put("memory", way.memory());
      list.add(one);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("model", model);
    all.put("objective", objective);
    all.put("machine", machine);
    all.put("machine_bytes", memory);
    all.put("reference_seconds", referenceSeconds);
    all.put("ways", list);
    return all;
  }
}
