package dev.plumbline.transformer.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.safetensors.AtomicFile;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import dev.plumbline.tensor.safetensors.TensorEntry;
import dev.plumbline.transformer.model.ConfigReader;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import dev.plumbline.transformer.model.ModelFamily;
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
  private static final String MAGNITUDE = ".lora_magnitude_vector";
  private static final String WEIGHT = ".weight";
  private static final int MAX_BASES = 8; // adapters of adapters
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private LoraFiles() {}

  /** See {@link Lora#base}. */
  static Path base(Path directory) {
    Path at = directory;
    for (int depth = 0; depth < MAX_BASES; depth++) {
      at = directBase(at);
      if (!Lora.isAdapter(at)) {
        return directBase(directory);
      }
    }
    throw new ModelException(
        "The adapter "
            + directory
            + " has no base model: base_model_name_or_path in its "
            + Lora.CONFIG
            + " leads from adapter to adapter, or back to itself.");
  }

  private static Path directBase(Path directory) {
    String name = json(directory).path("base_model_name_or_path").asText("");
    if (name.isEmpty()) {
      throw new ModelException(
          directory.resolve(Lora.CONFIG) + " names no base model in base_model_name_or_path.");
    }
    if (name.indexOf('\0') >= 0) {
      throw new ModelException(
          directory.resolve(Lora.CONFIG) + " has a base_model_name_or_path that is no path.");
    }
    Path beside = directory.resolve(name).normalize();
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
      JsonNode json = MAPPER.readTree(directory.resolve(Lora.CONFIG).toFile());
      if (!json.isObject()) {
        throw new ModelException(
            "The file " + directory.resolve(Lora.CONFIG) + " does not hold a JSON object.");
      }
      return json;
    } catch (JsonProcessingException e) {
      throw new ModelException(
          directory.resolve(Lora.CONFIG) + " is not JSON: " + ConfigReader.reason(e) + ".");
    } catch (IOException e) {
      throw new ModelException(
          directory.resolve(Lora.CONFIG) + " cannot be read: " + e.getMessage() + ".");
    }
  }

  /** A weight of ours and where a file has it, without {@code .weight} both. */
  private record Layer(String name, String file, ModelFamily.Place place, long out, long in) {
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
                ModelFamily.Place place = config.family().place(name, config);
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
    List<String> linear =
        layers(config).stream()
            .filter(layer -> !layer.name().equals("lm_head"))
            .map(Layer::fileTarget)
            .distinct()
            .toList();
    AdapterDescription description =
        AdapterDescription.of(directory.resolve(Lora.CONFIG), json(directory), linear);
    List<Layer> layers =
        layers(config).stream().filter(l -> description.targets().has(l.file())).toList();
    checkTargets(description, layers, config);
    Lora.Settings settings =
        new Lora.Settings(
            description.settings().rank(),
            description.settings().alpha(),
            description.settings().dropout(),
            layers.stream().map(Layer::target).distinct().toList(),
            description.settings().rankStabilized(),
            description.settings().magnitudes());
    Path file = directory.resolve(Lora.WEIGHTS);
    Map<String, INDArray> arrays = new LinkedHashMap<>();
    Map<String, INDArray> saved = new LinkedHashMap<>();
    try (SafetensorsReader reader = SafetensorsReader.open(file).finite()) {
      saved(reader, file, layers, config, description)
          .forEach((name, tensor) -> saved.put(name, reader.read(tensor)));
      layers.forEach(layer -> read(reader, file, layer, config, description, arrays));
      return new Lora(config, settings, arrays, saved);
    } catch (RuntimeException e) {
      arrays.values().forEach(INDArray::close);
      saved.values().forEach(INDArray::close);
      throw e;
    }
  }

  /**
   * The tensors of a file that are whole weights, by their names in a model: those of {@code
   * modules_to_save}, and biases.
   */
  private static Map<String, String> saved(
      SafetensorsReader reader,
      Path file,
      List<Layer> layers,
      LlamaConfig config,
      AdapterDescription description) {
    Set<String> ofLayers = new LinkedHashSet<>();
    for (Layer layer : layers) {
      ofLayers.addAll(List.of(PREFIX + layer.file() + A, PREFIX + layer.file() + B));
      if (description.settings().magnitudes()) {
        ofLayers.addAll(
            List.of(PREFIX + layer.file() + MAGNITUDE, PREFIX + layer.file() + MAGNITUDE + WEIGHT));
      }
    }
    Map<String, String> places = new LinkedHashMap<>(); // names in a model by the file's
    config
        .weightShapes()
        .keySet()
        .forEach(
            name -> {
              ModelFamily.Place place = config.family().place(name, config);
              if (place.whole()) {
                places.put(place.tensor(), name);
              }
            });
    Map<String, String> saved = new LinkedHashMap<>();
    for (TensorEntry entry : reader.entries().values()) {
      if (ofLayers.contains(entry.name())) {
        continue;
      }
      String tensor =
          entry
              .name()
              .replaceFirst("^" + Pattern.quote(PREFIX), "")
              .replace(".modules_to_save.default.", ".")
              .replace(".modules_to_save.", ".")
              .replace(".base_layer.bias", ".bias");
      String name = places.get(tensor);
      if (name == null || !description.saves(tensor)) {
        throw new ModelException(
            file
                + " holds "
                + entry.name()
                + ", which the description in "
                + Lora.CONFIG
                + " does not have.");
      }
      checkSaved(file, entry, name, config);
      saved.put(name, entry.name());
    }
    for (String module : description.saved()) {
      boolean any =
          saved.keySet().stream()
              .map(name -> config.family().place(name, config).tensor())
              .anyMatch(tensor -> cut(tensor).endsWith(module));
      if (!any) {
        throw new ModelException(
            file + " lacks a weight of '" + module + "', which modules_to_save names.");
      }
    }
    return saved;
  }

  private static void checkSaved(Path file, TensorEntry entry, String name, LlamaConfig config) {
    boolean tied =
        config.tiedEmbeddings()
            && (name.equals(config.headName()) || name.equals("lm_head.weight"));
    if (tied) {
      throw new ModelException(
          file
              + " holds "
              + entry.name()
              + ", and the base's output head is its embedding (tie_word_embeddings), so that one"
              + " cannot be replaced without the other; merge the adapter with PEFT.");
    }
    long[] shape = config.weightShapes().get(name);
    if (!Arrays.equals(entry.shape(), shape)) {
      throw new ModelException(
          file
              + " holds "
              + entry.name()
              + " in shape "
              + Arrays.toString(entry.shape())
              + ", where the base has "
              + Arrays.toString(shape)
              + "; an adapter whose base got new tokens must be merged with PEFT.");
    }
  }

  private static void read(
      SafetensorsReader reader,
      Path file,
      Layer layer,
      LlamaConfig config,
      AdapterDescription description,
      Map<String, INDArray> arrays) {
    int rank = description.rankOf(layer.file());
    long out = config.family().tensors(config).get(layer.file() + WEIGHT)[0];
    arrays.put(layer.name() + A, matrix(reader, file, layer.file() + A, rank, layer.in()));
    INDArray up = matrix(reader, file, layer.file() + B, out, rank);
    INDArray own = layer.place().whole() ? up : rowsOf(layer, up);
    arrays.put(
        layer.name() + B,
        own.muli(description.scaleOf(layer.file()) / description.settings().scale()));
    if (own != up) {
      up.close();
    }
    if (description.settings().magnitudes()) {
      String name = layer.file() + MAGNITUDE;
      boolean older = reader.entries().containsKey(PREFIX + name + WEIGHT);
      INDArray lengths = lengths(reader, file, older ? name + WEIGHT : name, out);
      if (layer.place().whole()) {
        arrays.put(layer.name() + MAGNITUDE, lengths);
      } else {
        try (INDArray column = lengths.reshape(out, 1)) {
          arrays.put(layer.name() + MAGNITUDE, rowsOf(layer, column).reshape(layer.out()));
        }
      }
    }
  }

  /** Magnitudes of rows, which some versions of PEFT write as a matrix of one row. */
  private static INDArray lengths(SafetensorsReader reader, Path file, String name, long out) {
    TensorEntry entry = reader.entries().get(PREFIX + name);
    boolean row = entry != null && Arrays.equals(entry.shape(), new long[] {1, out});
    return row ? matrix(reader, file, name, 1, out).reshape(out) : matrix(reader, file, name, out);
  }

  private static void checkTargets(
      AdapterDescription description, List<Layer> found, LlamaConfig config) {
    String known =
        String.join(", ", layers(config).stream().map(Layer::fileTarget).distinct().toList());
    for (String target : description.targets().names()) {
      boolean any =
          layers(config).stream()
              .map(Layer::file)
              .anyMatch(file -> file.equals(target) || file.endsWith("." + target));
      if (!any) {
        throw new ModelException(
            "The model has no linear layer "
                + target
                + " for an adapter; its linear layers are "
                + known
                + ".");
      }
    }
    if (found.isEmpty()) {
      throw new ModelException(
          "The adapter's target_modules "
              + description.settings().targets().get(0)
              + " match no linear layer of the model; its linear layers are "
              + known
              + ".");
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
            if (settings.magnitudes()) {
              INDArray lengths = lora.magnitude(layers.get(0).name() + WEIGHT);
              if (!layers.get(0).place().whole()) {
                lengths = together(lora, layers);
                made.add(lengths);
              }
              named.put(PREFIX + file + MAGNITUDE, lengths);
            }
          });
      Set<String> targets = new LinkedHashSet<>();
      byFile.values().forEach(layers -> targets.add(layers.get(0).fileTarget()));
      Files.createDirectories(directory);
      AtomicFile.write(
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

  /**
   * The magnitudes of a packed tensor's rows; those of a row without an adapter cannot be known.
   */
  private static INDArray together(Lora lora, List<Layer> layers) {
    LlamaConfig config = lora.config();
    int rows = (int) config.family().tensors(config).get(layers.get(0).file() + WEIGHT)[0];
    if (layers.stream().mapToLong(Layer::out).sum() != rows) {
      throw new ModelException(
          "DoRA of a packed tensor, "
              + layers.get(0).file()
              + ", needs an adapter of each of its parts; give lora-targets q_proj, k_proj and v_proj"
              + " together.");
    }
    INDArray packed = Nd4j.create(DataType.FLOAT, rows);
    for (Layer layer : layers) {
      float[] run = new float[layer.place().length()];
      int at = 0;
      for (int start : layer.place().starts()) {
        Memory.view(lora.magnitude(layer.name() + WEIGHT)).get(at, run);
        Memory.view(packed).put(start, run);
        at += run.length;
      }
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
    json.put("use_rslora", settings.rankStabilized());
    json.put("use_dora", settings.magnitudes());
    json.put("fan_in_fan_out", false);
    json.put("inference_mode", true);
    json.put("init_lora_weights", true);
    json.putNull("modules_to_save");
    ObjectNode rankPattern = json.putObject("rank_pattern");
    ObjectNode alphaPattern = json.putObject("alpha_pattern");
    ranks.forEach(
        (target, rank) -> {
          rankPattern.put(target, rank);
          double divisor = settings.rankStabilized() ? Math.sqrt(rank) : rank;
          alphaPattern.set(target, number(settings.scale() * divisor));
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
}
