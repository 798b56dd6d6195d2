package dev.plumbline.transformer.checkpoint;

import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.ops.Ops;
import dev.plumbline.tensor.safetensors.SafetensorsReader;
import dev.plumbline.tensor.safetensors.TensorEntry;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import dev.plumbline.transformer.model.ModelFamily;
import java.nio.file.Path;
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

/** Reads an adapter in PEFT's layout and refuses what does not fit its base. */
final class AdapterReader {
  private AdapterReader() {}

  /** See {@link Lora#read}. */
  static Lora read(Path directory, LlamaConfig config) {
    Ops.install();
    List<String> linear =
        AdapterLayer.all(config).stream()
            .filter(layer -> !layer.name().equals("lm_head"))
            .map(AdapterLayer::fileTarget)
            .distinct()
            .toList();
    AdapterDescription description =
        AdapterDescription.of(directory.resolve(Lora.CONFIG), AdapterFiles.json(directory), linear);
    List<AdapterLayer> layers =
        AdapterLayer.all(config).stream().filter(l -> description.targets().has(l.file())).toList();
    checkTargets(description, layers, config);
    Lora.Settings settings =
        new Lora.Settings(
            description.settings().rank(),
            description.settings().alpha(),
            description.settings().dropout(),
            layers.stream().map(AdapterLayer::target).distinct().toList(),
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
   * Finds the tensors of a file that are whole weights: those of {@code modules_to_save}, and
   * biases. Returns their names in the file by their names in a model.
   */
  private static Map<String, String> saved(
      SafetensorsReader reader,
      Path file,
      List<AdapterLayer> layers,
      LlamaConfig config,
      AdapterDescription description) {
    Set<String> ofLayers = new LinkedHashSet<>();
    for (AdapterLayer layer : layers) {
      ofLayers.addAll(
          List.of(
              AdapterFiles.PREFIX + layer.file() + AdapterFiles.A,
              AdapterFiles.PREFIX + layer.file() + AdapterFiles.B));
      if (description.settings().magnitudes()) {
        ofLayers.addAll(
            List.of(
                AdapterFiles.PREFIX + layer.file() + AdapterFiles.MAGNITUDE,
                AdapterFiles.PREFIX + layer.file() + AdapterFiles.MAGNITUDE + AdapterFiles.WEIGHT));
      }
    }
    Map<String, String> places =
        new LinkedHashMap<>(); // names in a model, by the names in the file
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
              .replaceFirst("^" + Pattern.quote(AdapterFiles.PREFIX), "")
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
              .anyMatch(tensor -> AdapterLayer.cut(tensor).endsWith(module));
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
      AdapterLayer layer,
      LlamaConfig config,
      AdapterDescription description,
      Map<String, INDArray> arrays) {
    int rank = description.rankOf(layer.file());
    long out = config.family().tensors(config).get(layer.file() + AdapterFiles.WEIGHT)[0];
    arrays.put(
        layer.name() + AdapterFiles.A,
        matrix(reader, file, layer.file() + AdapterFiles.A, rank, layer.in()));
    INDArray up = matrix(reader, file, layer.file() + AdapterFiles.B, out, rank);
    INDArray own = layer.place().whole() ? up : rowsOf(layer, up);
    arrays.put(
        layer.name() + AdapterFiles.B,
        own.muli(description.scaleOf(layer.file()) / description.settings().scale()));
    if (own != up) {
      up.close();
    }
    if (description.settings().magnitudes()) {
      String name = layer.file() + AdapterFiles.MAGNITUDE;
      boolean older =
          reader.entries().containsKey(AdapterFiles.PREFIX + name + AdapterFiles.WEIGHT);
      INDArray lengths = lengths(reader, file, older ? name + AdapterFiles.WEIGHT : name, out);
      if (layer.place().whole()) {
        arrays.put(layer.name() + AdapterFiles.MAGNITUDE, lengths);
      } else {
        try (INDArray column = lengths.reshape(out, 1)) {
          arrays.put(
              layer.name() + AdapterFiles.MAGNITUDE, rowsOf(layer, column).reshape(layer.out()));
        }
      }
    }
  }

  /** Reads the magnitudes of rows, which some versions of PEFT write as a matrix of one row. */
  private static INDArray lengths(SafetensorsReader reader, Path file, String name, long out) {
    TensorEntry entry = reader.entries().get(AdapterFiles.PREFIX + name);
    boolean row = entry != null && Arrays.equals(entry.shape(), new long[] {1, out});
    return row ? matrix(reader, file, name, 1, out).reshape(out) : matrix(reader, file, name, out);
  }

  private static void checkTargets(
      AdapterDescription description, List<AdapterLayer> found, LlamaConfig config) {
    String known =
        String.join(
            ", ",
            AdapterLayer.all(config).stream().map(AdapterLayer::fileTarget).distinct().toList());
    for (String target : description.targets().names()) {
      boolean any =
          AdapterLayer.all(config).stream()
              .map(AdapterLayer::file)
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
    TensorEntry entry = reader.entries().get(AdapterFiles.PREFIX + name);
    if (entry == null || !Arrays.equals(entry.shape(), shape)) {
      throw new ModelException(
          entry == null
              ? file
                  + " lacks "
                  + AdapterFiles.PREFIX
                  + name
                  + "; the adapter needs it in shape "
                  + Arrays.toString(shape)
                  + "."
              : file
                  + " holds "
                  + AdapterFiles.PREFIX
                  + name
                  + " in shape "
                  + Arrays.toString(entry.shape())
                  + ", but its shape must be "
                  + Arrays.toString(shape)
                  + ".");
    }
    return reader.read(AdapterFiles.PREFIX + name);
  }

  /** The rows of a packed tensor's B that belong to one weight. */
  private static INDArray rowsOf(AdapterLayer layer, INDArray packed) {
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
}
