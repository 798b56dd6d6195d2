package dev.plumbline.alignment.scdpo;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.files.TrainingRows;
import dev.plumbline.data.io.AtomicFile;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.tensor.random.RandomStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The files of a directory of pairs (SCDPO, section 3.1; file names inferred, I). */
public final class PairFiles {
  /** Naive pairs: a correct and a wrong solution of each question. */
  public static final String NAIVE = "naive.jsonl";

  /** Step-controlled pairs: a correct solution and a wrong continuation. */
  public static final String STEP_CONTROLLED = "step-controlled.jsonl";

  /** Both kinds, shuffled: the training data of SCDPO. */
  public static final String SCDPO = "scdpo.jsonl";

  /**
   * Naive pairs only, with the same number per question as {@link #SCDPO} if enough wrong solutions
   * were sampled.
   */
  public static final String DATA_EQUAL = "data-equal.jsonl";

  /** Counts of sampled, kept and left-out solutions. */
  public static final String COUNTS = "counts.json";

  /** All files. */
  public static final List<String> ALL = List.of(NAIVE, STEP_CONTROLLED, SCDPO, DATA_EQUAL, COUNTS);

  private PairFiles() {}

  /**
   * Counts of a directory.
   *
   * @param questions number of questions
   * @param drawn number of independently sampled solutions
   * @param flagged number of correct solutions skipped because of words of error or apology
   * @param naive number of naive pairs
   * @param cuts number of cuts of correct solutions
   * @param tries number of sampled continuations
   * @param stillRight number of correct continuations
   * @param garbled number of continuations left out by the noise filter
   * @param stepControlled number of step-controlled pairs
   * @param dataEqual number of pairs of the equal-data control
   */
  public record Counts(
      int questions,
      int drawn,
      int flagged,
      int naive,
      int cuts,
      int tries,
      int stillRight,
      int garbled,
      int stepControlled,
      int dataEqual) {}

  /** Writes all files; {@link #COUNTS} last. */
  public static Counts write(
      Path folder,
      List<NaivePairs.Question> questions,
      StepControl.Result result,
      PairRows rows,
      long seed)
      throws IOException {
    ObjectNode json = writeRows(folder, questions, result, rows, seed);
    AtomicFile.write(
        folder.resolve(COUNTS),
        Jsonl.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(json));
    return counts(json);
  }

  /** The content of {@link #COUNTS} without its histograms. */
  static Counts counts(ObjectNode json) throws IOException {
    return Jsonl.mapper()
        .readerFor(Counts.class)
        .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .readValue(json);
  }

  /** Writes all files but {@link #COUNTS}, and returns its content. */
  static ObjectNode writeRows(
      Path folder,
      List<NaivePairs.Question> questions,
      StepControl.Result result,
      PairRows rows,
      long seed)
      throws IOException {
    Files.createDirectories(folder);
    List<PreferencePair> naive = new ArrayList<>();
    List<PreferencePair> equal = new ArrayList<>();
    List<PreferencePair> controlled = new ArrayList<>();
    int[] own = new int[questions.size()];
    for (StepControl.Negative negative : result.negatives()) {
      controlled.add(rows.stepControlled(questions.get(negative.question()).problem(), negative));
      own[negative.question()]++;
    }
    for (int q = 0; q < own.length; q++) {
      naive.addAll(rows.naive(questions.get(q), 1));
      equal.addAll(rows.naive(questions.get(q), 1 + own[q]));
    }
    List<PreferencePair> both = new ArrayList<>(naive);
    both.addAll(controlled);
    int[] order = RandomStream.of(seed, "order of pairs").permutation(both.size());
    TrainingRows.write(folder.resolve(NAIVE), naive);
    TrainingRows.write(folder.resolve(STEP_CONTROLLED), controlled);
    TrainingRows.write(folder.resolve(SCDPO), Arrays.stream(order).mapToObj(both::get).toList());
    TrainingRows.write(folder.resolve(DATA_EQUAL), equal);
    Counts counts =
        new Counts(
            questions.size(),
            questions.stream().mapToInt(NaivePairs.Question::drawn).sum(),
            questions.stream().mapToInt(NaivePairs.Question::flagged).sum(),
            naive.size(),
            result.cuts(),
            result.tries(),
            result.stillRight(),
            result.garbled().values().stream().mapToInt(n -> n).sum(),
            controlled.size(),
            equal.size());
    ObjectNode json = Jsonl.mapper().valueToTree(counts);
    json.set("garbled_by_reason", Jsonl.mapper().valueToTree(result.garbled()));
    json.set("tries_of_found", Jsonl.mapper().valueToTree(StepControl.histogram(result)));
    return json;
  }
}
