package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.plumbline.alignment.cli.option.BatchOptions;
import dev.plumbline.alignment.cli.option.ObjectiveOptions;
import dev.plumbline.alignment.objective.Hyperparameters;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.alignment.plan.Machine;
import dev.plumbline.alignment.plan.Outlook;
import dev.plumbline.alignment.plan.Plan;
import dev.plumbline.alignment.plan.Resident;
import dev.plumbline.alignment.report.bench.PlanReport;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.TensorEntry;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.checkpoint.PublishedShapes;
import dev.plumbline.transformer.model.LlamaConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline plan}. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    modelTransformer = ObjectiveOptions.ObjectiveList.class,
    description = {
      "Predicts memory and time of a model, a method and a batch size.",
      "Needs no download and no run. Memory follows from the shape alone; times from the "
          + "peak speed of this machine, measured in two seconds."
    },
    footer = {
      "",
      "Examples:",
      "  ./plumbline plan model=llama-3.2-1b objective=dpo batch-size=4 \\",
      "      prompt-tokens=120 response-tokens=200",
      "  ./plumbline plan model=runs/vft objective=aft-bc responses=6"
    })
final class PlanCommand implements Callable<Integer> {
  /** For {@code --help} and completion. */
  private static final class Names extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    Names() {
      super(PublishedShapes.names());
    }
  }

  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR|NAME",
      completionCandidates = Names.class,
      description =
          "A model directory (config.json is enough), or a published model: ${COMPLETION-CANDIDATES}.")
  private String model;

  @Option(
      names = "--objective",
      defaultValue = "vft",
      paramLabel = "NAME",
      description = "Objective, by its name in the list below (default: ${DEFAULT-VALUE}).")
  private String objective;

  @Mixin private final BatchOptions size = new BatchOptions();

  @Option(
      names = "--responses",
      defaultValue = "0",
      description = "Responses per row; 0 = 1 for vft and kto, 2 for pairs, 6 for candidates.")
  private int responses;

  @Option(
      names = "--prompt-tokens",
      defaultValue = "128",
      description = "Tokens per prompt (default: ${DEFAULT-VALUE}).")
  private int promptTokens;

  @Option(
      names = "--response-tokens",
      defaultValue = "128",
      description = "Tokens per response (default: ${DEFAULT-VALUE}).")
  private int responseTokens;

  @Option(
      names = "--rows",
      defaultValue = "1000",
      description = "Rows per epoch (default: ${DEFAULT-VALUE}).")
  private int rows;

  @Option(
      names = "--lora-rank",
      defaultValue = "8",
      paramLabel = "R",
      description = "Rank of the adapter (default: ${DEFAULT-VALUE}).")
  private int loraRank;

  @Option(
      names = "--stored",
      paramLabel = "DTYPE",
      description =
          "Data type of the stored weights: F32, BF16 or F16 (default: that of the files or config.json, else BF16).")
  private Dtype stored;

  @Option(
      names = "--json",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Print the figures as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    size.check();
    Ranges.positive("prompt-tokens", promptTokens);
    Ranges.positive("response-tokens", responseTokens);
    Ranges.positive("rows", rows);
    Ranges.positive("lora-rank", loraRank);
    if (stored != null) {
      Ranges.weights("stored", stored);
    }
    if (responses < 0) {
      throw new UserError("responses must be >= 0, but is " + responses + ".");
    }
    LlamaConfig config = PublishedShapes.of(model);
    Objective trained = Objectives.of(objective, Hyperparameters.NONE);
    Plan plan = new Plan(config, stored == null ? stored(Path.of(model)) : stored);
    Plan.Batch batch =
        new Plan.Batch(
            size.batchSize(),
            size.accumulate(),
            responses == 0 ? usualResponses() : responses,
            promptTokens,
            responseTokens);
    Outlook outlook =
        Outlook.of(
            plan, batch, loraRank, reference(trained), rows, Machine.measure(), Resident.machine());
    if (json) {
      System.out.println(
          new ObjectMapper()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .writeValueAsString(outlook.json(model, objective)));
    } else {
      System.out.print(PlanReport.text(model, objective, plan, batch, outlook));
    }
    return 0;
  }

  private static Outlook.Reference reference(Objective objective) {
    if (!objective.needsReference()) {
      return Outlook.Reference.NONE;
    }
    return objective.needsDistribution() ? Outlook.Reference.LIVE : Outlook.Reference.SCORED;
  }

  /** Typical number of responses of a row, by objective. */
  private int usualResponses() {
    if (objective.equals("vft") || objective.equals("kto")) {
      return 1;
    }
    boolean candidates = objective.matches("(aft|rrhf|pro)-?.*");
    return candidates ? 6 : 2;
  }

  /** Data type of the stored matrices; without files that of the configuration. */
  static Dtype stored(Path model) {
    Path files = Lora.isAdapter(model) ? Lora.base(model) : model;
    if (Files.isRegularFile(files.resolve("model.safetensors"))
        || Files.isRegularFile(files.resolve("model.safetensors.index.json"))) {
      try (SafetensorsReader reader = SafetensorsReader.open(files)) {
        Iterator<TensorEntry> matrices =
            reader.entries().values().stream().filter(e -> e.shape().length == 2).iterator();
        if (matrices.hasNext()) {
          return matrices.next().dtype();
        }
      }
    }
    JsonNode json = PublishedShapes.of(model.toString()).json();
    String named = json.path(json.has("dtype") ? "dtype" : "torch_dtype").asText("");
    return switch (named) {
      case "float32" -> Dtype.F32;
      case "float16" -> Dtype.F16;
      default -> Dtype.BF16;
    };
  }
}
