package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.cli.option.ObjectiveOptions;
import dev.plumbline.alignment.cli.option.OpsOption;
import dev.plumbline.alignment.cli.option.ReferenceCacheOption;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.train.LossModel;
import dev.plumbline.alignment.train.Reference;
import dev.plumbline.alignment.train.ReferenceCache;
import dev.plumbline.alignment.train.TrainingData;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.optim.Gradients;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.graph.LlamaGraph;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code plumbline objective}. */
@Command(
    name = "objective",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = ObjectiveOptions.class,
    description = {
      "Prints the value and the gradient norms of an objective on a file.",
      "Prints one JSON object to standard output. The file is one batch."
    })
final class ObjectiveCommand implements Callable<Integer> {
  @Option(
      names = "--objective",
      required = true,
      paramLabel = "NAME",
      description = ObjectiveOptions.DESCRIPTION)
  private String name;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Policy model directory.")
  private Path model;

  @Option(
      names = "--reference",
      paramLabel = "DIR",
      description = "Reference model directory (default: the policy).")
  private Path reference;

  @Option(names = "--data", required = true, paramLabel = "FILE", description = "JSONL rows.")
  private Path data;

  @Option(
      names = "--explain",
      description = "Print the named factors of each row's value to standard error.")
  private boolean explain;

  @Mixin private final OpsOption ops = new OpsOption();

  @Spec private CommandSpec spec;

  @Mixin private final ReferenceCacheOption referenceCache = new ReferenceCacheOption();

  @Override
  public Integer call() throws IOException {
    Objective objective = Objectives.of(name, ObjectiveOptions.values(spec));
    if (objective.needsReference()) {
      Checkpoint.checkSameTokens(model, frozen());
    }
    try (Checkpoint policy = Checkpoint.read(model)) {
      List<Example> examples = TrainingData.read(data, objective, policy, 0).examples();
      List<List<float[]>> referenceScores =
          objective.needsReference() ? referenceScores(policy, examples) : null;
      try (Checkpoint live =
              objective.needsDistribution() ? Checkpoint.frozen(frozen(), ops.mode()) : null;
          LossModel lossModel =
              new LossModel(
                  policy.weights(),
                  objective,
                  ops.mode(),
                  new LlamaGraph.GraphOptions(null, live == null ? null : live.weights(), false));
          LossModel.Result result = lossModel.run(MicroBatch.whole(examples, referenceScores))) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (!Double.isFinite(result.loss())) {
          throw new UserError(
              "The value of "
                  + objective.name()
                  + " is "
                  + result.loss()
                  + ": the activations of "
                  + model
                  + " leave the range of float32 on these rows.");
        }
        json.put("value", result.loss());
        json.put("grad_norm", Gradients.globalNorm(result.gradients()));
        json.put("grad_norms", Gradients.norms(result.gradients()));
        System.out.println(new ObjectMapper().writeValueAsString(json));
        if (explain) {
          for (int i = 0; i < examples.size(); i++) {
            System.err.print(objective.explain(examples.get(i), result.scores().get(i)).text());
          }
        }
      }
    }
    return 0;
  }

  private Path frozen() {
    return reference == null ? model : reference;
  }

  private List<List<float[]>> referenceScores(Checkpoint policy, List<Example> examples) {
    Path directory = frozen();
    ReferenceCache.Found found =
        new Reference(directory, policy, ops.mode())
            .scores(examples, referenceCache.directory(), () -> ModelHash.of(directory));
    ReferenceCacheOption.report(examples.size(), found.cached());
    return found.scores();
  }
}
