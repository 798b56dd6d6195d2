package dev.plumbline.data.math;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.matheclipse.core.eval.EvalEngine;
import org.matheclipse.core.eval.ExprEvaluator;
import org.matheclipse.core.interfaces.IExpr;

/**
 * Symja's opinion (LGPL; github.com/axkr/symja_android_library): two expressions are the same when
 * {@code FullSimplify} of their difference is exactly 0. Nothing is compared numerically. Single
 * expressions only: tuples, sets, intervals, matrices and equations are left to {@link
 * MathEquality}.
 */
public final class SymjaOpinion implements SecondOpinion {
  /** Loads Symja's rules, which takes seconds outside any deadline. */
  public SymjaOpinion() {
    same("\\cos(0)", "1", Duration.ofMinutes(1));
  }

  @Override
  public boolean same(String gold, String answer, Duration deadline) {
    String difference;
    try {
      difference =
          SymjaText.of(MathText.normalise(gold, answer)) + "-" + SymjaText.of(MathText.normalise(answer, gold));
    } catch (Unsupported e) {
      return false;
    }
    EvalEngine engine = new EvalEngine(true); // a new engine: no variable outlives a comparison
    engine.setQuietMode(true);
    ExprEvaluator evaluator = new ExprEvaluator(engine, true, (short) 0);
    IExpr value =
        evaluator.evaluateWithTimeout(
            "FullSimplify(" + difference + ")",
            deadline.toMillis(),
            TimeUnit.MILLISECONDS,
            true,
            null);
    return value != null && value.isInteger() && value.isZero();
  }
}
