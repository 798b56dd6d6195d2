package dev.plumbline.alignment.aft;

import dev.plumbline.alignment.experiment.Workspace;
import java.nio.file.Path;
import java.util.List;

/**
 * Size and settings of a reproduction of the AFT paper.
 *
 * @param output directory of everything it writes
 * @param model base model directory; null takes the embedded model, which is fine-tuned already
 * @param data training problems; null takes generated ones
 * @param testData held-out problems; null takes generated ones
 * @param vftEpochs passes of vanilla fine-tuning before anything else; 0 when the model has been
 *     fine-tuned
 * @param vftLearningRate its peak rate
 * @param fromBase whether the aligned arms start from the base model instead of the fine-tuned one
 *     (spec O2, default false)
 * @param trainQuestions questions whose candidates are trained on
 * @param testQuestions held-out questions of all tables
 * @param validationQuestions questions of the sweeps; the tables never see them
 * @param assessedQuestions training questions, and held-out ones, whose candidates are assessed
 * @param candidates k, solutions drawn for each question
 * @param seeds one run of every arm each: the data's order
 * @param epochs passes over the training questions
 * @param batchSize questions a step
 * @param learningRate peak rate of every arm
 * @param beta margin of every boundary
 * @param dpoBeta strength of DPO's reference
 * @param ranking whether the arms on ranking feedback are run
 * @param sweepCandidates the numbers of candidates to sweep, none above {@code candidates}
 * @param sweepBetas the margins to sweep
 * @param votes solutions drawn a held-out question for self-consistency; 0 leaves it out
 * @param maxTokens most tokens of a solution
 * @param checkpoints of one fine-tuning run for the pilot's correlation; 0 leaves it out
 * @param tasks further tasks that one model learns jointly with {@code data}; empty takes generated
 *     ones
 * @param multiTask whether the multi-task table is made
 * @param letters multiple-choice problems without solutions, such as MMLU's, scored by the letters'
 *     probabilities in the multi-task table; null for none
 */
public record AftSettings(
    Path output,
    Path model,
    Path data,
    Path testData,
    double vftEpochs,
    double vftLearningRate,
    boolean fromBase,
    int trainQuestions,
    int testQuestions,
    int validationQuestions,
    int assessedQuestions,
    int candidates,
    List<Long> seeds,
    double epochs,
    int batchSize,
    double learningRate,
    double beta,
    double dpoBeta,
    boolean ranking,
    List<Integer> sweepCandidates,
    List<Double> sweepBetas,
    int votes,
    int maxTokens,
    int checkpoints,
    boolean multiTask,
    List<TaskData> tasks,
    Path letters) {

  /** What training needs of it. */
  Workspace.Settings stages() {
    return new Workspace.Settings(
        output, seeds, vftEpochs, vftLearningRate, epochs, batchSize, learningRate, null);
  }

  /**
   * A task's files.
   *
   * @param data training problems
   * @param testData held-out problems
   */
  public record TaskData(Path data, Path testData) {}
}
