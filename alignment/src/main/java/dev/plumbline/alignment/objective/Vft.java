package dev.plumbline.alignment.objective;

import dev.plumbline.data.CandidateGroup;
import dev.plumbline.data.Completion;
import dev.plumbline.data.PreferencePair;
import dev.plumbline.data.TokenText;
import dev.plumbline.data.TrainingRow;
import dev.plumbline.data.UserError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Vanilla fine-tuning: maximum likelihood of the one reference solution.
 *
 * <pre>
 *   L_VFT = - sum_j log P(c_j | c_&lt;j, q)      AFT paper, section 2; here the mean over all reference tokens
 * </pre>
 *
 * <p>Deviation: the paper writes a sum; the sibling code bases take the mean over target tokens,
 * and so does this.
 */
public record Vft() implements Objective {
  private static final String WEIGHTS =
      "vft_weights"; // [m, 1]: 1 / (reference tokens of the step), 0 elsewhere

  @Override
  public String name() {
    return "vft";
  }

  @Override
  public boolean needsReference() {
    return false;
  }

  @Override
  public Example example(TrainingRow row, RowEncoder encoder) {
    TokenText target;
    if (row instanceof Completion completion) {
      target = completion.response();
    } else if (row instanceof CandidateGroup group) {
      target = group.reference();
    } else {
      target = ((PreferencePair) row).chosen();
    }
    if (target == null) {
      throw new UserError(
          "A candidates row has no 'reference', and vft trains on the reference solution.");
    }
    return new Example(
        encoder.prompt(row.prompt()),
        List.of(Response.of(encoder.response(target), Role.REFERENCE)));
  }

  @Override
  public double value(List<Example> batch, List<TokenScores> scores) {
    double sum = 0;
    int tokens = 0;
    for (int q = 0; q < batch.size(); q++) {
      for (int i : batch.get(q).indices(Role.REFERENCE)) {
        sum += scores.get(q).logPi(i);
        tokens += scores.get(q).policy().get(i).length;
      }
    }
    return tokens == 0 ? 0 : -sum / tokens;
  }

  @Override
  public SDVariable build(LossGraph graph) {
    return graph.tokens().mul(graph.input(WEIGHTS)).sum().neg();
  }

  @Override
  public void feed(MicroBatch batch, Feed feed) {
    int m = feed.scoredTokens();
    float[] weights = new float[m];
    int at = 0;
    for (Example example : batch.examples()) {
      for (Response response : example.responses()) {
        for (int t = 0; t < response.ids().length; t++) {
          weights[at++] = response.role() == Role.REFERENCE ? 1f / batch.stepVftTokens() : 0f;
        }
      }
    }
    feed.matrix(WEIGHTS, weights, m, 1);
  }

  @Override
  public Explanation explain(Example example, TokenScores scores) {
    int i = example.indices(Role.REFERENCE)[0];
    return Explanation.of(
        "L_VFT = -(1/|c|) sum_j log P(c_j)",
        -scores.s(i),
        Explanation.of("sum_j log P(c_j)", scores.logPi(i)),
        Explanation.of("|c|", scores.policy().get(i).length));
  }

  @Override
  public Map<String, Double> metrics(List<Example> batch, List<TokenScores> scores) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("mean_token_logprob", -value(batch, scores));
    return metrics;
  }
}
