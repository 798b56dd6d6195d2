package dev.plumbline.alignment.objective;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.alignment.batch.MicroBatch;
import dev.plumbline.alignment.batch.Placeholders;
import dev.plumbline.alignment.batch.Role;
import dev.plumbline.alignment.batch.RowEncoder;
import dev.plumbline.alignment.batch.TokenLogProbs;
import dev.plumbline.alignment.batch.TokenScores;
import dev.plumbline.data.UserError;
import dev.plumbline.data.row.CandidateGroup;
import dev.plumbline.data.row.Completion;
import dev.plumbline.data.row.PreferencePair;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.row.TrainingRow;
import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;

/**
 * Vanilla fine-tuning: maximum likelihood of the reference solution.
 *
 * <pre>
 *   L_VFT = - sum_j log P(c_j | c_&lt;j, q)      AFT paper, section 2; here the mean over all reference tokens
 * </pre>
 *
 * <p>RFT (Yuan et al. 2023, arXiv 2308.01825) is the same loss on more rows: the reference and the
 * correct candidates.
 *
 * <p>Deviation: the paper writes a sum; the default is the mean over target tokens, as in related
 * code bases (C).
 *
 * @param likelihood its only term
 */
public record Vft(Likelihood likelihood) implements Objective {
  /** The mean over target tokens. */
  public Vft() {
    this(Likelihood.ofReference(1));
  }

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
          "A candidates row has no 'reference', but vft trains on the reference solution; add it.");
    }
    return new Example(
        encoder.prompt(row.prompt()),
        List.of(encoder.response(row.prompt(), target, Role.REFERENCE, 0, null)));
  }

  @Override
  public double value(List<Example> batch, List<TokenScores> scores) {
    return likelihood.value(batch, scores);
  }

  @Override
  public SDVariable build(TokenLogProbs graph) {
    return likelihood.build(graph);
  }

  @Override
  public void feed(MicroBatch batch, Placeholders feed) {
    likelihood.feed(batch, feed);
  }

  @Override
  public Explanation explain(Example example, TokenScores scores) {
    return likelihood.explain(example, scores);
  }

  @Override
  public Map<String, Double> metrics(List<Example> batch, List<TokenScores> scores) {
    return Map.of("mean_token_logprob", -Likelihood.ofReference(1).value(batch, scores));
  }

  @Override
  public List<String> metricNames() {
    return List.of("mean_token_logprob");
  }
}
