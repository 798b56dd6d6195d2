package dev.plumbline.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class LlamaConfigTest {
  private static ObjectNode json() {
    return TinyModel.config().json().deepCopy();
  }

  @Test
  void refusesByNameWhatItDoesNotCompute() {
    assertRefused(json().put("model_type", "gemma"), "model_type is 'gemma'");
    assertRefused(json().put("hidden_act", "gelu"), "hidden_act is 'gelu'");
    assertRefused(json().put("attention_bias", true), "attention_bias");
    assertRefused(json().put("sliding_window", 4096), "sliding_window = 4096");
    ObjectNode scaled = json();
    scaled.putObject("rope_scaling").put("rope_type", "longrope").put("factor", 2);
    assertRefused(scaled, "in rope_scaling the type 'longrope'");
    assertRefused(json().put("num_key_value_heads", 3), "no multiple");
    assertRefused(json().put("hidden_size", -1), "hidden_size is -1");
    ObjectNode missing = json();
    missing.remove("vocab_size");
    assertRefused(missing, "vocab_size is missing");
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
