package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.alignment.cli.option.OpsOption;
import dev.plumbline.alignment.cli.option.TopOptions;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.SamplingOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline generate}. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Generates a continuation of a prompt.")
final class GenerateCommand implements Callable<Integer> {
  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
  private Path model;

  @Option(
      names = "--prompt",
      required = true,
      paramLabel = "TEXT",
      description = "Text to continue.")
  private String prompt;

  @Option(
      names = "--max-tokens",
      defaultValue = "256",
      description = "Maximum number of new tokens (default: ${DEFAULT-VALUE}).")
  private int maxTokens;

  @Option(
      names = "--temperature",
      defaultValue = "0",
      description = "Sampling temperature; 0 = greedy (default: ${DEFAULT-VALUE}).")
  private double temperature;

  @Mixin private final TopOptions top = new TopOptions();

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "Stop at this text; may be given more than once.")
  private List<String> stop = List.of();

  @Option(
      names = "--seed",
      defaultValue = "0",
      description = "Seed of the draws (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--json",
      arity = "0..1",
      fallbackValue = "true",
      paramLabel = "true|false",
      description = "Print {text, token_ids, finish_reason}.")
  private boolean json;

  @Mixin private final OpsOption ops = new OpsOption();

  @Override
  public Integer call() throws IOException {
    SamplingOptions options =
        new SamplingOptions(maxTokens, temperature, top.topK(), top.topP(), stop);
    try (Checkpoint checkpoint = Checkpoint.frozen(model, ops.mode());
        Sampler sampler =
            new Sampler(checkpoint.weights(), checkpoint.tokenizer(), ops.mode(), 1)) {
      int[] ids = checkpoint.tokenizer().encodePrompt(prompt);
      Sample sample =
          sampler
              .sample(
                  List.of(new Sampler.Request(ids, 1, RandomStream.of(seed, "generate"))),
                  options,
                  done -> {})
              .get(0)
              .get(0);
      String text = checkpoint.tokenizer().decode(sample.ids());
      if (json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("text", text);
        result.put("token_ids", sample.ids());
        result.put("finish_reason", sample.reason().name().toLowerCase(Locale.ROOT));
        System.out.println(new ObjectMapper().writeValueAsString(result));
      } else {
        System.out.println(text);
      }
    }
    return 0;
  }
}
