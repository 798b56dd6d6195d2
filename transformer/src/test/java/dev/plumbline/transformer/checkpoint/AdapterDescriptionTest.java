package dev.plumbline.transformer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** PEFT's descriptions of adapters, compared with PEFT's own reading. */
class AdapterDescriptionTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final List<String> LINEAR = Lora.ALL;

  @TempDir Path work;

  private static ObjectNode json(String json) throws IOException {
    return (ObjectNode) MAPPER.readTree(json.replace('\'', '"'));
  }

  private static AdapterDescription read(String json) throws IOException {
    return AdapterDescription.of(Path.of("adapter_config.json"), json(json), LINEAR);
  }

  /** Layers of a model of twelve blocks that have an adapter, as block:end of name. */
  private static List<String> layers(String json) throws IOException {
    AdapterDescription description = read(json);
    return IntStream.range(0, 12)
        .boxed()
        .flatMap(
            i ->
                Stream.of("self_attn.q_proj", "self_attn.v_proj", "mlp.down_proj")
                    .filter(name -> description.targets().has("model.layers." + i + "." + name))
                    .map(name -> i + ":" + name.substring(name.indexOf('.') + 1)))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{'target_modules': '.*layers\\\\.(1|11)\\\\..*(q|v)_proj'} ; 1:q_proj 1:v_proj 11:q_proj 11:v_proj",
        "{'target_modules': 'layers.0.self_attn.q_proj'} ; `` ", // the whole name must match
        "{'target_modules': ['model.layers.2.self_attn.q_proj', 'layers.3.mlp.down_proj']} ; 2:q_proj 3:down_proj",
        "{'target_modules': ['v_proj'], 'layers_to_transform': [4, 10]} ; 4:v_proj 10:v_proj",
        "{'target_modules': ['v_proj'], 'layers_to_transform': 3} ; 3:v_proj",
        "{'target_modules': ['v_proj'], 'layers_to_transform': [5], 'layers_pattern': 'layers'} ; 5:v_proj",
        "{'target_modules': ['v_proj'], 'layers_to_transform': [5], 'layers_pattern': ['h', 'blocks']} ; `` ",
        "{'target_modules': ['q_proj'], 'layers_to_transform': [0, 1], 'exclude_modules': ['layers.0.self_attn.q_proj']} ; 1:q_proj",
        "{'target_modules': ['q_proj', 'down_proj'], 'layers_to_transform': [7], 'exclude_modules': '.*mlp.*'} ; 7:q_proj",
        "{'target_modules': 'all-linear', 'layers_to_transform': [9]} ; 9:q_proj 9:v_proj 9:down_proj",
      })
  void layersAreMatchedAsPeftMatchesThem(String json, String expected) throws IOException {
    List<String> wanted = expected.isBlank() ? List.of() : List.of(expected.strip().split(" "));
    assertThat(layers(json)).isEqualTo(wanted);
  }

  @Test
  void aPatternFromAFileCannotBacktrackWithoutEnd() {
    org.junit.jupiter.api.Assertions.assertTimeout(
        Duration.ofSeconds(5),
        () ->
            assertThatThrownBy(() -> layers("{'target_modules': '(([a-z]+[._0-9]*)+)+!'}"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("takes too long"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pissa", "pissa_niter_16", "olora", "corda", "loftq", "lora_ga"})
  void initialisationsThatChangeTheBaseAreRefused(String kind) {
    assertThatThrownBy(
            () -> read("{'target_modules': ['q_proj'], 'init_lora_weights': '" + kind + "'}"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("init_lora_weights is '" + kind + "', which changes the base");
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false", "'gaussian'", "'eva'", "'orthogonal'", "null"})
  void otherInitialisationsAreTheFilesOwnAffair(String kind) throws IOException {
    assertThat(layers("{'target_modules': ['q_proj'], 'init_lora_weights': " + kind + "}"))
        .hasSize(12);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'peft_type': 'IA3' | peft_type",
        "'init_lora_weights': 'mystery' | init_lora_weights",
        "'r': '8' | r must be a whole number > 0, but is",
        "'r': 0 | r must be a whole number > 0, but is 0",
        "'lora_alpha': 'x' | lora_alpha",
        "'lora_alpha': -1 | lora_alpha",
        "'use_rslora': 'yes' | use_rslora",
        "'use_dora': 1 | use_dora",
        "'bias': 'some' | bias",
        "'layers_to_transform': ['x'] | layers_to_transform",
        "'layers_to_transform': [-1] | layers_to_transform",
        "'exclude_modules': '(' | exclude_modules",
        "'rank_pattern': {'q_proj': 'a'} | rank_pattern",
        "'alpha_pattern': [] | alpha_pattern",
        "'trainable_token_indices': [1] | trainable_token_indices",
        "'lora_bias': true | lora_bias",
        "'layer_replication': [[0, 1]] | layer_replication",
        "'modules_to_save': 'norm' | modules_to_save",
      })
  void aWrongValueIsNamed(String entry, String key) {
    assertThatThrownBy(() -> read("{'target_modules': ['q_proj'], " + entry + "}"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(key);
  }

  @Test
  void rankStabilisedAdaptersCountMore() throws IOException {
    AdapterDescription description =
        read(
            "{'target_modules': ['q_proj'], 'r': 16, 'lora_alpha': 8, 'use_rslora': true,"
                + " 'rank_pattern': {'v_proj': 4}, 'alpha_pattern': {'v_proj': 6}}");
    assertThat(description.scaleOf("model.layers.0.self_attn.q_proj")).isEqualTo(2);
    assertThat(description.scaleOf("model.layers.0.self_attn.v_proj")).isEqualTo(3);
  }

  @Test
  void anAdapterThatIsItsOwnBaseIsRefused() throws IOException {
    Path adapter = Files.createDirectories(work.resolve("loop"));
    for (String base : List.of(".", adapter.toString(), "../loop")) {
      Files.writeString(
          adapter.resolve(Lora.CONFIG),
          "{\"base_model_name_or_path\": \"" + base + "\", \"target_modules\": [\"q_proj\"]}");
      assertThatThrownBy(() -> Checkpoint.read(adapter))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("has no base model");
    }
    Files.writeString(adapter.resolve(Lora.CONFIG), "[]");
    assertThatThrownBy(() -> Checkpoint.read(adapter)).hasMessageContaining("JSON object");
  }

  /** Published DoRA adapters were trained with dropout, which scoring does not have. */
  @Test
  void magnitudesNeedTheirDescription() throws IOException {
    Path model = TinyModel.write(work);
    Path adapter = Files.createDirectories(work.resolve("dora"));
    Lora.Settings settings = new Lora.Settings(2, 2, 0, List.of("q_proj"), false, true);
    try (LlamaWeights weights = TinyModel.weights(7);
        Lora lora = Lora.random(weights, settings, RandomStream.of(1, "adapter"))) {
      lora.write(adapter, model, Dtype.F32);
    }
    ObjectNode json = (ObjectNode) MAPPER.readTree(adapter.resolve(Lora.CONFIG).toFile());
    Files.writeString(adapter.resolve(Lora.CONFIG), json.put("lora_dropout", 0.05).toString());
    Checkpoint.read(adapter).close();
    Files.writeString(adapter.resolve(Lora.CONFIG), json.put("use_dora", false).toString());
    assertThatThrownBy(() -> Checkpoint.read(adapter))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("lora_magnitude_vector, which the description");
    assertThatThrownBy(
            () ->
                Lora.check(
                    TinyModel.config(),
                    new Lora.Settings(2, 2, 0.1, List.of("q_proj"), false, true)))
        .hasMessageContaining("trained without dropout only");
  }

  /** Norms that were trained as a whole stand in the file and replace the base's. */
  @Test
  void savedModulesReplaceThoseOfTheBase() throws IOException {
    Path model = TinyModel.write(work);
    Path adapter = Files.createDirectories(work.resolve("adapter"));
    LlamaConfig config = TinyModel.config();
    Lora.Settings settings = new Lora.Settings(2, 2, 0, List.of("q_proj"));
    try (Lora lora = Lora.random(config, settings, RandomStream.of(1, "adapter"))) {
      lora.write(adapter, model, Dtype.F32);
    }
    ObjectNode json = (ObjectNode) MAPPER.readTree(adapter.resolve(Lora.CONFIG).toFile());
    json.putArray("modules_to_save").add("model.norm");
    Files.writeString(adapter.resolve(Lora.CONFIG), json.toString());
    assertThatThrownBy(() -> Checkpoint.read(adapter))
        .hasMessageContaining("lacks a weight of 'model.norm'");

    Map<String, INDArray> all = new LinkedHashMap<>();
    try (Lora lora = Lora.random(config, settings, RandomStream.of(1, "adapter"))) {
      lora.arrays().forEach((name, array) -> all.put("base_model.model." + name, array));
      INDArray norm = Nd4j.create(DataType.FLOAT, 32).addi(3);
      all.put("base_model.model.model.norm.weight", norm);
      SafetensorsWriter.write(adapter.resolve(Lora.WEIGHTS), all, Dtype.F32, Map.of());
      try (Checkpoint checkpoint = Checkpoint.read(adapter)) {
        assertThat(Memory.view(checkpoint.weights().get("model.norm.weight")).get(5))
            .isCloseTo(3f, within(0f));
      }
      all.put("base_model.model.model.layers.0.input_layernorm.weight", norm);
      SafetensorsWriter.write(adapter.resolve(Lora.WEIGHTS), all, Dtype.F32, Map.of());
      assertThatThrownBy(() -> Checkpoint.read(adapter))
          .hasMessageContaining("holds base_model.model.model.layers.0.input_layernorm.weight");
    }
  }
}
