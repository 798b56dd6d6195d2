package dev.plumbline.alignment.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.data.UserError;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Every file that decides the results of a model changes its hash. */
class ModelHashTest {
  @TempDir Path model;

  @BeforeEach
  void tokenizerAndConfig() throws IOException {
    Ops.install();
    Files.writeString(model.resolve("config.json"), "{}");
    Files.writeString(model.resolve("tokenizer.json"), "{}");
  }

  @Test
  void aModelOfOneFile() throws IOException {
    shard("model.safetensors", "a", 1);
    ModelHash before = ModelHash.of(model);
    assertThat(before.weights()).isEqualTo(RunFiles.sha256(model.resolve("model.safetensors")));
    shard("model.safetensors", "a", 2);
    assertThat(ModelHash.of(model).weights()).isNotEqualTo(before.weights());
    Files.writeString(model.resolve("tokenizer.json"), "{ }");
    Files.writeString(model.resolve("config.json"), "{  }");
    assertThat(ModelHash.of(model).tokenizer()).isNotEqualTo(before.tokenizer());
    assertThat(ModelHash.of(model).config()).isNotEqualTo(before.config());
  }

  @Test
  void everyShardCounts() throws IOException {
    Files.writeString(
        model.resolve("model.safetensors.index.json"),
        "{\"weight_map\": {\"a\": \"one.safetensors\", \"b\": \"two.safetensors\"}}");
    shard("one.safetensors", "a", 1);
    shard("two.safetensors", "b", 1);
    String before = ModelHash.of(model).weights();
    assertThat(ModelHash.of(model).weights()).isEqualTo(before);
    shard("two.safetensors", "b", 2);
    String second = ModelHash.of(model).weights();
    shard("one.safetensors", "a", 3);
    assertThat(ModelHash.of(model).weights()).isNotIn(before, second);
    assertThat(second).isNotEqualTo(before);
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    shard("model.safetensors", "a", 1);
    Files.delete(model.resolve("tokenizer.json"));
    assertThatThrownBy(() -> ModelHash.of(model))
        .isInstanceOf(UserError.class)
        .hasMessageContaining(model + " has no tokenizer.json");
    assertThatThrownBy(() -> ModelHash.of(model.resolve("none")))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("There is no model directory " + model.resolve("none"));
  }

  private void shard(String file, String tensor, float value) {
    try (INDArray array = Nd4j.createFromArray(value, value)) {
      SafetensorsWriter.write(model.resolve(file), Map.of(tensor, array), Dtype.F32, Map.of());
    }
  }
}
