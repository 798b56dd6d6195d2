package dev.plumbline.alignment.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class GpuTest {
  @Test
  void cardsAreJudgedByWhatTheNativesHold() {
    List<Gpu> found =
        Gpu.parse(
            "NVIDIA H100 80GB HBM3, 9.0\nNVIDIA GeForce RTX 4090, 8.9\nTesla K20, 3.5\nFailed to initialize NVML\n");
    assertThat(found).extracting(Gpu::name).startsWith("NVIDIA H100 80GB HBM3");
    assertThat(found).extracting(Gpu::runs).containsExactly(false, true, false);
    assertThat(found.get(0).describe()).contains("9.0", "3.7 to 8.6", "1.0.0-M1.1");
    assertThat(found.get(1).describe()).contains("-Pcuda");
  }
}
