package dev.plumbline.transformer.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.OpMode;
import dev.plumbline.tensor.random.RandomStream;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import dev.plumbline.transformer.checkpoint.Checkpoint;
import dev.plumbline.transformer.checkpoint.TinyModel;
import dev.plumbline.transformer.generate.Decoder;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every family on a small random checkpoint with the configuration keys, tensor names and shapes of
 * its published ones, against {@link PlainForward}.
 */
class FamilyTest {
  private static final int VOCABULARY = 40;
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Sizes of all families; a head has width 8. */
  private static final String SIZES =
      "'vocab_size': 40, 'hidden_size': 32, 'intermediate_size': 48, 'num_hidden_layers': 2, 'num_attention_heads': 4,"
          + " 'num_key_value_heads': 2, 'hidden_act': 'silu', 'bos_token_id': 1, 'eos_token_id': 2, 'rms_norm_eps': 1e-05,";

  /** Configurations by name; lengths are small, so that windows and scaling matter. */
  private static final Map<String, String> CONFIGS = configs();

  private static final TokenTree TREE =
      new TokenTree(
          ids("prompt", 13), List.of(ids("a", 9), join(ids("a", 4), ids("b", 11)), ids("c", 3)));

  @TempDir Path work;

  private static Map<String, String> configs() {
    Map<String, String> all = new LinkedHashMap<>();
    String llama = "{'architectures': ['LlamaForCausalLM'], 'model_type': 'llama', " + SIZES;
    all.put(
        "LLaMA 2",
        llama
            + "'max_position_embeddings': 64, 'pretraining_tp': 1, 'rope_scaling': null, 'tie_word_embeddings': false}");
    all.put(
        "Llama 3",
        llama
            + "'max_position_embeddings': 64, 'attention_bias': false, 'rope_theta': 500000.0, 'rope_scaling': null,"
            + " 'tie_word_embeddings': false}");
    all.put(
        "Llama 3.2",
        llama
            + "'head_dim': 8, 'mlp_bias': false, 'max_position_embeddings': 128, 'rope_theta': 500000.0, 'rope_scaling':"
            + " {'factor': 32.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0, 'original_max_position_embeddings': 16,"
            + " 'rope_type': 'llama3'}, 'tie_word_embeddings': true}");
    all.put(
        "SmolLM",
        llama
            + "'max_position_embeddings': 64, 'rope_interleaved': false, 'is_llama_config': true, 'rope_theta': 100000,"
            + " 'tie_word_embeddings': true}");
    all.put(
        "DeepSeek, linear scaling",
        llama
            + "'max_position_embeddings': 64, 'rope_theta': 100000, 'rope_scaling': {'factor': 4.0, 'type': 'linear'},"
            + " 'tie_word_embeddings': false}");
    all.put(
        "Mistral",
        "{'architectures': ['MistralForCausalLM'], 'model_type': 'mistral', "
            + SIZES
            + "'max_position_embeddings': 64, 'sliding_window': 6, 'tie_word_embeddings': false}");
    String qwen = "{'architectures': ['Qwen2ForCausalLM'], 'model_type': 'qwen2', " + SIZES;
    all.put(
        "Qwen2.5",
        qwen
            + "'max_position_embeddings': 64, 'max_window_layers': 1, 'sliding_window': 6, 'use_sliding_window': false,"
            + " 'rope_theta': 1000000.0, 'tie_word_embeddings': true}");
    all.put(
        "Qwen2.5, yarn",
        qwen
            + "'max_position_embeddings': 64, 'use_sliding_window': false, 'rope_theta': 10000.0, 'rope_scaling':"
            + " {'factor': 4.0, 'original_max_position_embeddings': 16, 'type': 'yarn'}, 'tie_word_embeddings': false}");
    all.put(
        "InternLM2",
        "{'architectures': ['InternLM2ForCausalLM'], 'model_type': 'internlm2', "
            + SIZES
            + "'max_position_embeddings': 16, 'bias': false, 'rope_theta': 10000, 'rope_scaling': {'factor': 2.0, 'type':"
            + " 'dynamic'}, 'tie_word_embeddings': false}");
    return all;
  }

