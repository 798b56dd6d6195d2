package dev.plumbline.alignment.experiment;

import dev.plumbline.alignment.evaluate.Measure;
import dev.plumbline.alignment.experiment.ProblemSplit.HeldOut;
import dev.plumbline.alignment.report.study.Study;
import dev.plumbline.alignment.run.Ranges;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The model and the problems of an experiment.
 *
 * @param output directory of everything it writes
 * @param model base model directory; null takes the embedded model
 * @param data training problems; null takes generated ones
 * @param testData held-out problems; null takes generated ones
 * @param heldOut which problems the tables are of
 * @param sizes how many questions and how long solutions
 */
public record Setup(
    Path output, Path model, Path data, Path testData, HeldOut heldOut, Sizes sizes) {

  /**
   * Sizes of an experiment.
   *
   * @param questions training questions
   * @param testQuestions held-out questions of all tables
   * @param samples sampled solutions per held-out question, for the sampled accuracy; 0 = none
   * @param maxTokens maximum number of tokens of a solution
   */
  public record Sizes(int questions, int testQuestions, int samples, int maxTokens) {
    /**
     * Checks the ranges.
     *
     * @throws UserError naming the option
     */
    public Sizes {
      Ranges.positive("questions", questions);
      Ranges.positive("test-questions", testQuestions);
      Ranges.atLeastZero("samples", samples);
      Ranges.positive("max-tokens", maxTokens);
    }
  }

  /** The embedded model and generated problems. */
  public static Setup embedded(Path output, Sizes sizes) {
    return new Setup(output, null, null, null, HeldOut.TEST, sizes);
  }

  /** The same with other sizes. */
  public Setup withSizes(Sizes other) {
    return new Setup(output, model, data, testData, heldOut, other);
  }

  /** The same with tables of other problems. */
  public Setup withHeldOut(HeldOut other) {
    return new Setup(output, model, data, testData, other, sizes);
  }

  /** What the main comparisons are made by: sampled accuracy only where samples are drawn. */
  public List<Measure> measures() {
    return sizes.samples() > 0 ? List.of(Measure.values()) : List.of(Measure.GREEDY);
  }

  /** Whether problems are generated. */
  public boolean generated() {
    return data == null;
  }

  /**
   * The model that an experiment begins with: the user's, or the embedded one, extracted into the
   * output directory. The embedded one is the base model where fine-tuning is still to be done, and
   * the fine-tuned one where it is not.
   */
  public Path base(FineTuning tuning) throws IOException {
    if (model != null) {
      return model;
    }
    return tuning.needed()
        ? EmbeddedModel.BASE.extract(output.resolve("base"))
        : EmbeddedModel.FINE_TUNED.extract(output.resolve("model"));
  }

  /** The problems; {@code validation} of them are for choices alone. */
  public ProblemSplit problems(int validation) {
    int questions = sizes.questions();
    int test = sizes.testQuestions();
    boolean choosing = heldOut == HeldOut.VALIDATION;
    int heldBack = choosing ? Math.max(validation, test) : validation;
    ProblemSplit split =
        generated()
            ? ProblemSplit.generated(EmbeddedModel.LESSONS, questions, test, heldBack)
            : ProblemSplit.read(data, testData, questions, test, heldBack);
    return choosing ? split.onValidation(test, validation) : split;
  }

  /** Note at the top of the report. */
  public String note(String paperScale) {
    return model == null && generated()
        ? "Tiny model, generated problems. The figures come from a Llama of 1.4 million parameters on generated word "
            + "problems. They show what the methods do at this scale; the paper's figures come from "
            + paperScale
            + "."
        : "The figures hold for the model, the problems and the settings named at the end of the page.";
  }

  private static String embedded(FineTuning tuning) {
    return tuning.needed()
        ? EmbeddedModel.BASE.description()
        : EmbeddedModel.FINE_TUNED.description();
  }

  /** The facts that every experiment states. */
  public List<Study.Fact> facts(
      Invocation invocation,
      Record settings,
      FineTuning tuning,
      ProblemSplit problems,
      String source) {
    List<Study.Fact> facts = new ArrayList<>();
    facts.add(new Study.Fact("Command", invocation.typed()));
    facts.add(new Study.Fact("The same again", invocation.repeat(output)));
    facts.add(RunFacts.environment());
    facts.add(new Study.Fact("Model", model != null ? model.toString() : embedded(tuning)));
    facts.add(new Study.Fact("Problems", problems.description()));
    if (!generated()) {
      facts.add(new Study.Fact("SHA-256 of " + data, RunFiles.sha256(data)));
      facts.add(new Study.Fact("SHA-256 of " + testData, RunFiles.sha256(testData)));
    }
    facts.add(
        new Study.Fact(
            "Problems whose references the model is fine-tuned on",
            Integer.toString(problems.lessons().size())));
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

  /** The options of a command with their values; those that are not given are absent. */
  public Map<String, Object> options() {
    Map<String, Object> options = new LinkedHashMap<>();
    if (model != null) {
      options.put("model", model);
    }
    if (data != null) {
      options.put("data", data);
      options.put("test-data", testData);
    }
    options.put("held-out", heldOut.name().toLowerCase(Locale.ROOT));
    options.put("questions", sizes.questions());
    options.put("test-questions", sizes.testQuestions());
    options.put("samples", sizes.samples());
    options.put("max-tokens", sizes.maxTokens());
    return options;
  }
}
