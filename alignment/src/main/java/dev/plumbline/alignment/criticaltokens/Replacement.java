package dev.plumbline.alignment.criticaltokens;

import dev.plumbline.alignment.statistics.PassAtK;
import dev.plumbline.tensor.random.RandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Rollouts of wrong solutions with another token in the place of the critical one (Lin et al. 2024,
 * arXiv 2411.19943, Figure 2), and, as the control that the paper lacks, in the place of a random
 * other one. One entry per trajectory that has a critical token.
 *
 * @param places indices of these trajectories among all
 * @param with rollouts with a right answer after the critical token
 * @param without the same after another token in its place
 * @param control position of a token drawn evenly from all others, -1 where there is no other
 * @param controlled rollouts with a right answer after another token in its place
 * @param rollouts of each
 */
public record Replacement(
    int[] places,
    int[] with,
    List<Alternatives> without,
    int[] control,
    List<Alternatives> controlled,
    int rollouts) {

  /** Draws all rollouts. */
  public static Replacement of(
      RolloutSearch search,
      List<Trajectory> trajectories,
      List<RolloutScores> scores,
      double lost,
      long seed,
      IntConsumer progress) {
    List<Trajectory> found = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    List<Integer> critical = new ArrayList<>();
    List<Integer> control = new ArrayList<>();
    for (int i = 0; i < trajectories.size(); i++) {
      OptionalInt own = scores.get(i).critical(lost);
      if (own.isPresent()) {
        Trajectory t = trajectories.get(i);
        found.add(t);
        places.add(i);
        critical.add(own.getAsInt());
        RandomStream random = RandomStream.of(seed, "control tokens").child(t.problem().question());
        int positions = scores.get(i).right().length;
        int other = positions < 2 ? -1 : random.nextInt(positions - 1);
        control.add(other >= own.getAsInt() ? other + 1 : other);
      }
    }
    int[] at = ints(critical);
    int rollouts = scores.isEmpty() ? 0 : scores.get(0).rollouts();
    return new Replacement(
        ints(places),
        IntStream.range(0, at.length).map(i -> scores.get(places.get(i)).right()[at[i]]).toArray(),
        search.replace(found, at, progress),
        ints(control),
        search.replace(
            found, IntStream.of(ints(control)).map(c -> Math.max(0, c)).toArray(), progress),
        rollouts);
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Rollouts with a right answer of every trajectory. */
  public static int[] right(List<Alternatives> replaced) {
    return replaced.stream().mapToInt(Alternatives::totalRight).toArray();
  }

  /** pass@k of every trajectory (Chen et al. 2021, Eq. 1). */
  public double[] passAtK(int[] right, int k) {
    return Arrays.stream(right).mapToDouble(c -> PassAtK.passAtK(rollouts, c, k)).toArray();
  }
}