  private static int[] ids(String name, int count) {
    RandomStream random = RandomStream.of(3, name);
    int[] ids = new int[count];
    Arrays.setAll(ids, i -> random.nextInt(VOCABULARY));
    return ids;
  }

  private static int[] join(int[] a, int... b) {
    int[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  /** Tensors under the names of a family's files. */
  private static Map<String, long[]> tensors(JsonNode config) {
    Map<String, long[]> all = new LinkedHashMap<>();
    boolean intern = config.path("model_type").asText().equals("internlm2");
    all.put(intern ? "model.tok_embeddings.weight" : "model.embed_tokens.weight", shape(40, 32));
    for (int l = 0; l < 2; l++) {
      String p = "model.layers." + l + ".";
      if (intern) {
        all.put(p + "attention_norm.weight", shape(32));
        all.put(p + "attention.wqkv.weight", shape(64, 32));
        all.put(p + "attention.wo.weight", shape(32, 32));
        all.put(p + "ffn_norm.weight", shape(32));
        all.put(p + "feed_forward.w1.weight", shape(48, 32));
        all.put(p + "feed_forward.w3.weight", shape(48, 32));
        all.put(p + "feed_forward.w2.weight", shape(32, 48));
        continue;
      }
      all.put(p + "input_layernorm.weight", shape(32));
      for (String name : List.of("q", "k", "v")) {
        int out = name.equals("q") ? 32 : 16;
        all.put(p + "self_attn." + name + "_proj.weight", shape(out, 32));
        if (config.path("model_type").asText().equals("qwen2")) {
          all.put(p + "self_attn." + name + "_proj.bias", shape(out));
        }
      }
      all.put(p + "self_attn.o_proj.weight", shape(32, 32));
      all.put(p + "post_attention_layernorm.weight", shape(32));
      all.put(p + "mlp.gate_proj.weight", shape(48, 32));
      all.put(p + "mlp.up_proj.weight", shape(48, 32));
      all.put(p + "mlp.down_proj.weight", shape(32, 48));
    }
    all.put("model.norm.weight", shape(32));
    if (!config.path("tie_word_embeddings").asBoolean()) {
      all.put(intern ? "output.weight" : "lm_head.weight", shape(40, 32));
    }
    return all;
  }

  private static long[] shape(long... dims) {
    return dims;
  }

  /** Writes a checkpoint and gives its tensors. */
  private Map<String, double[]> write(Path directory, JsonNode config) throws IOException {
    Path tiny = TinyModel.write(directory);
    Files.writeString(tiny.resolve("config.json"), config.toPrettyString());
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    Map<String, double[]> values = new LinkedHashMap<>();
    tensors(config)
        .forEach(
            (name, shape) -> {
              RandomStream random = RandomStream.of(11, name);
              INDArray array = Nd4j.create(DataType.FLOAT, shape);
              FloatBuffer view = Memory.view(array);
              double[] own = new double[view.capacity()];
              for (int i = 0; i < own.length; i++) {
                boolean norm = name.contains("norm");
                view.put(i, (float) ((norm ? 1 : 0) + random.nextGaussian() * (norm ? 0.1 : 0.3)));
                own[i] = view.get(i);
              }
              arrays.put(name, array);
              values.put(name, own);
            });
    SafetensorsWriter.write(
        tiny.resolve("model.safetensors"), arrays, Dtype.F32, Map.of("format", "pt"));
    return values;
  }

  @TestFactory
  List<DynamicTest> scoresAndGeneratesAsItsDescriptionSays() {
    return CONFIGS.keySet().stream()
        .map(name -> DynamicTest.dynamicTest(name, () -> check(name)))
        .toList();
  }

  private void check(String name) throws IOException {
    JsonNode config = MAPPER.readTree(CONFIGS.get(name).replace('\'', '"'));
    Path directory = work.resolve(name.replaceAll("[^A-Za-z0-9]", "-"));
    PlainForward plain = new PlainForward(config, write(directory, config));
    try (Checkpoint checkpoint = Checkpoint.read(directory.resolve("model"))) {
      for (OpMode mode : OpMode.values()) {
        List<float[]> scores = Scorer.score(checkpoint.weights(), mode, List.of(TREE)).get(0);
        for (int r = 0; r < TREE.responses().size(); r++) {
          checkScores(plain, TREE.responses().get(r), scores.get(r), mode);
        }
        checkDecoder(plain, checkpoint, mode);
      }
      hashed(directory.resolve("model"));
      Path copy = directory.resolve("copy");
      Checkpoint.write(copy, checkpoint.weights(), directory.resolve("model"), Dtype.F32);
      sameTensors(directory.resolve("model"), copy);
      assertThat(MAPPER.readTree(copy.resolve("config.json").toFile()).path("rope_scaling"))
          .isEqualTo(config.path("rope_scaling"));
    }
  }

  /** A model's files are hashed while they are read, whatever is in them and in which order. */
  private static void hashed(Path model) throws IOException {
    try (Checkpoint again = Checkpoint.hashed(model, false)) {
      byte[] bytes = Files.readAllBytes(model.resolve("model.safetensors"));
      String expected =
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      assertThat(again.weights().hashes())
          .isEqualTo(Map.of(model.resolve("model.safetensors"), expected));
      assertThat(List.copyOf(again.weights().arrays().keySet()))
          .isEqualTo(List.copyOf(again.config().weightShapes().keySet()));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static void checkScores(PlainForward plain, int[] response, float[] scores, OpMode mode) {
    int[] all = join(TREE.prompt(), response);
    double[][] logits = plain.logits(all);
    for (int t = 0; t < response.length; t++) {
      double[] z = logits[TREE.prompt().length + t - 1];
      double sum = Arrays.stream(z).map(Math::exp).sum();
      assertThat((double) scores[t])
          .as("%s, token %d", mode, t)
          .isCloseTo(z[response[t]] - Math.log(sum), within(2e-4));
    }
  }

  /** A trunk in two calls, then a branch token by token. */
  private static void checkDecoder(PlainForward plain, Checkpoint checkpoint, OpMode mode) {
    int[] prompt = TREE.prompt();
    int[] branch = TREE.responses().get(1);
    double[][] expected = plain.logits(join(prompt, branch));
    int n = prompt.length;
    try (Decoder decoder = Decoder.of(checkpoint.weights(), mode);
        Decoder.Cache cache = decoder.newCache(1, n, 1, branch.length)) {
      decoder.forward(Decoder.Rows.ofTrunk(0, 0, Arrays.copyOf(prompt, 5)), cache, 4);
      int[] rest = Arrays.copyOfRange(prompt, 5, n);
      compare(
          decoder.forward(Decoder.Rows.ofTrunk(0, 5, rest), cache, n - 6), expected[n - 1], mode);
      for (int t = 0; t < branch.length; t++) {
        Decoder.Rows row =
            new Decoder.Rows(
                new int[] {branch[t]},
                new int[] {n + t},
                new int[] {0},
                new int[] {n},
                new int[] {0});
        compare(decoder.forward(row, cache, 0), expected[n + t], mode);
      }
    }
  }

  private static void compare(Decoder.Logits logits, double[] expected, OpMode mode) {
    float[] found = new float[VOCABULARY];
    logits.get(0, found);
    for (int v = 0; v < VOCABULARY; v++) {
      assertThat((double) found[v]).as("%s", mode).isCloseTo(expected[v], within(5e-4));
    }
  }

  private static void sameTensors(Path a, Path b) {
    try (SafetensorsReader first = SafetensorsReader.open(a);
        SafetensorsReader second = SafetensorsReader.open(b)) {
      assertThat(second.entries().keySet())
          .containsExactlyInAnyOrderElementsOf(first.entries().keySet());
      for (String name : first.entries().keySet()) {
        try (INDArray x = first.read(name);
            INDArray y = second.read(name)) {
          assertThat(y.shape()).isEqualTo(x.shape());
          assertThat(Memory.view(y)).as(name).isEqualTo(Memory.view(x));
        }
      }
    }
  }
}
