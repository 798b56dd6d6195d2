package dev.plumbline.alignment.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.cli.option.Bar;
import dev.plumbline.alignment.cli.option.OpsOption;
import dev.plumbline.alignment.run.Journal;
import dev.plumbline.alignment.run.KeptScores;
import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.train.TrainingData;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.graph.TokenTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code plumbline score}. */
@Command(
    name = "score",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Computes log-probabilities of given responses.",
      "Reads rows {prompt|prompt_ids, response|response_ids} and adds token_ids, logprobs, "
          + "sum and mean. With response_mask, sum and mean cover the tokens whose mask is 1."
    })
final class ScoreCommand implements Callable<Integer> {
  /** Settings that decide the scores. */
  private record Settings(String model, Path data, OpMode ops) {}

  @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
  private Path model;

  @Option(names = "--data", required = true, paramLabel = "FILE", description = "JSONL rows.")
  private Path data;

  @Option(names = "--output", required = true, paramLabel = "FILE", description = "JSONL result.")
  private Path output;

  @Mixin private final OpsOption ops = new OpsOption();

  @Override
  public Integer call() {
    List<ObjectNode> rows = Jsonl.read(data);
    try (Journal journal = Journal.beside(output, data);
        Checkpoint checkpoint = Checkpoint.hashed(model, ops.frozen());
        Bar bar = new Bar("score", rows.size())) {
      RowEncoder encoder = new RowEncoder(checkpoint.tokenizer());
      List<TokenTree> trees = new ArrayList<>();
      List<TokenText> responses = new ArrayList<>();
      for (int i = 0; i < rows.size(); i++) {
        TokenText prompt = TrainingRows.text(data, i + 1, rows.get(i), "prompt");
        responses.add(TrainingRows.text(data, i + 1, rows.get(i), "response"));
        int[] response = encoder.response(prompt, responses.get(i));
        if (response.length == 0) {
          throw new UserError(
              "Row "
                  + (i + 1)
                  + " of "
                  + data
                  + " has an empty response; give at least one token.");
        }
        TokenTree tree = new TokenTree(encoder.prompt(prompt), List.of(response));
        TrainingData.checkIds(data, i, tree, checkpoint.config().vocabSize());
        trees.add(tree);
      }
      journal.resume("score", new Settings(ModelHash.identity(checkpoint), data, ops.mode()));
      List<List<float[]>> scores =
          new KeptScores(journal, bar::advance).score(checkpoint.weights(), ops.mode(), trees);
      for (int i = 0; i < rows.size(); i++) {
        add(
            rows.get(i),
            trees.get(i).responses().get(0),
            scores.get(i).get(0),
            responses.get(i).scored());
        if (!Double.isFinite(rows.get(i).path("sum").asDouble())) {
          throw new UserError(
              "Row "
                  + (i + 1)
                  + " of "
                  + data
                  + " has the log-probability "
                  + rows.get(i).path("sum").asDouble()
                  + ": the activations of "
                  + model
                  + " leave the range of float32 there.");
        }
      }
      Jsonl.write(output, rows);
      journal.finish();
    }
    return 0;
  }

  private static void add(ObjectNode row, int[] ids, float[] logProbs, boolean[] scored) {
    ArrayNode tokens = row.putArray("token_ids");
    ArrayNode values = row.putArray("logprobs");
    double sum = 0;
    int counted = 0;
    for (int t = 0; t < ids.length; t++) {
      tokens.add(ids[t]);
      values.add(logProbs[t]);
      if (scored == null || scored[t]) {
        sum += logProbs[t];
        counted++;
      }
    }
    row.put("sum", sum);
    row.put("mean", sum / counted);
  }
}
