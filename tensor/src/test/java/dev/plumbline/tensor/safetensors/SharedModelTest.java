package dev.plumbline.tensor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.plumbline.tensor.kernel.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A real checkpoint, if the folder {@code shared} is beside the checkout. */
class SharedModelTest {
  private static final String MODEL = "shared/models/stories260K";

  @TempDir Path directory;

  @BeforeAll
  static void natives() {
    Natives.select();
  }

  @Test
  void theRealFileIsReadAndWrittenBackToTheByte() throws IOException {
    Path model = model();
    Path copy = directory.resolve("model.safetensors");
    Map<String, INDArray> tensors = new LinkedHashMap<>();
    try (SafetensorsReader reader = SafetensorsReader.open(model)) {
      assertThat(reader.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThat(reader.entries()).hasSize(47); // 5 layers of 9, embedding, final norm
      assertThat(reader.entries().get("model.embed_tokens.weight").shape())
          .containsExactly(512, 64);
      assertThat(reader.entries().get("model.layers.0.self_attn.k_proj.weight").shape())
          .containsExactly(32, 64);
      reader.entries().keySet().forEach(name -> tensors.put(name, reader.read(name)));
    }
    SafetensorsWriter.write(copy, tensors, Dtype.F32, Map.of());
    tensors.values().forEach(INDArray::close);
    assertThat(Files.mismatch(model.resolve("model.safetensors"), copy)).isEqualTo(-1);
  }

  private static Path model() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve(MODEL))) {
        return at.resolve(MODEL);
      }
    }
    assumeTrue(
        false, "Skipped: no " + MODEL + " in a directory above " + Path.of("").toAbsolutePath());
    throw new AssertionError("not reached");
  }
}
