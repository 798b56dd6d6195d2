package dev.plumbline.transformer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.engine.Memory;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import dev.plumbline.tensor.safetensors.TensorEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * PEFT's two files of an adapter, under the names that the base's family has for its layers.
 *
 * <p>Where a family packs several weights into one tensor, as InternLM2 does q, k and v, the file
 * has one adapter of that tensor. Its A holds the rows of all of ours, one below the other, its B
 * the columns, 0 where a row of the tensor is none of theirs; {@code rank_pattern} says so. Read
 * back, each weight gets all of A and its own rows of B: the same function.
 */
final class LoraFiles {
  private static final String PREFIX = "base_model.model.";
  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";
  private static final String WEIGHT = ".weight";
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private LoraFiles() {}

  /** See {@link Lora#base}. */
  static Path base(Path directory) {
    String name = json(directory).path("base_model_name_or_path").asText("");
    if (name.isEmpty()) {
      throw new ModelException(
          directory.resolve(Lora.CONFIG) + " names no base model in base_model_name_or_path.");
    }
    Path beside = directory.resolve(name);
    Path base = Files.isDirectory(beside) ? beside : Path.of(name);
    if (!Files.isDirectory(base)) {
      throw new ModelException(
          "The adapter "
              + directory
              + " belongs to the base model "
              + name
              + ", and there is no such directory; correct base_model_name_or_path in its "
              + Lora.CONFIG
              + ".");
    }
    return base;
  }

  private static JsonNode json(Path directory) {
    try {
      return MAPPER.readTree(directory.resolve(Lora.CONFIG).toFile());
    } catch (IOException e) {
      throw new ModelException(
          directory.resolve(Lora.CONFIG) + " cannot be read: " + e.getMessage() + ".");
    }
  }

  /** A weight of ours and where a file has it, without {@code .weight} both. */
  private record Layer(String name, String file, Family.Place place, long out, long in) {
    String target() {
      return last(name);
    }

    String fileTarget() {
      return last(file);
    }

    private static String last(String name) {
      return name.substring(name.lastIndexOf('.') + 1);
    }
  }

  /** Every linear layer. */
  private static List<Layer> layers(LlamaConfig config) {
    List<Layer> layers = new ArrayList<>();
    config
        .weightShapes()
        .forEach(
            (name, shape) -> {
              if (shape.length == 2 && !name.equals("model.embed_tokens.weight")) {
                Family.Place place = config.family().place(name, config);
                layers.add(new Layer(cut(name), cut(place.tensor()), place, shape[0], shape[1]));
              }
            });
    return layers;
  }

  private static String cut(String weight) {
    return weight.substring(0, weight.length() - WEIGHT.length());
  }

