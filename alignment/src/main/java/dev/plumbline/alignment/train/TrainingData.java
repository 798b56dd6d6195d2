package dev.plumbline.alignment.train;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.objective.Objective;
import dev.plumbline.alignment.objective.Vft;
import dev.plumbline.data.UserError;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.row.TrainingRow;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.graph.TokenTree;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoded rows of a training file.
 *
 * @param examples training rows, in file order
 * @param rows number of rows of the file
 * @param tooLong number of rows left out because a sequence is longer than the limit
 */
public record TrainingData(List<Example> examples, int rows, int tooLong) {
  /**
   * Reads and encodes a file for an objective; with {@code maxLength} 0 the model's limit applies.
   *
   * @throws UserError when a row is malformed, does not fit the objective, or all rows are too long
   */
  public static TrainingData read(
      Path file, Objective objective, Checkpoint checkpoint, int maxLength) {
    RowEncoder encoder = new RowEncoder(checkpoint.tokenizer());
    int vocab = checkpoint.config().vocabSize();
    int limit = checkpoint.config().maxPositions();
    if (maxLength > 0) {
      limit = Math.min(limit, maxLength);
    }
    List<Example> examples = new ArrayList<>();
    int tooLong = 0;
    List<TrainingRow> rows =
        TrainingRows.read(file, !(objective instanceof Vft)); // vft does not need candidates
    List<Example> all = rows.stream().map(row -> objective.example(row, encoder)).toList();
    all = objective.link(all);
    for (int i = 0; i < rows.size(); i++) {
      Example example = all.get(i);
      checkIds(file, i, example.tree(), vocab);
      if (example.longestTokens() > limit) {
        tooLong++;
      } else {
        examples.add(example);
      }
    }
    if (examples.isEmpty()) {
      throw new UserError(
          "No row of "
              + file
              + " can be trained on: all "
              + rows.size()
              + " are longer than "
              + limit
              + " tokens.");
    }
    return new TrainingData(examples, rows.size(), tooLong);
  }

  /**
   * Checks that all ids are in the vocabulary; rows count from 0 here and from 1 in the message.
   *
   * @throws UserError when one is not
   */
  public static void checkIds(Path file, int row, TokenTree tree, int vocab) {
    List<int[]> all = new ArrayList<>(tree.responses());
    all.add(tree.prompt());
    for (int[] ids : all) {
      for (int id : ids) {
        if (id < 0 || id >= vocab) {
          throw new UserError(
              "Row "
                  + (row + 1)
                  + " of "
                  + file
                  + " has the token id "
                  + id
                  + ", which is outside the model's vocabulary of "
                  + vocab
                  + ".");
        }
      }
    }
  }
}
