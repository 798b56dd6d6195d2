package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.cli.option.ObjectiveOptions;
import dev.plumbline.alignment.objective.Hyperparameter;
import dev.plumbline.alignment.objective.Hyperparameters;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.ObjectiveSpec;
import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.alignment.train.TrainingData;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.row.TrainingRow;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline inspect}. */
@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = ObjectiveOptions.ObjectiveList.class,
    description = {
      "Prints a training row token by token, as the trainer sees it.",
      "Weight 0 marks tokens that the objective does not train, such as the prompt."
    })
final class InspectCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Model directory; only its tokenizer is used.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "FILE",
      description = "JSONL training rows.")
  private Path data;

  @Option(
      names = "--objective",
      defaultValue = "vft",
      paramLabel = "NAME",
      description = "Objective whose token weights are shown (default: ${DEFAULT-VALUE}).")
  private String name;

  @Option(
      names = "--row",
      defaultValue = "1",
      description = "Number of the usable row, from 1 (default: ${DEFAULT-VALUE}).")
  private int row;

  @Override
  public Integer call() {
    ObjectiveSpec spec = Objectives.spec(name);
    Objective objective = // with the likelihood term, whose target is shown, too
        spec.create(
            spec.defaults().containsKey(Hyperparameter.VFT_WEIGHT)
                ? Hyperparameters.of(Hyperparameter.VFT_WEIGHT, 1.0)
                : Hyperparameters.NONE);
    try (Checkpoint checkpoint = Checkpoint.frozen(model, OpMode.FUSED)) {
      List<Example> examples = TrainingData.read(data, objective, checkpoint, 0).examples();
      if (row < 1 || row > examples.size()) {
        throw new UserError(
            "row is " + row + ", and " + data + " has usable rows 1 to " + examples.size() + ".");
      }
      Example example = examples.get(row - 1);
      checkpoint.tokenizer().ends().describe(checkpoint.tokenizer()).forEach(System.out::println);
      apart(new RowEncoder(checkpoint.tokenizer()));
      System.out.printf("row %d of %d for %s%n", row, examples.size(), objective.name());
      print(checkpoint, "prompt", example.prompt(), null, null, 0);
      for (Response response : example.responses()) {
        print(
            checkpoint,
            response.role().name().toLowerCase(Locale.ROOT) + " (reward " + response.reward() + ")",
            response.ids(),
            response.weights(),
            response.scored(),
            1);
      }
    }
    return 0;
  }

  /** Reports responses whose ids differ from those of the joint text, and why. */
  private void apart(RowEncoder encoder) {
    List<Integer> apart = new ArrayList<>();
    List<TrainingRow> rows = TrainingRows.read(data);
    for (int i = 0; i < rows.size(); i++) {
      TokenText prompt = rows.get(i).prompt();
      if (!rows.get(i).responses().stream().allMatch(response -> encoder.joins(prompt, response))) {
        apart.add(i + 1);
      }
    }
    if (!apart.isEmpty()) {
      System.out.println(
          "The joint text of prompt and response begins with other ids than the prompt in "
              + apart.size()
              + " of "
              + rows.size()
              + " rows of the file ("
              + apart.stream().limit(8).map(String::valueOf).collect(Collectors.joining(", "))
              + (apart.size() > 8 ? ", …" : "")
              + "): there the prompt keeps its ids, and the response is encoded as its continuation.");
    }
  }

  private static void print(
      Checkpoint checkpoint,
      String title,
      int[] ids,
      float[] weights,
      boolean[] scored,
      float weight) {
    System.out.printf(
        "%n%s, %d tokens%n%8s %8s %8s  %s%n", title, ids.length, "place", "id", "weight", "token");
    for (int t = 0; t < ids.length; t++) {
      String text = checkpoint.tokenizer().token(ids[t]).replace("\n", "\\n");
      System.out.printf(
          Locale.ROOT,
          "%8d %8d %8.3f  '%s'%n",
          t,
          ids[t],
          scored != null && !scored[t] ? 0 : weights == null ? weight : weights[t],
          text);
    }
  }
}
