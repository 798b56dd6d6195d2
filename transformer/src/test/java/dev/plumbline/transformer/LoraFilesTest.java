package dev.plumbline.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.transformer.checkpoint.LlamaWeights;
import dev.plumbline.transformer.checkpoint.Lora;
import dev.plumbline.transformer.checkpoint.TinyModel;
import dev.plumbline.transformer.model.LlamaConfig;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Adapters of a family with other names and with q, k and v packed into one tensor. */
class LoraFilesTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String PREFIX = "base_model.model.";

  @TempDir Path work;

  private static LlamaConfig config() {
    ObjectNode json = TinyModel.config().json();
    json.put("model_type", "internlm2");
    json.put("bias", false);
    return LlamaConfig.parse(json, "test");
  }

  private static Lora adapter(LlamaConfig config, List<String> targets) {
    RandomStream random = RandomStream.of(5, "adapter");
    Lora lora = Lora.random(config, new Lora.Settings(3, 7, 0, targets), random);
    lora.arrays()
        .values()
        .forEach(
            array -> {
              FloatBuffer values = Memory.view(array);
              for (int i = 0; i < values.capacity(); i++) {
                values.put(i, (float) (0.3 * random.nextGaussian()));
              }
            });
    return lora;
  }

  /** What PEFT does with the file, W + alpha / r B A, is what the adapter does to our weights. */
  @ParameterizedTest
  @ValueSource(strings = {"q_proj,k_proj,v_proj,o_proj,up_proj", "q_proj,v_proj,down_proj"})
  void theFileIsPeftsForThePackedTensor(String targets) throws IOException {
    LlamaConfig config = config();
    try (LlamaWeights weights = LlamaWeights.random(config, RandomStream.of(1, "base"));
        Lora lora = adapter(config, List.of(targets.split(",")))) {
      Map<String, INDArray> before = tensors(weights);
      lora.write(work, work, Dtype.F32);
      lora.mergeInto(weights);
      Map<String, INDArray> after = tensors(weights);
      JsonNode json = MAPPER.readTree(work.resolve(Lora.CONFIG).toFile());
      assertThat(json.path("target_modules").toString()).startsWith("[\"wqkv\"");
      try (SafetensorsReader file = SafetensorsReader.open(work.resolve(Lora.WEIGHTS))) {
        before.forEach(
            (name, w) -> {
              String layer = PREFIX + name.substring(0, name.length() - ".weight".length());
              INDArray expected = w;
              if (file.entries().containsKey(layer + ".lora_A.weight")) {
                String target = layer.substring(layer.lastIndexOf('.') + 1);
                double rank = json.path("rank_pattern").path(target).asDouble(3);
                double alpha = json.path("alpha_pattern").path(target).asDouble(7);
                INDArray a = file.read(layer + ".lora_A.weight");
                INDArray b = file.read(layer + ".lora_B.weight");
                assertThat(a.size(0)).isEqualTo((long) rank);
                expected = w.add(b.mmul(a).mul(alpha / rank));
              }
              assertThat(values(after.get(name))).containsExactly(values(expected), within(1e-5f));
            });
      }
    }
  }

  @Test
  void readBackItIsTheSameFunction() {
    LlamaConfig config = config();
    List<String> targets = List.of("q_proj", "v_proj", "gate_proj");
    try (LlamaWeights expected = LlamaWeights.random(config, RandomStream.of(1, "base"));
        LlamaWeights found = LlamaWeights.random(config, RandomStream.of(1, "base"));
        Lora lora = adapter(config, targets)) {
      lora.mergeInto(expected);
      lora.write(work, work, Dtype.F32);
      try (Lora again = Lora.read(work, config)) {
        assertThat(again.settings().rank()).isEqualTo(3);
        again.mergeInto(found);
      }
      expected
          .arrays()
          .forEach(
              (name, w) ->
                  assertThat(values(found.get(name))).containsExactly(values(w), within(1e-5f)));
    }
  }

  /** As PEFT's own tools may write it: one rank of wqkv for all three, no patterns. */
  @Test
  void anAdapterOfThePackedTensorWorksOnAllThree() throws IOException {
    LlamaConfig config = config();
    try (Lora lora = adapter(config, List.of("q_proj", "k_proj", "v_proj"))) {
      lora.write(work, work, Dtype.F32);
    }
    ObjectNode json = (ObjectNode) MAPPER.readTree(work.resolve(Lora.CONFIG).toFile());
    json.put("r", 9).put("lora_alpha", 21);
    json.remove(List.of("rank_pattern", "alpha_pattern"));
    Files.writeString(work.resolve(Lora.CONFIG), json.toString());
    try (Lora lora = Lora.read(work, config)) {
      assertThat(lora.settings().targets()).containsExactly("q_proj", "k_proj", "v_proj");
      assertThat(lora.a("model.layers.0.self_attn.k_proj.weight").shape())
          .containsExactly(9, config.hiddenSize());
    }
  }

  private static Map<String, INDArray> tensors(LlamaWeights weights) {
    Map<String, INDArray> copies = new LinkedHashMap<>();
    weights.asTensors().forEach((name, tensor) -> copies.put(name, tensor.values().get().dup('c')));
    return copies;
  }

  private static float[] values(INDArray array) {
    float[] values = new float[(int) array.length()];
    Memory.view(Memory.dense(array)).get(0, values);
    return values;
  }
}
