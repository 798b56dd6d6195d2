package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.experiment.ArmTraining;
import dev.plumbline.alignment.experiment.FineTuning;
import dev.plumbline.alignment.experiment.Setup;
import dev.plumbline.alignment.objective.Aft;
import dev.plumbline.alignment.objective.Hyperparameter;
import dev.plumbline.alignment.run.Ranges;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Settings of a reproduction of the AFT paper.
 *
 * @param setup model, problems and sizes
 * @param fineTuning vanilla fine-tuning before anything else
 * @param arms training of every arm
 * @param methods hyperparameters of the arms
 * @param draws candidates
 * @param extras what is measured besides the arms
 * @param tasks the multi-task tables
 */
public record AftSettings(
    Setup setup,
    FineTuning fineTuning,
    ArmTraining arms,
    Methods methods,
    Draws draws,
    Extras extras,
    MultiTask tasks) {

  /**
   * What all arms have in common.
   *
   * @param boundaryMargin beta of every boundary constraint
   * @param dpoBeta beta of DPO
   * @param fromBase whether arms start from the base model instead of the fine-tuned one (the paper
   *     does not say; inferred: the fine-tuned one)
   */
  public record Methods(double boundaryMargin, double dpoBeta, boolean fromBase) {
    /** Checks the ranges. */
    public Methods {
      Hyperparameter.BOUNDARY_MARGIN.check(boundaryMargin);
      Ranges.atLeastZero("dpo-beta", dpoBeta);
    }
  }

  /**
   * The candidates.
   *
   * @param candidates k, solutions per question
   * @param assessedQuestions training questions, and held-out ones, whose candidates are assessed
   * @param lessons references that the arms rehearse beside questions of which only the answer is
   *     used; candidates of their questions are assessed under the start
   */
  public record Draws(int candidates, int assessedQuestions, int lessons) {
    /** Checks the range. */
    public Draws {
      Ranges.positive("lessons", lessons);
    }
  }

  /** The parts of the experiment. */
  public enum Piece {
    /** The arms on right and wrong answers. */
    BINARY,
    /** The arms on ranking feedback. */
    RANKS,
    /** Models along vanilla fine-tuning. */
    PILOT,
    /** The sweep of the number of candidates. */
    CANDIDATES,
    /** The sweep of the boundary margin. */
    MARGINS,
    /** Self-consistency. */
    VOTES,
    /** One model for several tasks. */
    TASKS
  }

  /**
   * What is measured.
   *
   * @param parts that are run, in their order
   * @param validationQuestions questions of the sweeps; no table uses them
   * @param candidates numbers of candidates to sweep, none above k
   * @param margins boundary margins to sweep
   * @param sweepSeeds runs of the pilot and of every value of a sweep: the first ones of the arms'
   *     seeds
   * @param votes solutions per held-out question for self-consistency
   * @param checkpoints of one fine-tuning run for the pilot
   */
  public record Extras(
      List<Piece> parts,
      int validationQuestions,
      List<Integer> candidates,
      List<Double> margins,
      int sweepSeeds,
      int votes,
      int checkpoints) {

    /** Parts in their order, each one once. */
    public Extras {
      parts = parts.stream().sorted().distinct().toList();
    }

    Extras with(List<Piece> others, int questions) {
      return new Extras(others, questions, candidates, margins, sweepSeeds, votes, checkpoints);
    }

    /** The same with powers of 2 up to k. */
    Extras upTo(int k) {
      List<Integer> powers = IntStream.iterate(1, i -> i <= k, i -> 2 * i).boxed().toList();
      return new Extras(
          parts, validationQuestions, powers, margins, sweepSeeds, votes, checkpoints);
    }
  }

  /**
   * One model for several tasks.
   *
   * @param data further tasks, learned jointly with the main one; empty takes generated ones
   * @param letters multiple-choice problems such as MMLU's, scored by the letters' probabilities;
   *     null takes the tasks' own
   */
  public record MultiTask(List<TaskData> data, Path letters) {}

  /**
   * A task's files.
   *
   * @param data training problems
   * @param testData held-out problems
   */
  public record TaskData(Path data, Path testData) {}

  /** The whole experiment. */
  public static AftSettings full(Path output) {
    return new AftSettings(
        Setup.embedded(output, new Setup.Sizes(3000, 3000, 1, 160)),
        FineTuning.DONE,
        new ArmTraining(List.of(0L, 1L, 2L, 3L, 4L), 2, 16, 1e-3)
            .withLearningRates(Map.of(AftMethods.VFT, 1e-4)),
        new Methods(Aft.DEFAULT_BOUNDARY_MARGIN, 0.1, false),
        new Draws(4, 400, 1000),
        new Extras(
            List.of(Piece.values()),
            2000,
            List.of(1, 2, 4),
            List.of(0.0, 0.05, 0.15, 0.5, 1.5, Double.POSITIVE_INFINITY),
            1,
            16,
            6),
        new MultiTask(List.of(), null));
  }

  /** Minutes instead of hours: what the boundary constraint repairs, with one seed. */
  public static AftSettings quick(Path output) {
    AftSettings full = full(output);
    return new AftSettings(
        full.setup().withSizes(new Setup.Sizes(3000, 1000, 1, 160)),
        full.fineTuning(),
        full.arms()
            .withSeeds(1)
            .withOnly(List.of(AftMethods.VFT, AftMethods.RFT_1, AftMethods.NONE, AftMethods.BC)),
        full.methods(),
        new Draws(4, 200, full.draws().lessons()),
        full.extras().with(List.of(Piece.BINARY), 1000),
        full.tasks());
  }

  /** The same with another model, other problems or other sizes. */
  public AftSettings withSetup(Setup other) {
    return new AftSettings(other, fineTuning, arms, methods, draws, extras, tasks);
  }

  /** The same with other training. */
  public AftSettings withTraining(FineTuning tuning, ArmTraining training) {
    return new AftSettings(setup, tuning, training, methods, draws, extras, tasks);
  }

  /** The same with other arms. */
  public AftSettings withMethods(Methods other) {
    return new AftSettings(setup, fineTuning, arms, other, draws, extras, tasks);
  }

  /** The same with k candidates per question; the sweep ends at k. */
  public AftSettings withCandidates(int k) {
    Draws other = new Draws(k, draws.assessedQuestions(), draws.lessons());
    return new AftSettings(setup, fineTuning, arms, methods, other, extras.upTo(k), tasks);
  }

  /** The same with another number of rehearsed references. */
  public AftSettings withLessons(int n) {
    Draws other = new Draws(draws.candidates(), draws.assessedQuestions(), n);
    return new AftSettings(setup, fineTuning, arms, methods, other, extras, tasks);
  }

  /** The same with other parts and another number of questions of the sweeps. */
  public AftSettings withParts(List<Piece> parts, int validationQuestions) {
    Extras other = extras.with(parts, validationQuestions);
    return new AftSettings(setup, fineTuning, arms, methods, draws, other, tasks);
  }

  /** Whether a part is run. */
  boolean runs(Piece part) {
    return extras.parts().contains(part);
  }

  /** The same with other tasks. */
  public AftSettings withTasks(MultiTask other) {
    return new AftSettings(setup, fineTuning, arms, methods, draws, extras, other);
  }

  /** The options of the command with their values. */
  public Map<String, Object> options() {
    Map<String, Object> options = new LinkedHashMap<>(setup.options());
    if (!tasks.data().isEmpty()) {
      options.put("task-data", tasks.data().stream().map(TaskData::data).toList());
      options.put("task-test-data", tasks.data().stream().map(TaskData::testData).toList());
    }
    if (tasks.letters() != null) {
      options.put("letters", tasks.letters());
    }
    options.put(
        "parts",
        extras.parts().stream().map(part -> part.name().toLowerCase(Locale.ROOT)).toList());
    options.put("validation-questions", extras.validationQuestions());
    options.putAll(fineTuning.options());
    options.put("from-base", methods.fromBase());
    options.put("lessons", draws.lessons());
    options.put("candidates", draws.candidates());
    options.putAll(arms.options());
    options.put("boundary-margin", methods.boundaryMargin());
    options.put("dpo-beta", methods.dpoBeta());
    return options;
  }
}
