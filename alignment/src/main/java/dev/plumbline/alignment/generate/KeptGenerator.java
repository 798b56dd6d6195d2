package dev.plumbline.alignment.generate;

import dev.plumbline.alignment.run.Journal;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A solver whose finished requests a journal keeps. A response depends on its request and options
 * alone, so that those which an earlier run has drawn are the same as if they were drawn now.
 *
 * @param solver draws what is missing
 * @param journal keeps requests, one batch a call
 * @param items what the requests are, such as "problems"
 */
public record KeptGenerator(Generator solver, Journal journal, String items) implements Generator {
  @Override
  public List<List<Sample>> solve(
      List<Sampler.Request> requests,
      TemperatureSchedule temperature,
      IntConsumer progress,
      Sampler.Finished finished) {
    List<Sample[]> all =
        journal.batch(
            items,
            requests.size(),
            Sample[].class,
            (missing, kept) -> {
              List<Sampler.Request> open = Arrays.stream(missing).mapToObj(requests::get).toList();
              progress.accept(responses(requests) - responses(open));
              if (!open.isEmpty()) {
                solver.solve(
                    open,
                    temperature,
                    drawn -> {
                      progress.accept(drawn);
                      journal.check();
                    },
                    (i, samples) -> kept.accept(samples.toArray(Sample[]::new), missing[i]));
              }
            });
    for (int i = 0; i < all.size(); i++) {
      finished.request(i, List.of(all.get(i)));
    }
    return all.stream().map(List::of).toList();
  }

  private static int responses(List<Sampler.Request> requests) {
    return requests.stream().mapToInt(Sampler.Request::responses).sum();
  }

  @Override
  public void close() {
    solver.close();
  }
}
