package dev.plumbline.alignment.scdpo;

import dev.plumbline.alignment.generate.DrawnSolution;
import dev.plumbline.alignment.generate.Generator;
import dev.plumbline.data.problem.Problem;
import dev.plumbline.data.select.Deduplicator;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import dev.plumbline.transformer.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * Builds D_naive (SCDPO, section 3.1): solutions of a question are sampled until one is correct,
 * without words of error or apology, and one is wrong, or the limit K is reached. Further wrong
 * solutions give the control with an equal number of pairs. A solution depends only on the seed,
 * the question and its index.
 */
public final class NaivePairs {
  /** Number of solutions of a question that are sampled at once. */
  private static final int ROUND = 8;

  private final Generator generator;
  private final Tokenizer tokenizer;
  private final Settings settings;

  /**
   * How pairs are sampled.
   *
   * @param temperature sampling temperature; the paper's is 1
   * @param limit K, maximum number of solutions per question; the paper's is 100
   * @param wrong number of wrong solutions per question; 1 for the naive pairs
   * @param seed of the samples
   */
  public record Settings(double temperature, int limit, int wrong, long seed) {}

  /**
   * The sampled solutions of a question.
   *
   * @param problem the question
   * @param right the first correct solution without words of error or apology, or null
   * @param wrong the first wrong solutions with different texts
   * @param drawn number of sampled solutions
   * @param flagged number of correct solutions skipped because of words of error or apology
   */
  public record Question(
      Problem problem, DrawnSolution right, List<DrawnSolution> wrong, int drawn, int flagged) {
    /** Whether the question has a pair. */
    public boolean paired() {
      return right != null && !wrong.isEmpty();
    }
  }

  /** Creates a sampler of pairs on a generator. */
  public NaivePairs(Generator generator, Tokenizer tokenizer, Settings settings) {
    this.generator = generator;
    this.tokenizer = tokenizer;
    this.settings = settings;
  }

  /** State of one unfinished question. */
  private final class Search {
    private final Problem problem;
    private final int[] prompt;
    private final RandomStream stream;
    private final List<DrawnSolution> wrong = new ArrayList<>();
    private final Set<String> texts = new HashSet<>();
    private DrawnSolution right;
    private int drawn;
    private int flagged;

    Search(Problem problem, RandomStream root) {
      this.problem = problem;
      this.prompt = tokenizer.encodePrompt(problem.prompt());
      this.stream = root.child(problem.question());
    }

    boolean done() {
      return drawn >= settings.limit() || (right != null && wrong.size() >= settings.wrong());
    }

    Sampler.Request request() {
      RandomStream[] streams = new RandomStream[Math.min(ROUND, settings.limit() - drawn)];
      for (int i = 0; i < streams.length; i++) {
        streams[i] = stream.child(drawn + i);
      }
      return new Sampler.Request(
          prompt, new int[] {prompt.length}, streams.length, new RandomStream[][] {streams});
    }

    /** Examines solutions in order until enough are found. */
    void add(List<Sample> samples) {
      for (Sample sample : samples) {
        if (done()) {
          return;
        }
        drawn++;
        String text = tokenizer.decode(sample.ids());
        DrawnSolution s = new DrawnSolution(sample.ids(), text, sample, problem.grade(text));
        if (!s.grade().correct()) {
          if (wrong.size() < settings.wrong()
              && texts.add(Deduplicator.key(Deduplicator.Mode.TEXT, text))) {
            wrong.add(s);
          }
        } else if (showsError(problem, text)) {
          flagged++;
        } else if (right == null) {
          right = s;
        }
      }
    }

    Question result() {
      return new Question(problem, right, List.copyOf(wrong), drawn, flagged);
    }
  }

  /** Samples pairs for all questions; {@code progress} is notified of finished questions. */
  public List<Question> draw(List<Problem> problems, IntConsumer progress) {
    RandomStream root = RandomStream.of(settings.seed(), "naive pairs");
    List<Search> searches = problems.stream().map(p -> new Search(p, root)).toList();
    List<Search> open = searches;
    while (!open.isEmpty()) {
      List<List<Sample>> drawn =
          generator.solve(
              open.stream().map(Search::request).toList(),
              TemperatureSchedule.constant(settings.temperature()),
              done -> {});
      for (int i = 0; i < open.size(); i++) {
        open.get(i).add(drawn.get(i));
      }
      List<Search> left = open.stream().filter(s -> !s.done()).toList();
      progress.accept(open.size() - left.size());
      open = left;
    }
    return searches.stream().map(Search::result).toList();
  }

  /** The paper's search for words of error or apology, in question, code and output. */
  static boolean showsError(Problem problem, String solution) {
    String all = (problem.question() + solution).toLowerCase(Locale.ROOT);
    return all.contains("error") || all.contains("apolog");
  }
}
