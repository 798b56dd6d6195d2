package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.train.RunFiles;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.Checkpoint;
import dev.plumbline.transformer.Lora;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code plumbline merge}. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Adds a low-rank adapter to the weights of its base and writes a model that needs no adapter.",
      "Every other command reads an adapter's directory as it is."
    },
    footer = {"", "Example:", "  plumbline merge model=runs/lora output=runs/merged dtype=BF16"})
final class MergeCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "The adapter, in PEFT's layout.")
  private Path model;

  @Option(names = "--output", required = true, paramLabel = "DIR", description = "The model.")
  private Path output;

  @Option(
      names = "--dtype",
      defaultValue = "F32",
      description = "Type of the written weights: F32, BF16 or F16 (default: ${DEFAULT-VALUE}).")
  private Dtype dtype;

  @Override
  public Integer call() {
    TrainCommand.weights("dtype", dtype);
    if (!Lora.isAdapter(model)) {
      throw new UserError(
          "The directory " + model + " has no " + Lora.CONFIG + ", so there is nothing to merge.");
    }
    if (RunFiles.sameDirectory(model, output) || RunFiles.sameDirectory(Lora.base(model), output)) {
      throw new UserError(
          "The output " + output + " is the adapter or its base; choose another directory.");
    }
    try (Checkpoint checkpoint = Checkpoint.frozen(model, OpMode.FUSED)) {
      try (Bar bar = new Bar("merge", checkpoint.config().weightShapes().size())) {
        Checkpoint.write(output, checkpoint.weights(), model, dtype, bar::advance);
      }
    }
    System.out.println("Merged " + model + " into " + output);
    return 0;
  }
}
