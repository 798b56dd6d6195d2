package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Candidates;
import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.PairBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.Response;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.batch.TokenLogProbs;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.data.UserError;
import dev.plumbline.data.row.Candidate;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.row.TrainingRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * A preference loss plus a likelihood term:
 *
 * <pre>
 *   L = vftWeight * L_VFT + alignWeight * mean over questions of L_preference       AFT paper, section 4
 * </pre>
 *
 * <p>AFT's L_AFT has both weights 1. RRHF, PRO and RPO (DPO with the likelihood of the chosen
 * response) have this form, too.
 *
 * <p>Deviation: the commands default to vftWeight 0, the preference loss alone, as the name of an
 * objective and the stored reference figures mean it; L_AFT has 1.
 *
 * @param loss preference loss on the candidates of a question
 * @param alignWeight weight of the preference loss, default 1 (I)
 * @param likelihood the likelihood term
 * @param referenceInPositives whether the reference solution counts as a candidate with the highest
 *     reward; default false (I)
 */
public record PreferenceObjective(
    PreferenceLoss loss, double alignWeight, Likelihood likelihood, boolean referenceInPositives)
    implements Objective {
  private static final String QUESTION_WEIGHTS =
      "question_weights"; // [q, 1]: 1 / (questions of the step)

  /** Checks the weight. */
  public PreferenceObjective {
    Hyperparameter.ALIGN_WEIGHT.check(alignWeight);
  }

  /** Returns the preference loss without a likelihood term. */
  public static PreferenceObjective of(PreferenceLoss loss) {
    return new PreferenceObjective(loss, 1, Likelihood.NONE, false);
  }

  /** Returns L_VFT on the reference plus the preference loss: the form of L_AFT. */
  public static PreferenceObjective withVft(PreferenceLoss loss) {
    return new PreferenceObjective(loss, 1, Likelihood.ofReference(1), false);
  }

  @Override
  public String name() {
    return loss.name();
  }

  @Override
  public boolean needsReference() {
    return loss.needsReference();
  }

  @Override
  public boolean needsDistribution() {
    return loss.needsDistribution();
  }

  @Override
  public Example example(TrainingRow row, RowEncoder encoder) {
    List<Response> responses = new ArrayList<>();
    if (row instanceof PreferencePair pair) {
      TokenText chosen = loss.firstStepOnly() ? firstStep(pair.chosen()) : pair.chosen();
      TokenText rejected = loss.firstStepOnly() ? firstStep(pair.rejected()) : pair.rejected();
      responses.add(encoder.response(row.prompt(), chosen, Role.CHOSEN, 1, pair.chosenWeights()));
      responses.add(
          encoder.response(row.prompt(), rejected, Role.REJECTED, 0, pair.rejectedWeights()));
    } else if (row instanceof CandidateGroup group) {
      if (referenceInPositives || imitatesReference()) {
        responses.add(reference(group, encoder));
      }
      for (Candidate c : group.candidates()) {
        Role role = c.correct() ? Role.POSITIVE : Role.NEGATIVE;
        responses.add(encoder.response(row.prompt(), c.response(), role, c.reward(), null));
      }
    } else {
      throw new UserError(
          name()
              + " needs rows with 'prompt' and 'candidates', or 'prompt', 'chosen', 'rejected'.");
    }
    return compared(new Example(encoder.prompt(row.prompt()), responses, target(row, responses)));
  }

  private TokenText firstStep(TokenText response) {
    if (response.steps() == null) {
      throw new UserError(
          name()
              + " compares steps and needs pairs with 'chosen_ids', 'chosen_steps', 'rejected_ids', 'rejected_steps'.");
    }
    return response.firstStep();
  }

  /**
   * Candidates of equal quality make no pair and have no gradient, so only the target of the
   * likelihood is kept. This saves a third of the tokens in a file sampled from a model.
   */
  private Example compared(Example example) {
    boolean pairs = !Candidates.pairs(Candidates.quality(example, loss.feedback())).isEmpty();
    return pairs || example.target() < 0 || likelihood.dependsOnCandidates()
        ? example
        : new Example(example.prompt(), List.of(example.responses().get(example.target())), 0);
  }

  private boolean imitatesReference() {
    return likelihood.present() && likelihood.target() == Likelihood.Target.REFERENCE;
  }

  private Response reference(CandidateGroup group, RowEncoder encoder) {
    if (group.reference() == null) {
      throw new UserError(
          "A candidates row has no 'reference', which "
              + name()
              + " needs with vft-weight "
              + likelihood.weight()
              + (referenceInPositives ? " and reference-in-positives." : "."));
    }
    double best = group.candidates().stream().mapToDouble(Candidate::reward).max().orElse(1);
    return referenceInPositives
        ? encoder.response(
            group.prompt(), group.reference(), Role.POSITIVE, Math.max(1, best), null)
        : encoder.response(group.prompt(), group.reference(), Role.REFERENCE, 0, null);
  }

  private int target(TrainingRow row, List<Response> responses) {
    if (!likelihood.present() || responses.isEmpty()) {
      return -1;
    }
    if (row instanceof PreferencePair || imitatesReference()) {
      return 0; // the chosen response, or the reference, which is first
    }
    int best = 0;
    for (int i = 1; i < responses.size(); i++) {
      if (responses.get(i).reward() > responses.get(best).reward()) {
        best = i;
      }
    }
    return best;
  }

  private Candidates candidates(Example example, TokenScores scores) {
    return Candidates.of(example, scores, loss.feedback());
  }

  @Override
  public double value(List<Example> batch, List<TokenScores> scores) {
    return value(batch, scores, scores);
  }

  /**
   * The value with detached quantities from {@code still}, for the finite-difference check of
   * gradients.
   */
  double value(List<Example> batch, List<TokenScores> scores, List<TokenScores> still) {
    double sum = 0;
    for (int q = 0; q < batch.size(); q++) {
      sum += loss.value(Candidates.of(batch.get(q), scores.get(q), still.get(q), loss.feedback()));
    }
    double value = alignWeight * sum / batch.size();
    return likelihood.present()
        ? value + likelihood.weight() * likelihood.value(batch, scores)
        : value;
  }

  @Override
  public SDVariable build(TokenLogProbs graph) {
    SDVariable perQuestion = loss.build(new PairBatch(graph)); // [q, 1]
    SDVariable total = perQuestion.mul(graph.input(QUESTION_WEIGHTS)).sum().mul(alignWeight);
    return likelihood.present()
        ? total.add(likelihood.build(graph).mul(likelihood.weight()))
        : total;
  }

  @Override
  public void feed(MicroBatch batch, Placeholders placeholders) {
    int q = batch.examples().size();
    float[] weights = new float[q];
    Arrays.fill(weights, 1f / batch.stepExamples());
    placeholders.matrix(QUESTION_WEIGHTS, weights, q, 1);
    PairBatch.feed(batch, loss.feedback(), placeholders);
    loss.feed(batch, placeholders);
    if (likelihood.present()) {
      likelihood.feed(batch, placeholders);
    }
  }

  @Override
  public Explanation explain(Example example, TokenScores scores) {
    Explanation preference = loss.explain(candidates(example, scores));
    if (!likelihood.present()) {
      return Explanation.of("alignWeight L", alignWeight * preference.value(), preference);
    }
    Explanation vft = likelihood.explain(example, scores);
    return Explanation.of(
        "vftWeight L_VFT + alignWeight L",
        likelihood.weight() * vft.value() + alignWeight * preference.value(),
        vft,
        preference);
  }

  @Override
  public Map<String, Double> metrics(List<Example> batch, List<TokenScores> scores) {
    List<Candidates> all = new ArrayList<>();
    for (int q = 0; q < batch.size(); q++) {
      all.add(candidates(batch.get(q), scores.get(q)));
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    if (likelihood.present()) {
      metrics.put("loss/vft", likelihood.value(batch, scores));
    }
    metrics.put("loss/align", mean(all, c -> loss.value(c)));
    OF_PAIRS.forEach(
        (name, quantity) ->
            overPairs(all, (c, p) -> quantity.of(loss, c, p))
                .ifPresent(mean -> metrics.put(name, mean)));
    metrics.put("empty_groups", (double) all.stream().filter(c -> c.pairs().isEmpty()).count());
    return metrics;
  }

  private static double mean(List<Candidates> all, ToDoubleFunction<Candidates> quantity) {
    return all.stream().mapToDouble(quantity).average().orElse(0);
  }

  @Override
  public List<String> metricNames() {
    List<String> names = new ArrayList<>();
    if (likelihood.present()) {
      names.add("loss/vft");
    }
    names.add("loss/align");
    names.addAll(OF_PAIRS.keySet());
    names.add("empty_groups");
    return names;
  }

  /** A quantity of a pair. */
  private interface OfPair {
    double of(Candidates c, Candidates.Pair pair);
  }

  /** A metric of a pair under a loss. */
  private interface PairMetric {
    double of(PreferenceLoss loss, Candidates c, Candidates.Pair pair);
  }

  private static double margin(PreferenceLoss loss, Candidates c, Candidates.Pair p) {
    return loss.reward(c.get(p.better())) - loss.reward(c.get(p.worse()));
  }

  /** Metrics that are means over the pairs of a step. */
  private static final Map<String, PairMetric> OF_PAIRS = new LinkedHashMap<>();

  static {
    OF_PAIRS.put("rewards/chosen", (loss, c, p) -> loss.reward(c.get(p.better())));
    OF_PAIRS.put("rewards/rejected", (loss, c, p) -> loss.reward(c.get(p.worse())));
    OF_PAIRS.put("rewards/accuracies", (loss, c, p) -> margin(loss, c, p) > 0 ? 1 : 0);
    OF_PAIRS.put("rewards/margins", PreferenceObjective::margin);
    OF_PAIRS.put("scores/chosen", (loss, c, p) -> c.s(p.better()));
    OF_PAIRS.put("scores/rejected", (loss, c, p) -> c.s(p.worse()));
    OF_PAIRS.put(
        "scores/rejected_above_boundary",
        (loss, c, p) -> c.s(p.worse()) - c.boundary(p.worse(), loss.boundaryMargin()));
    OF_PAIRS.put("logps/chosen", (loss, c, p) -> c.get(p.better()).logPi());
    OF_PAIRS.put("logps/rejected", (loss, c, p) -> c.get(p.worse()).logPi());
  }

  /** Mean over all pairs of all questions; empty if there are none. */
  private static OptionalDouble overPairs(List<Candidates> all, OfPair quantity) {
    return all.stream()
        .flatMap(c -> c.pairs().stream().map(p -> quantity.of(c, p)))
        .mapToDouble(Double::doubleValue)
        .average();
  }
}
