package dev.plumbline.transformer.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Families of decoders that differ from Llama only in details ({@code model_type} of {@code
 * config.json}). Inside Plumbline all weights have Llama's names and shapes; this class knows how
 * files name and pack them.
 */
public enum ModelFamily {
  /** LLaMA 1 to 3.2, TinyLlama, SmolLM, DeepSeek-LLM, DeepSeek-Math. */
  LLAMA("llama", "LlamaForCausalLM"),
  /** Mistral: a window of attention. */
  MISTRAL("mistral", "MistralForCausalLM"),
  /** Qwen2 and 2.5: biases of q, k and v. */
  QWEN2("qwen2", "Qwen2ForCausalLM"),
  /** InternLM2: q, k and v packed group by group, other names. */
  INTERNLM2("internlm2", "InternLM2ForCausalLM");

  /** InternLM2's names of the weights that are not packed. */
  private static final Map<String, String> INTERN_NAMES =
      Map.of(
          "embed_tokens", "tok_embeddings",
          "lm_head", "output",
          "self_attn.o_proj", "attention.wo",
          "mlp.gate_proj", "feed_forward.w1",
          "mlp.up_proj", "feed_forward.w3",
          "mlp.down_proj", "feed_forward.w2",
          "input_layernorm", "attention_norm",
          "post_attention_layernorm", "ffn_norm");

  private static final List<String> PACKED = List.of("q_proj", "k_proj", "v_proj");

  private final String type;
  private final String architecture;

  ModelFamily(String type, String architecture) {
    this.type = type;
    this.architecture = architecture;
  }

  /** The value of {@code model_type}. */
  public String type() {
    return type;
  }

  /** The value of {@code architectures}. */
  public String architecture() {
    return architecture;
  }

  /** Whether q, k and v have biases where the configuration does not say. */
  boolean biased() {
    return this == QWEN2;
  }

  /**
   * Rows of a file's tensor.
   *
   * @param tensor its name in the file
   * @param starts first rows of the runs that make up a weight, in order
   * @param length rows of a run; 0 = the weight is the whole tensor
   */
  public record Place(String tensor, int[] starts, int length) {
    public boolean whole() {
      return length == 0;
    }
  }

  /** Place of a weight in a file, by its Llama name. */
  public Place place(String name, LlamaConfig config) {
    if (this != INTERNLM2) {
      return new Place(name, new int[0], 0);
    }
    for (int k = 0; k < PACKED.size(); k++) {
      String tail = ".self_attn." + PACKED.get(k) + ".weight";
      if (name.endsWith(tail)) {
        String layer = name.substring(0, name.length() - tail.length());
        return new Place(layer + ".attention.wqkv.weight", starts(k, config), config.headDim());
      }
    }
    String own = name.substring(0, name.length() - ".weight".length());
    for (Map.Entry<String, String> e : INTERN_NAMES.entrySet()) {
      String llama = e.getKey();
      if (own.equals(llama) || own.endsWith("." + llama)) {
        return new Place(
            own.substring(0, own.length() - llama.length()) + e.getValue() + ".weight",
            new int[0],
            0);
      }
    }
    return new Place(name, new int[0], 0);
  }

  /** Every tensor of a file with its shape, in the order of the weights. */
  public Map<String, long[]> tensors(LlamaConfig config) {
    Map<String, long[]> tensors = new LinkedHashMap<>();
    config
        .weightShapes()
        .forEach(
            (name, shape) ->
                tensors.merge(
                    place(name, config).tensor(),
                    shape,
                    (packed, more) -> new long[] {packed[0] + more[0], packed[1]}));
    return tensors;
  }

  /**
   * Rows of q (k = 0), k (1) or v (2) in {@code wqkv}: for each key head the query heads that share
   * it, then its key, then its value.
   */
  private static int[] starts(int k, LlamaConfig config) {
    int group = config.heads() / config.kvHeads();
    int each = k == 0 ? group : 1;
    int[] starts = new int[config.kvHeads() * each];
    for (int i = 0; i < starts.length; i++) {
      int head = i / each * (group + 2) + (k == 0 ? i % each : group + k - 1);
      starts[i] = head * config.headDim();
    }
    return starts;
  }
}
