package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.alignment.generate.ProblemSampler;
import dev.plumbline.data.problem.Grade;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Wrong solutions whose erroneous token is known by construction: in a correct solution of the
 * model, a number is replaced by a wrong one, and the model continues from there. The solution is
 * correct up to the first token that differs.
 */
public final class PlantedErrors {
  private PlantedErrors() {}

  /** Which number is replaced. */
  public enum Place {
    /**
     * The final answer: {@code #### 7} becomes {@code #### 9}. No solution recovers, because this
     * number is graded.
     */
    ANSWER("#### ()(\\d+)"),
    /**
     * The result of a calculation: {@code <<3+4=7>>7} becomes {@code <<3+4=9>>9}. Every later
     * calculation uses it. A model that repeats the calculation may recover between the two
     * numbers.
     */
    RESULT("=(\\d+)>>(\\d+)");

    private final Pattern pattern;

    Place(String regex) {
      pattern = Pattern.compile(regex);
    }

    private String written(long number) {
      return this == ANSWER ? Long.toString(number) : number + ">>" + number;
    }
  }

  /**
   * A trajectory with its planted error.
   *
   * @param fatal index in the response of the first token that differs from the correct solution
   */
  public record Planted(Trajectory trajectory, int fatal) {}

  /**
   * Samples one solution of each problem, plants an error in each correct one and lets the model
   * continue; solutions that end with a wrong answer are kept.
   */
  public static List<Planted> plant(
      Generator generator,
      Tokenizer tokenizer,
      List<Problem> problems,
      Place place,
      TemperatureSchedule temperature,
      long seed,
      IntConsumer progress) {
    List<List<ProblemSampler.Solution>> drawn =
        ProblemSampler.solve(generator, tokenizer, problems, 1, temperature, seed, progress);
    RandomStream random = RandomStream.of(seed, "planted errors");
    List<Planted> begun = new ArrayList<>();
    List<Sampler.Request> requests = new ArrayList<>();
    for (int i = 0; i < problems.size(); i++) {
      ProblemSampler.Solution solution = drawn.get(i).get(0);
      RandomStream own = random.child(problems.get(i).question());
      if (solution.grade().correct()) {
        wrong(solution, tokenizer, problems.get(i), place, own)
            .ifPresent(
                planted -> {
                  begun.add(planted);
                  int[] tokens = planted.trajectory().tokens();
                  requests.add(new Sampler.Request(tokens, 1, own.child("rest")));
                });
      }
    }
    List<Planted> all = new ArrayList<>();
    List<List<Sample>> rest = generator.solve(requests, temperature, done -> {});
    for (int i = 0; i < begun.size(); i++) {
      Trajectory t = begun.get(i).trajectory();
      int[] response = t.continuedBy(t.response().length, rest.get(i).get(0).ids());
      Grade grade = t.problem().grade(tokenizer.decode(response));
      if (!grade.correct()) {
        all.add(
            new Planted(new Trajectory(t.problem(), t.prompt(), response), begun.get(i).fatal()));
      }
    }
    return all;
  }

  /** The correct solution up to a number that is replaced by a wrong one. */
  private static Optional<Planted> wrong(
      ProblemSampler.Solution solution,
      Tokenizer tokenizer,
      Problem problem,
      Place place,
      RandomStream random) {
    List<MatchResult> found =
        place
            .pattern
            .matcher(solution.text())
            .results()
            .filter(m -> place == Place.ANSWER || m.group(1).equals(m.group(2)))
            .toList();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    MatchResult m = found.get(random.nextInt(found.size()));
    int at = place == Place.ANSWER ? m.start(2) : m.start(1);
    String text = solution.text();
    long right = Long.parseLong(m.group(2));
    long other = right + (1L + random.nextInt(9)) * (random.nextInt(2) == 0 || right < 10 ? 1 : -1);
    String start = text.substring(0, at) + place.written(other);
    int[] ids = tokenizer.encodeResponse(problem.prompt(), start);
    int[] own = solution.sample().ids();
    int length = ids.length - 1; // without the end of text
    int fatal = 0;
    while (fatal < length && fatal < own.length && ids[fatal] == own[fatal]) {
      fatal++;
    }
    // If the text is tokenised differently from the model's tokens, the erroneous token is unknown.
    boolean clean = fatal < length && tokenizer.decode(Arrays.copyOf(ids, fatal)).length() >= at;
    int[] response = Arrays.copyOf(ids, length);
    return clean
        ? Optional.of(
            new Planted(
                new Trajectory(problem, tokenizer.encodePrompt(problem.prompt()), response), fatal))
        : Optional.empty();
  }
}
