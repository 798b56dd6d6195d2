package dev.plumbline.alignment.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.plumbline.alignment.batch.Example;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.transformer.graph.PackedBatch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BenchTest {
  @Test
  void workloadsHaveTheSizesInTheirHelp() {
    assertThat(TrainingWorkload.sft("sft-step", 512, 288, 6, 8, 256).tokens()).isEqualTo(8 * 256);
    TrainingWorkload aft = TrainingWorkload.aft();
    assertThat(aft.batch().examples()).hasSize(4);
    assertThat(aft.batch().examples().get(0).prompt()).hasSize(128);
    assertThat(aft.batch().examples().get(0).responses().stream().mapToInt(r -> r.ids().length))
        .hasSize(8)
        .startsWith(64)
        .endsWith(128);
    TrainingWorkload dpo = TrainingWorkload.dpo();
    assertThat(dpo.tokens()).isEqualTo(16 * (192 + 63));
    assertThat(packedTokens(dpo, PackedBatch.Layout.SHARED)).isEqualTo(8 * (192 + 2 * 63));
    assertThat(packedTokens(dpo, PackedBatch.Layout.PADDED)).isEqualTo(16 * 255);
    assertThat(packedTokens(aft, PackedBatch.Layout.PADDED)).isEqualTo(32 * 255);
  }

  private static int packedTokens(TrainingWorkload workload, PackedBatch.Layout layout) {
    var trees = workload.batch().examples().stream().map(Example::tree).toList();
    return PackedBatch.of(trees, OpMode.FUSED, layout).tokens();
  }

  @Test
  void theModelOfTheWorkloadsIsTheNamedOne() {
    var config = TrainingWorkload.model(512, 288);
    assertThat(config.intermediateSize()).isEqualTo(768);
    assertThat(config.layers()).isEqualTo(6);
    assertThat(config.heads()).isEqualTo(6);
  }

  @Test
  void theExponentOfAPowerIsFound() {
    List<Scaling.Point> points = new ArrayList<>();
    for (int x : new int[] {64, 128, 256, 512}) {
      points.add(new Scaling.Point(x, 3e-4 * Math.pow(x, 1.5)));
    }
    assertThat(Scaling.exponent(points)).isCloseTo(1.5, within(1e-9));
  }

  @Test
  void theMedianIsTheMiddle() {
    assertThat(Timing.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2.0);
    assertThat(Timing.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
    assertThat(Timing.median(List.of())).isNaN();
  }
}
