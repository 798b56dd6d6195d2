package dev.plumbline.alignment.criticaltokens;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Writes the results of rollouts, one row per trajectory. */
public final class TokenScoreFile {
  private TokenScoreFile() {}

  /**
   * The results for a trajectory.
   *
   * @param critical position of its critical token, if it has one
   * @param replaced number of rollouts with a correct answer after another token in its place, -1
   *     if not tried
   * @param control position of a random other token, -1 if not tried
   * @param controlled number of rollouts with a correct answer after another token in the place of
   *     the control
   */
  public record Found(
      Trajectory trajectory,
      RolloutScores scores,
      OptionalInt critical,
      int replaced,
      int control,
      int controlled) {}

  /** Writes the rows. */
  public static void write(Path file, List<Found> all, Tokenizer tokenizer) {
    List<ObjectNode> rows = new ArrayList<>();
    for (Found found : all) {
      ObjectNode row = Jsonl.mapper().createObjectNode();
      Trajectory t = found.trajectory();
      row.put("id", t.problem().id());
      row.put("prompt", t.problem().prompt());
      row.put("response", tokenizer.decode(t.response()));
      ArrayNode ids = row.putArray("response_ids");
      ArrayNode tokens = row.putArray("tokens");
      for (int id : t.response()) {
        ids.add(id);
        tokens.add(tokenizer.decode(id));
      }
      row.put("rollouts", found.scores().rollouts());
      ArrayNode right = row.putArray("right");
      ArrayNode drawn = row.putArray("drawn");
      for (int p = 0; p < found.scores().right().length; p++) {
        right.add(found.scores().right()[p]);
        drawn.add(found.scores().drawn()[p]);
      }
      if (found.critical().isPresent()) {
        row.put("critical", found.critical().getAsInt());
      } else {
        row.putNull("critical");
      }
      if (found.replaced() >= 0) {
        row.put("right_replaced", found.replaced());
      }
      if (found.control() >= 0) {
        row.put("control", found.control());
        row.put("right_control", found.controlled());
      }
      rows.add(row);
    }
    Jsonl.write(file, rows);
  }
}
