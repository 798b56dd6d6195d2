package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.experiment.Workspace;
import dev.plumbline.alignment.python.Python;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.nio.file.Path;
import java.util.List;

/**
 * Size and settings of a reproduction of the SCDPO paper.
 *
 * @param output directory of everything it writes
 * @param model base model directory; null takes the embedded model
 * @param data training problems; null takes generated ones
 * @param testData held-out problems; null takes generated ones
 * @param python what runs the code of code-integrated solutions; null leaves that part out
 * @param vftEpochs passes of supervised fine-tuning before anything else; 0 = done already
 * @param vftLearningRate its peak rate
 * @param codeQuestions generated problems that teach the embedded model to write code
 * @param trainQuestions questions of which pairs are made
 * @param testQuestions held-out questions of all tables
 * @param pilotQuestions questions of the temperature pilot
 * @param pilotTemperatures its temperatures
 * @param attempts K, most solutions of a question drawn for naive pairs
 * @param cuts most cuts of a right solution
 * @param minRemaining steps that a cut leaves at least
 * @param scoreOutputs whether what code printed is trained on
 * @param maxTries most continuations of a cut
 * @param temperature of step-controlled generation
 * @param seeds one run of every arm each: the data's order
 * @param epochs passes over the pairs
 * @param batchSize pairs a step
 * @param learningRate peak rate of every arm on chains of thought
 * @param codeLearningRate the same on code-integrated solutions, which are longer, so that a sum
 *     over their tokens moves further
 * @param beta strength of the reference
 * @param creditQuestions held-out questions whose wrong solutions are looked at token by token
 * @param maxTokens most tokens of a solution
 */
public record ScdpoSettings(
    Path output,
    Path model,
    Path data,
    Path testData,
    Python.Kind python,
    double vftEpochs,
    double vftLearningRate,
    int codeQuestions,
    int trainQuestions,
    int testQuestions,
    int pilotQuestions,
    List<Double> pilotTemperatures,
    int attempts,
    int cuts,
    int minRemaining,
    boolean scoreOutputs,
    int maxTries,
    TemperatureSchedule temperature,
    List<Long> seeds,
    double epochs,
    int batchSize,
    double learningRate,
    double codeLearningRate,
    double beta,
    int creditQuestions,
    int maxTokens) {
  /** What training needs of it, in a directory of its own, with a peak rate of the arms. */
  Workspace.Settings stages(Path folder, double rate) {
    return new Workspace.Settings(
        folder, seeds, vftEpochs, vftLearningRate, epochs, batchSize, rate, null);
  }
}
