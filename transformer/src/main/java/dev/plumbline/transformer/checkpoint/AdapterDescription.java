package dev.plumbline.transformer.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.transformer.model.ConfigReader;
import dev.plumbline.transformer.model.ModelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * PEFT's {@code adapter_config.json}. Patterns are matched to layers as PEFT does it ({@code
 * check_target_module_exists} of its {@code tuners_utils.py}). Layers have the names of the file,
 * such as {@code model.layers.0.self_attn.q_proj}.
 *
 * @param settings rank, alpha, dropout, variants; its targets are those of the file, unmatched
 * @param targets which layers have an adapter
 * @param saved {@code modules_to_save}: ends of the names of the modules that the file holds
 *     completely
 * @param bias whether biases are in the file
 * @param ranks ranks that differ, by a pattern of the end of a name
 * @param alphas the same for alpha
 */
record AdapterDescription(
    Lora.Settings settings,
    Targets targets,
    List<String> saved,
    boolean bias,
    Map<Pattern, Double> ranks,
    Map<Pattern, Double> alphas) {
  private static final String ALL_LINEAR = "all-linear";

  /**
   * Initialisations that subtract a part from the base's weights, so that the adapter needs a
   * changed base.
   */
  private static final Set<String> CHANGING_THE_BASE =
      Set.of("pissa", "olora", "corda", "loftq", "lora_ga");

  private static final Set<String> LEAVING_THE_BASE =
      Set.of("true", "false", "default", "gaussian", "eva", "orthogonal");

  /**
   * Which layers have an adapter.
   *
   * @param names ends of names, or full names; empty where a pattern is given
   * @param pattern of a whole name, or null
   * @param excluded ends of names that have no adapter
   * @param exclusion pattern of such names, or null
   * @param layers numbers of the layers; empty = all
   * @param layerPatterns names of the lists of layers; empty = any
   */
  record Targets(
      List<String> names,
      Pattern pattern,
      List<String> excluded,
      Pattern exclusion,
      List<Integer> layers,
      List<Pattern> layerPatterns) {
    private static final Pattern ANY_LAYER = Pattern.compile(".*\\.[^.]*\\.(\\d+)\\..*");

    boolean has(String layer) {
      if (exclusion != null ? matches(exclusion, layer) : named(excluded, layer)) {
        return false;
      }
      if (pattern != null) {
        return matches(pattern, layer);
      }
      return names.contains(layer) || (named(names, layer) && inLayers(layer));
    }

    private static boolean named(List<String> names, String layer) {
      return names.stream().anyMatch(name -> layer.equals(name) || layer.endsWith("." + name));
    }

    private boolean inLayers(String layer) {
      if (layers.isEmpty()) {
        return true;
      }
      for (Pattern one : layerPatterns.isEmpty() ? List.of(ANY_LAYER) : layerPatterns) {
        Matcher found = one.matcher(layer);
        if (found.matches()) {
          return layers.contains(Integer.parseInt(found.group(1)));
        }
      }
      return false;
    }
  }

  /**
   * Matches with a limit on the work, because a pattern comes from a file and may backtrack
   * endlessly.
   */
  private static boolean matches(Pattern pattern, String text) {
    return pattern.matcher(new Bounded(text, pattern.pattern(), new int[] {1_000_000})).matches();
  }

  /** Text that counts how often a character is read. */
  private record Bounded(CharSequence text, String pattern, int[] left) implements CharSequence {
    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (left[0]-- <= 0) {
        throw new ModelException(
            "The pattern '"
                + pattern
                + "' of an adapter takes too long to match; give a simpler one, or a list of layers.");
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Bounded(text.subSequence(start, end), pattern, left);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }

  /**
   * Reads a description.
   *
   * @param linear ends of the names of the blocks' linear layers: {@code all-linear}
   */
  static AdapterDescription of(Path file, JsonNode json, List<String> linear) {
    ConfigReader reader = new ConfigReader(json, file.toString());
    String type = reader.text("peft_type", "LORA");
    if (!type.equals("LORA")) {
      throw reader.error("peft_type is '" + type + "', and only LORA is supported");
    }
    checkInitialisation(reader);
    for (String key : List.of("fan_in_fan_out", "lora_bias", "use_qalora", "use_bdlora")) {
      reader.refuse(key, reader.flag(key, false));
    }
    for (String key :
        List.of(
            "trainable_token_indices",
            "layer_replication",
            "target_parameters",
            "alora_invocation_tokens",
            "megatron_config",
            "arrow_config")) {
      JsonNode value = json.path(key);
      reader.refuse(key, json.hasNonNull(key) && !(value.isContainerNode() && value.isEmpty()));
    }
    String bias = reader.text("bias", "none");
    if (!Set.of("none", "all", "lora_only").contains(bias)) {
      throw reader.error("bias must be none, all or lora_only, but is '" + bias + "'");
    }
    int rank = reader.positive("r", 8); // PEFT's defaults
    List<String> saved =
        json.hasNonNull("modules_to_save") ? names(reader, "modules_to_save") : List.of();
    Targets targets = targets(reader, linear);
    Lora.Settings settings =
        new Lora.Settings(
            rank,
            reader.positiveNumber("lora_alpha", 8),
            reader.number("lora_dropout", 0, x -> x >= 0 && x < 1, "a number >= 0 and < 1"),
            List.of(String.valueOf(json.path("target_modules"))),
            reader.flag("use_rslora", false),
            reader.flag("use_dora", false));
    return new AdapterDescription(
        settings,
        targets,
        saved,
        !bias.equals("none"),
        ranks(reader),
        patterns(reader, "alpha_pattern"));
  }

  private static void checkInitialisation(ConfigReader reader) {
    JsonNode value = reader.json().path("init_lora_weights");
    String name = value.isMissingNode() || value.isNull() ? "true" : value.asText();
    String kind = name.startsWith("pissa_niter_") ? "pissa" : name;
    if (CHANGING_THE_BASE.contains(kind)) {
      throw reader.error(
          "init_lora_weights is '"
              + name
              + "', which changes the base's weights, so that this adapter does not fit the base as"
              + " it is published; convert it to a plain adapter with PEFT"
              + " (save_pretrained(..., path_initial_model_for_weight_conversion=...))");
    }
    if (!LEAVING_THE_BASE.contains(kind) || value.isNumber()) {
      throw reader.error("init_lora_weights is " + value + ", which is not supported");
    }
  }

  private static Targets targets(ConfigReader reader, List<String> linear) {
    JsonNode json = reader.json();
    JsonNode modules = json.path("target_modules");
    List<String> names = List.of();
    Pattern pattern = null;
    if (modules.isTextual() && modules.asText().equalsIgnoreCase(ALL_LINEAR)) {
      names = linear;
    } else if (modules.isTextual()) {
      pattern = pattern(reader, "target_modules", modules.asText());
    } else {
      names = names(reader, "target_modules");
      if (names.isEmpty()) {
        throw reader.error("target_modules names no layer");
      }
    }
    List<String> excluded = List.of();
    Pattern exclusion = null;
    JsonNode exclude = json.path("exclude_modules");
    if (exclude.isTextual()) {
      exclusion = pattern(reader, "exclude_modules", exclude.asText());
    } else if (json.hasNonNull("exclude_modules")) {
      excluded = names(reader, "exclude_modules");
    }
    return new Targets(names, pattern, excluded, exclusion, layers(reader), layerPatterns(reader));
  }

  private static List<Integer> layers(ConfigReader reader) {
    JsonNode value = reader.json().path("layers_to_transform");
    List<Integer> layers = new ArrayList<>();
    if (reader.json().hasNonNull("layers_to_transform")) {
      for (JsonNode layer : value.isArray() ? value : List.of(value)) {
        if (!layer.isInt() || layer.asInt() < 0) {
          throw reader.error(
              "layers_to_transform must be the number of a layer, or a list of numbers, but is "
                  + value);
        }
        layers.add(layer.asInt());
      }
    }
    return layers;
  }

  private static List<Pattern> layerPatterns(ConfigReader reader) {
    JsonNode value = reader.json().path("layers_pattern");
    List<String> names =
        value.isTextual()
            ? List.of(value.asText())
            : reader.json().hasNonNull("layers_pattern")
                ? names(reader, "layers_pattern")
                : List.of();
    return names.stream()
        .filter(name -> !name.isEmpty())
        .map(name -> pattern(reader, "layers_pattern", ".*\\." + name + "\\.(\\d+)\\..*"))
        .toList();
  }

  private static List<String> names(ConfigReader reader, String key) {
    if (!reader.json().hasNonNull(key)) {
      throw reader.error("the key " + key + " is missing");
    }
    return reader.texts(key);
  }

  private static Pattern pattern(ConfigReader reader, String key, String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw reader.error(
          key
              + " has the pattern '"
              + text
              + "', which is no regular expression ("
              + e.getDescription()
              + ")");
    }
  }

  /** Patterns of a whole name or of its end after a dot, as PEFT matches them. */
  private static Map<Pattern, Double> patterns(ConfigReader reader, String key) {
    Map<Pattern, Double> patterns = new LinkedHashMap<>();
    JsonNode object = reader.object(key);
    if (object != null) {
      ConfigReader own = reader.within(key, object);
      for (Map.Entry<String, JsonNode> e : object.properties()) {
        double value = own.positiveNumber(e.getKey(), Double.NaN);
        patterns.put(pattern(own, e.getKey(), "(.*\\.)?(" + e.getKey() + ")"), value);
      }
    }
    return patterns;
  }

  private static Map<Pattern, Double> ranks(ConfigReader reader) {
    Map<Pattern, Double> ranks = patterns(reader, "rank_pattern");
    ranks.forEach(
        (pattern, rank) -> {
          if (rank != Math.rint(rank)) {
            throw reader.error("rank_pattern must hold whole numbers, but holds " + rank);
          }
        });
    return ranks;
  }

  private static double find(Map<Pattern, Double> patterns, String layer, double otherwise) {
    return patterns.entrySet().stream()
        .filter(e -> matches(e.getKey(), layer))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(otherwise);
  }

  int rankOf(String layer) {
    return (int) find(ranks, layer, settings.rank());
  }

  /** The factor s of B A for a layer. */
  double scaleOf(String layer) {
    double alpha = find(alphas, layer, settings.alpha());
    return Lora.Settings.scale(alpha, rankOf(layer), settings.rankStabilized());
  }

  /** Whether a weight of the file is one that {@code modules_to_save} or {@code bias} names. */
  boolean saves(String weight) {
    String module = weight.substring(0, weight.lastIndexOf('.'));
    return (bias && weight.endsWith(".bias")) || saved.stream().anyMatch(module::endsWith);
  }
}
