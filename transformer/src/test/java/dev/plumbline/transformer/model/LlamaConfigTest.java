package dev.plumbline.transformer.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.transformer.checkpoint.TinyModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LlamaConfigTest {
  private static ObjectNode json() {
    return TinyModel.config().json().deepCopy();
  }

  @Test
  void refusesByNameWhatItDoesNotCompute() {
    assertRefused(json().put("model_type", "gemma"), "model_type is 'gemma'");
    assertRefused(json().put("hidden_act", "gelu"), "hidden_act is 'gelu'");
    assertRefused(json().put("attention_bias", true), "attention_bias");
    assertRefused(json().put("sliding_window", 16), "sliding_window = 16");
    ObjectNode scaled = json();
    scaled.putObject("rope_scaling").put("rope_type", "longrope").put("factor", 2);
    assertRefused(scaled, "in rope_scaling: the type 'longrope'");
    assertRefused(json().put("num_key_value_heads", 3), "no multiple");
    assertRefused(
        json().put("hidden_size", -1), "hidden_size must be a whole number > 0, but is -1");
    ObjectNode missing = json();
    missing.remove("vocab_size");
    assertRefused(missing, "vocab_size is missing");
  }

  /** A value of the wrong type or out of range never becomes the default in silence. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "rms_norm_eps | '1e-5'",
        "rms_norm_eps | 0",
        "rms_norm_eps | -1e-6",
        "rms_norm_eps | 1e999",
        "rms_norm_eps | [1e-5]",
        "rope_theta | '10000'",
        "rope_theta | -10000",
        "rope_theta | 0",
        "rope_theta | true",
        "rope_scaling | 'linear'",
        "rope_scaling | 2",
        "rope_scaling | []",
        "rope_scaling | {'factor': 2}",
        "rope_scaling | {'type': 3}",
        "rope_scaling | {'type': 'linear'}",
        "rope_scaling | {'type': 'linear', 'factor': '2'}",
        "rope_scaling | {'type': 'linear', 'factor': 0.5}",
        "rope_scaling | {'type': 'linear', 'rope_type': 'yarn', 'factor': 2}",
        "rope_scaling | {'type': 'dynamic', 'factor': 2, 'alpha': 1000}",
        "rope_scaling | {'type': 'yarn', 'factor': 2, 'beta_fast': 1, 'beta_slow': 32}",
        "rope_scaling | {'type': 'yarn', 'factor': 2, 'truncate': 'no'}",
        "rope_scaling | {'type': 'yarn', 'factor': 2, 'attention_factor': -1}",
        "rope_scaling | {'type': 'yarn', 'factor': 2, 'original_max_position_embeddings': '9'}",
        "rope_scaling | {'type': 'yarn', 'factor': 2, 'mscale': 'x'}",
        "rope_scaling | {'type': 'su', 'long_factor': [1]}",
        "rope_parameters | {'rope_theta': '1e4'}",
        "rope_parameters | {'partial_rotary_factor': 0.25}",
        "rope_parameters | {'partial_rotary_factor': 'half'}",
        "rope_parameters | {'full_attention': {'rope_theta': 1e4}, 'rope_theta': 1e4}",
        "rope_parameters | {'full_attention': {'rope_theta': 1e4}, 'sliding_attention': {'rope_theta': 1e6}}",
        "partial_rotary_factor | 0.5",
        "partial_rotary_factor | '1'",
        "tie_word_embeddings | 'false'",
        "tie_word_embeddings | 0",
        "attention_bias | 'true'",
        "attention_bias | true",
        "mlp_bias | 1",
        "hidden_act | 3",
        "hidden_act | 'gelu'",
        "model_type | 7",
        "model_type | 'gpt2'",
        "bos_token_id | '1'",
        "bos_token_id | 1.5",
        "bos_token_id | -1",
        "bos_token_id | 40",
        "eos_token_id | '2'",
        "eos_token_id | [2, '3']",
        "eos_token_id | [[2]]",
        "eos_token_id | 4000",
        "eos_token_id | {}",
        "sliding_window | '16'",
        "sliding_window | 16",
        "sliding_window | -1",
        "use_sliding_window | 'no'",
        "layer_types | ['full_attention']",
        "layer_types | ['full_attention', 'linear_attention']",
        "layer_types | 'full_attention'",
        "hidden_size | 32.5",
        "hidden_size | '32'",
        "num_key_value_heads | 3",
        "num_key_value_heads | [2]",
        "head_dim | 7",
        "head_dim | true",
        "max_position_embeddings | 0",
        "max_position_embeddings | 1e9",
        "num_hidden_layers | 99999999999",
        "vocab_size | 0",
        "logits_scaling | 8",
        "embedding_multiplier | 12",
        "final_logit_softcapping | 30",
        "num_local_experts | 8",
        "quantization_config | {'quant_method': 'gptq'}",
      })
  void aWrongValueIsRefusedByName(String key, String value) throws Exception {
    ObjectNode json = json();
    json.set(key, new ObjectMapper().readTree(value.replace('\'', '"')));
    assertThatThrownBy(() -> LlamaConfig.parse(json, "some/config.json"))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("some/config.json: ")
        .hasMessageContaining(
            key.startsWith("rope_") ? "rope_" : key.replace("layer_types", "layer"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "pretraining_tp | 4",
        "hidden_act | 'swish'",
        "sliding_window | null",
        "sliding_window | 4096",
        "use_sliding_window | false",
        "layer_types | ['full_attention', 'full_attention']",
        "rope_scaling | null",
        "rope_scaling | {'rope_type': 'default'}",
        "rope_parameters | {'rope_type': 'default', 'rope_theta': 10000.0}",
        "rope_parameters | {'rope_theta': 10000, 'partial_rotary_factor': 1.0}",
        "rope_parameters | {'full_attention': {'rope_theta': 10000}, 'sliding_attention': {'rope_theta': 1e4}}",
        "partial_rotary_factor | 1.0",
        "attention_dropout | 0.1",
        "attn_logit_softcapping | null",
        "num_local_experts | null",
        "torch_dtype | 'bfloat16'",
        "head_dim | null",
        "use_cache | false",
      })
  void whatChangesNothingIsAccepted(String key, String value) throws Exception {
    ObjectNode json = json();
    LlamaConfig before = LlamaConfig.parse(json, "test");
    json.set(key, new ObjectMapper().readTree(value.replace('\'', '"')));
    LlamaConfig after = LlamaConfig.parse(json, "test");
    assertThat(after.ropeScaling()).isEqualTo(before.ropeScaling());
    assertThat(after.ropeTheta()).isEqualTo(before.ropeTheta());
    assertThat(after.window()).isZero();
    assertThat(after.headDim()).isEqualTo(before.headDim());
  }

  @Test
  void rotaryParametersByTypeOfLayerMayAskForOneScaling() throws Exception {
    ObjectNode json = json();
    String linear = "{\"rope_type\": \"linear\", \"factor\": 4.0, \"rope_theta\": 5000}";
    json.set(
        "rope_parameters", new ObjectMapper().readTree("{\"full_attention\": " + linear + "}"));
    LlamaConfig config = LlamaConfig.parse(json, "test");
    assertThat(config.ropeScaling()).isEqualTo(new RopeScaling.Linear(4));
    assertThat(config.ropeTheta()).isEqualTo(5000);
  }

  @Test
  void aWindowHoldsWhereItsFamilySaysSo() {
    ObjectNode qwen = json().put("model_type", "qwen2").put("sliding_window", 16);
    assertThat(LlamaConfig.parse(qwen, "test").window()).as("not used").isZero();
    qwen.put("use_sliding_window", true);
    assertThat(LlamaConfig.parse(qwen, "test").window()).as("from layer 28 on").isZero();
    qwen.put("max_window_layers", 0);
    assertThat(LlamaConfig.parse(qwen, "test").window()).isEqualTo(16);
    qwen.put("max_window_layers", 1);
    assertRefused(qwen, "1 of 2 layers");
    ObjectNode mistral = json().put("model_type", "mistral").put("sliding_window", 16);
    assertThat(LlamaConfig.parse(mistral, "test").window()).isEqualTo(16);
    assertThat(LlamaConfig.parse(mistral.putNull("sliding_window"), "test").window()).isZero();
  }

  @Test
  void defaultsFollowHuggingFace() {
    ObjectNode json = json();
    json.remove("head_dim");
    json.remove("num_key_value_heads");
    json.putArray("eos_token_id").add(2).add(5);
    LlamaConfig config = LlamaConfig.parse(json, "test");
    assertThat(config.headDim()).isEqualTo(8);
    assertThat(config.kvHeads()).isEqualTo(4);
    assertThat(config.eosTokenIds()).containsExactly(2, 5);
  }

  @Test
  void anUntiedHeadIsAWeightOfItsOwn() {
    LlamaConfig untied = LlamaConfig.parse(json().put("tie_word_embeddings", false), "test");
    assertThat(untied.weightShapes()).containsKey("lm_head.weight");
    assertThat(TinyModel.config().weightShapes()).doesNotContainKey("lm_head.weight");
    assertThat(untied.parameterCount()).isEqualTo(TinyModel.config().parameterCount() + 40 * 32);
  }

  private static void assertRefused(ObjectNode json, String reason) {
    assertThatThrownBy(() -> LlamaConfig.parse(json, "config.json"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(reason);
  }
}