  /** See {@link Lora#read}. */
  static Lora read(Path directory, LlamaConfig config) {
    Ops.install();
    List<String> all =
        layers(config).stream()
            .filter(layer -> !layer.name().equals("lm_head"))
            .map(Layer::fileTarget)
            .distinct()
            .toList();
    Description description = Description.of(directory.resolve(Lora.CONFIG), json(directory), all);
    List<Layer> layers =
        layers(config).stream()
            .filter(layer -> description.targets().contains(layer.fileTarget()))
            .toList();
    checkTargets(description, layers, config);
    Lora.Settings settings =
        new Lora.Settings(
            description.rank(),
            description.alpha(),
            description.dropout(),
            layers.stream().map(Layer::target).distinct().toList());
    Path file = directory.resolve(Lora.WEIGHTS);
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      Set<String> known = new LinkedHashSet<>();
      layers.forEach(
          layer -> known.addAll(List.of(PREFIX + layer.file() + A, PREFIX + layer.file() + B)));
      for (String name : reader.entries().keySet()) {
        if (!known.contains(name)) {
          throw new ModelException(
              file
                  + " holds "
                  + name
                  + ", which the description in "
                  + Lora.CONFIG
                  + " does not have.");
        }
      }
      Map<String, INDArray> arrays = new LinkedHashMap<>();
      try {
        layers.forEach(layer -> read(reader, file, layer, config, description, arrays));
      } catch (RuntimeException e) {
        arrays.values().forEach(INDArray::close);
        throw e;
      }
      return new Lora(config, settings, arrays);
    }
  }

  private static void read(
      SafetensorsReader reader,
      Path file,
      Layer layer,
      LlamaConfig config,
      Description description,
      Map<String, INDArray> arrays) {
    int rank = description.rankOf(layer.file());
    long out = config.family().tensors(config).get(layer.file() + WEIGHT)[0];
    arrays.put(layer.name() + A, matrix(reader, file, layer.file() + A, rank, layer.in()));
    INDArray up = matrix(reader, file, layer.file() + B, out, rank);
    INDArray own = layer.place().whole() ? up : rowsOf(layer, up);
    arrays.put(
        layer.name() + B,
        own.muli(description.scaleOf(layer.file()) / (description.alpha() / description.rank())));
    if (own != up) {
      up.close();
    }
  }

  private static void checkTargets(Description description, List<Layer> found, LlamaConfig config) {
    for (String target : description.targets()) {
      if (found.stream().noneMatch(layer -> layer.fileTarget().equals(target))) {
        throw new ModelException(
            "The model has no linear layer "
                + target
                + " for an adapter; its linear layers are "
                + String.join(
                    ", ", layers(config).stream().map(Layer::fileTarget).distinct().toList())
                + ".");
      }
    }
  }

  private static INDArray matrix(SafetensorsReader reader, Path file, String name, long... shape) {
    TensorEntry entry = reader.entries().get(PREFIX + name);
    if (entry == null || !Arrays.equals(entry.shape(), shape)) {
      throw new ModelException(
          file
              + (entry == null
                  ? " lacks " + PREFIX + name
                  : " holds " + PREFIX + name + " in shape " + Arrays.toString(entry.shape()))
              + ", where shape "
              + Arrays.toString(shape)
              + " is needed.");
    }
    return reader.read(PREFIX + name);
  }

  /** The rows of a packed tensor's B that are a weight's. */
  private static INDArray rowsOf(Layer layer, INDArray packed) {
    int rank = (int) packed.size(1);
    INDArray own = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', layer.out(), rank);
    float[] run = new float[layer.place().length() * rank];
    int at = 0;
    for (int start : layer.place().starts()) {
      Memory.view(packed).get(start * rank, run);
      Memory.view(own).put(at, run);
      at += run.length;
    }
    return own;
  }

  /** See {@link Lora#write}. */
  static void write(Lora lora, Path directory, Path base, Dtype dtype) {
    Lora.Settings settings = lora.settings();
    Map<String, List<Layer>> byFile = new LinkedHashMap<>();
    for (Layer layer : layers(lora.config())) {
      if (lora.adapts(layer.name() + WEIGHT)) {
        byFile.computeIfAbsent(layer.file(), file -> new ArrayList<>()).add(layer);
      }
    }
    Map<String, Integer> ranks = new LinkedHashMap<>(); // of targets with another one
    Map<String, INDArray> named = new LinkedHashMap<>();
    List<INDArray> made = new ArrayList<>();
    try {
      byFile.forEach(
          (file, layers) -> {
            INDArray a = lora.a(layers.get(0).name() + WEIGHT);
            INDArray b = lora.b(layers.get(0).name() + WEIGHT);
            if (!layers.get(0).place().whole()) {
              a = below(lora, layers);
              b = beside(lora, layers);
              made.addAll(List.of(a, b));
            }
            if (a.size(0) != settings.rank()) {
              ranks.put(layers.get(0).fileTarget(), (int) a.size(0));
            }
            named.put(PREFIX + file + A, a);
            named.put(PREFIX + file + B, b);
          });
      Set<String> targets = new LinkedHashSet<>();
      byFile.values().forEach(layers -> targets.add(layers.get(0).fileTarget()));
      Files.createDirectories(directory);
      Checkpoint.replace(
          directory.resolve(Lora.CONFIG),
          MAPPER.writeValueAsBytes(description(settings, base, targets, ranks)));
      SafetensorsWriter.write(
          directory.resolve(Lora.WEIGHTS), named, dtype, Map.of("format", "pt"));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The adapter " + directory + " could not be written: " + e.getMessage(), e);
    } finally {
      made.forEach(INDArray::close);
    }
  }

  /** All A of a packed tensor, one below the other. */
  private static INDArray below(Lora lora, List<Layer> layers) {
    return Nd4j.vstack(
            layers.stream().map(layer -> lora.a(layer.name() + WEIGHT)).toArray(INDArray[]::new))
        .dup('c');
  }

  /** All B of a packed tensor, each in its own columns and in the rows of its weight. */
  private static INDArray beside(Lora lora, List<Layer> layers) {
    int rank = 0;
    LlamaConfig config = lora.config();
    long rows = config.family().tensors(config).get(layers.get(0).file() + WEIGHT)[0];
    for (Layer layer : layers) {
      rank += (int) lora.b(layer.name() + WEIGHT).size(1);
    }
    INDArray packed = Nd4j.zeros(DataType.FLOAT, rows, rank);
    FloatBuffer target = Memory.view(packed);
    int column = 0;
    for (Layer layer : layers) {
      INDArray b = lora.b(layer.name() + WEIGHT);
      int own = (int) b.size(1);
      float[] row = new float[own];
      int at = 0;
      for (int start : layer.place().starts()) {
        for (int i = start; i < start + layer.place().length(); i++) {
          Memory.view(b).get(at, row);
          target.put(i * rank + column, row);
          at += own;
        }
      }
      column += own;
    }
    return packed;
  }

  private static ObjectNode description(
      Lora.Settings settings, Path base, Set<String> targets, Map<String, Integer> ranks) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("peft_type", "LORA");
    json.put("task_type", "CAUSAL_LM");
    json.put("base_model_name_or_path", base.toAbsolutePath().normalize().toString());
    json.put("r", settings.rank());
    json.set("lora_alpha", number(settings.alpha()));
    json.put("lora_dropout", settings.dropout());
    json.put("bias", "none");
    json.put("fan_in_fan_out", false);
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    json.putNull("modules_to_save");
    ObjectNode rankPattern = json.putObject("rank_pattern");
    ObjectNode alphaPattern = json.putObject("alpha_pattern");
    ranks.forEach(
        (target, rank) -> {
          rankPattern.put(target, rank);
          alphaPattern.set(target, number(settings.scale() * rank));
        });
    targets.forEach(json.putArray("target_modules")::add);
    return json;
  }

  /** PEFT's alpha is a whole number wherever it can be. */
  private static JsonNode number(double alpha) {
    return alpha == Math.rint(alpha)
        ? MAPPER.getNodeFactory().numberNode((long) alpha)
        : MAPPER.getNodeFactory().numberNode(alpha);
  }

  /**
   * What a description says.
   *
   * @param targets last parts of the file's names of the layers that have an adapter
   * @param ranks other ranks, by a pattern of a name's end
   * @param alphas the same for alpha
   */
  private record Description(
      int rank,
      double alpha,
      double dropout,
      List<String> targets,
      Map<Pattern, Double> ranks,
      Map<Pattern, Double> alphas) {

    /** {@code all} are the layers of all-linear: those of the blocks. */
    static Description of(Path file, JsonNode json, List<String> all) {
      if (!json.path("peft_type").asText("LORA").equals("LORA")) {
        throw new ModelException(
            file + " describes a " + json.path("peft_type").asText() + "; only LORA is supported.");
      }
      for (String key :
          List.of(
              "use_dora",
              "use_rslora",
              "fan_in_fan_out",
              "modules_to_save",
              "layers_to_transform",
              "trainable_token_indices",
              "lora_bias")) {
        JsonNode value = json.path(key);
        boolean off =
            value.isMissingNode()
                || value.isNull()
                || (value.isBoolean() && !value.asBoolean())
                || (value.isContainerNode() && value.isEmpty());
        if (!off) {
          throw new ModelException(file + " sets " + key + ", which is not supported.");
        }
      }
      if (!json.path("bias").asText("none").equals("none")) {
        throw new ModelException(file + " trains biases, which is not supported.");
      }
      JsonNode targets = json.path("target_modules");
      List<String> names = new ArrayList<>();
      if (targets.isArray()) {
        targets.forEach(target -> names.add(target.asText()));
      } else if (targets.asText().equals("all-linear")) {
        names.addAll(all);
      } else {
        throw new ModelException(
            file + " has target_modules " + targets + "; give a list of layers or all-linear.");
      }
      int rank = json.path("r").asInt(0);
      return new Description(
          rank,
          json.path("lora_alpha").asDouble(rank),
          json.path("lora_dropout").asDouble(0),
          names,
          patterns(file, json.path("rank_pattern")),
          patterns(file, json.path("alpha_pattern")));
    }

    /** As PEFT matches them: the end of a layer's name, from a point on. */
    private static Map<Pattern, Double> patterns(Path file, JsonNode json) {
      Map<Pattern, Double> patterns = new LinkedHashMap<>();
      json.fields()
          .forEachRemaining(
              e -> {
                try {
                  patterns.put(
                      Pattern.compile("(.*\\.)?(" + e.getKey() + ")"), e.getValue().asDouble());
                } catch (PatternSyntaxException bad) {
                  throw new ModelException(
                      file + " has the pattern " + e.getKey() + ", which cannot be read.");
                }
              });
      return patterns;
    }

    private static double find(Map<Pattern, Double> patterns, String layer, double otherwise) {
      return patterns.entrySet().stream()
          .filter(e -> e.getKey().matcher(layer).matches())
          .map(Map.Entry::getValue)
          .findFirst()
          .orElse(otherwise);
    }

    int rankOf(String layer) {
      return (int) find(ranks, layer, rank);
    }

    double scaleOf(String layer) {
      return find(alphas, layer, alpha) / rankOf(layer);
    }
  }
}
