package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.RunLock;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.Lora;
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
      "Merges a LoRA adapter into its base and writes a full model.",
      "Every other command also reads an adapter directory as it is."
    },
    footer = {"", "Example:", "  ./plumbline merge model=runs/lora output=runs/merged dtype=BF16"})
final class MergeCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "DIR",
      description = "Adapter directory in PEFT's layout.")
  private Path model;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the merged model.")
  private Path output;

  @Option(
      names = "--dtype",
      defaultValue = "F32",
      description =
          "Data type of the written weights: F32, BF16 or F16 (default: ${DEFAULT-VALUE}).")
  private Dtype dtype;

  /** Settings that decide the result. */
  private record Made(String weights, Dtype dtype) {}

  @Override
  public Integer call() {
    Ranges.weights("dtype", dtype);
    if (!Lora.isAdapter(model)) {
      throw new UserError(
          "The directory " + model + " has no " + Lora.CONFIG + ", so there is nothing to merge.");
    }
    if (RunFiles.sameDirectory(model, output) || RunFiles.sameDirectory(Lora.base(model), output)) {
      throw new UserError(
          "The output " + output + " is the adapter or its base; choose another directory.");
    }
    RunFiles.refuseForeign(output);
    try (Checkpoint checkpoint = Checkpoint.hashed(model, true);
        RunLock lock = RunLock.directory(output)) {
      String weights = ModelHash.of(model, checkpoint.weights().hashes()).all();
      if (RunFiles.alreadyMade(output, "merge", new Made(weights, dtype))) {
        System.out.println("Already complete, in " + output);
        return 0;
      }
      try (Bar bar = new Bar("merge", checkpoint.config().weightShapes().size())) {
        Checkpoint.write(output, checkpoint.weights(), model, dtype, bar::advance);
      }
      RunFiles.made(output, "merge");
    }
    System.out.println("Merged " + model + " into " + output);
    return 0;
  }
}
