package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.nio.file.Path;
import java.util.List;

/**
 * Size and settings of a reproduction of the critical-tokens paper.
 *
 * @param output directory of everything it writes
 * @param model base model directory; null takes the embedded model
 * @param data training problems; null takes generated ones
 * @param testData held-out problems; null takes generated ones
 * @param vftEpochs passes of supervised fine-tuning before anything else; 0 = done already
 * @param vftLearningRate its peak rate
 * @param trainQuestions questions whose solutions train the estimator and the arms
 * @param testQuestions held-out questions of all tables
 * @param trajectories wrong solutions of held-out questions that are searched by rollouts
 * @param planted most problems in whose right solutions an error is planted
 * @param rollouts of each position
 * @param candidates solutions a training question
 * @param temperature of solutions and rollouts
 * @param topP of solutions and rollouts
 * @param estimatorEpochs passes of the positive and the negative model
 * @param estimatorLearningRate their peak rate
 * @param estimatorBeta how strongly the negative model counts
 * @param sweepBetas the same, swept: how well the estimate agrees with rollouts, and what
 *     critical-DPO makes of it; may be empty
 * @param lora adapters in place of full fine-tuning of estimator and arms, or null
 * @param seeds one run of every arm each: the data's order
 * @param epochs passes over the pairs
 * @param batchSize pairs a step
 * @param learningRate peak rate of every arm
 * @param beta strength of the reference
 * @param maxTokens most tokens of a solution
 */
public record CriticalSettings(
    Path output,
    Path model,
    Path data,
    Path testData,
    double vftEpochs,
    double vftLearningRate,
    int trainQuestions,
    int testQuestions,
    int trajectories,
    int planted,
    int rollouts,
    int candidates,
    double temperature,
    double topP,
    double estimatorEpochs,
    double estimatorLearningRate,
    double estimatorBeta,
    List<Double> sweepBetas,
    Lora.Settings lora,
    List<Long> seeds,
    double epochs,
    int batchSize,
    double learningRate,
    double beta,
    int maxTokens) {
  SamplingOptions options() {
    return new SamplingOptions(maxTokens, temperature, 0, topP, List.of());
  }

  Workspace.Settings stages() {
    return new Workspace.Settings(
        output, seeds, vftEpochs, vftLearningRate, epochs, batchSize, learningRate, lora);
  }

  /** The same for the models of the estimator: one seed, passes and rate of their own. */
  Workspace.Settings estimatorStages() {
    return new Workspace.Settings(
        output,
        List.of(seeds.get(0)),
        vftEpochs,
        vftLearningRate,
        estimatorEpochs,
        batchSize,
        estimatorLearningRate,
        lora);
  }
}
