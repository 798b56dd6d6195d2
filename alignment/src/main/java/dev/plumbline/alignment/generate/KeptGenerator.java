package dev.plumbline.alignment.generate;

import dev.plumbline.alignment.run.Journal;
import dev.plumbline.transformer.generate.Sample;
import dev.plumbline.transformer.generate.Sampler;
import dev.plumbline.transformer.generate.TemperatureSchedule;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A generator that saves finished requests in a journal. A response depends only on its request and
 * options, so that saved responses equal newly sampled ones.
 *
 * @param generator samples the missing requests
 * @param journal saves requests, one batch per call
 * @param items the word for the requests, such as "problems"
 */
public record KeptGenerator(Generator generator, Journal journal, String items)
    implements Generator {
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
                generator.solve(
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
    generator.close();
  }
}
