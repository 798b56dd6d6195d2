package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.report.study.Study;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The model and the problems of an experiment.
 *
 * @param output directory of everything it writes
 * @param model base model directory; null takes the embedded model
 * @param data training problems; null takes generated ones
 * @param testData held-out problems; null takes generated ones
 * @param questions training questions
 * @param testQuestions held-out questions of all tables
 * @param maxTokens maximum number of tokens of a solution
 */
public record Setup(
    Path output,
    Path model,
    Path data,
    Path testData,
    int questions,
    int testQuestions,
    int maxTokens) {

  /** The embedded model and generated problems, in full size. */
  public static Setup full(Path output) {
    return new Setup(output, null, null, null, 1000, 1500, 200);
  }

  /** The same, small. */
  public static Setup quick(Path output) {
    return new Setup(output, null, null, null, 400, 500, 200);
  }

  /** Whether problems are generated. */
  public boolean generated() {
    return data == null;
  }

  /** The base model; the embedded one is extracted into the output directory. */
  public Path base() throws IOException {
    return model != null ? model : EmbeddedModel.extract(output.resolve("model"));
  }

  /** The problems; {@code validation} of them are in no table. */
  public ProblemSplit problems(int validation) {
    return generated()
        ? ProblemSplit.generated(questions, testQuestions, validation)
        : ProblemSplit.read(data, testData, questions, testQuestions, validation);
  }

  /** Note at the top of the report. */
  public String note(String paperScale) {
    return model == null
        ? "Tiny model, generated problems. The figures come from a Llama of 0.9 million parameters on generated word "
            + "problems. They show what the methods do at this scale; the paper's figures come from "
            + paperScale
            + "."
        : "The figures hold for the model, the problems and the settings named at the end of the page.";
  }

  /** The facts that every experiment states. */
  public List<Study.Fact> facts(
      String command, Record settings, ProblemSplit problems, String source) {
    List<Study.Fact> facts = new ArrayList<>();
    facts.add(new Study.Fact("Command", command));
    facts.add(
        new Study.Fact("Model", model == null ? EmbeddedModel.DESCRIPTION : model.toString()));
    facts.add(new Study.Fact("Problems", problems.description()));
    facts.add(new Study.Fact("Training questions", Integer.toString(problems.train().size())));
    facts.add(new Study.Fact("Held-out questions", Integer.toString(problems.test().size())));
    facts.add(
        new Study.Fact(
            "Training questions removed because they are in the test set",
            Integer.toString(problems.dropped())));
    facts.addAll(SettingsFacts.of(settings));
    facts.add(new Study.Fact("Source", source));
    return facts;
  }
}
