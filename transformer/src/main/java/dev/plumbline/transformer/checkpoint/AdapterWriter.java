package dev.plumbline.transformer.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.io.AtomicFile;
import dev.plumbline.tensor.kernel.Memory;
import dev.plumbline.tensor.safetensors.Dtype;
import dev.plumbline.tensor.safetensors.SafetensorsWriter;
import dev.plumbline.transformer.model.LlamaConfig;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Writes an adapter in PEFT's layout. */
final class AdapterWriter {
  private AdapterWriter() {}

  /** See {@link Lora#write}. */
  static void write(Lora lora, Path directory, Path base, Dtype dtype) {
    Lora.Settings settings = lora.settings();
    Map<String, List<AdapterLayer>> byFile = new LinkedHashMap<>();
    for (AdapterLayer layer : AdapterLayer.all(lora.config())) {
      if (lora.adapts(layer.name() + AdapterFiles.WEIGHT)) {
        byFile.computeIfAbsent(layer.file(), file -> new ArrayList<>()).add(layer);
      }
    }
    Map<String, Integer> ranks = new LinkedHashMap<>(); // of targets whose rank differs
    Map<String, INDArray> named = new LinkedHashMap<>();
    List<INDArray> made = new ArrayList<>();
    try {
      byFile.forEach(
          (file, layers) -> {
            INDArray a = lora.a(layers.get(0).name() + AdapterFiles.WEIGHT);
            INDArray b = lora.b(layers.get(0).name() + AdapterFiles.WEIGHT);
            if (!layers.get(0).place().whole()) {
              a = below(lora, layers);
              b = beside(lora, layers);
              made.addAll(List.of(a, b));
            }
            if (a.size(0) != settings.rank()) {
              ranks.put(layers.get(0).fileTarget(), (int) a.size(0));
            }
            named.put(AdapterFiles.PREFIX + file + AdapterFiles.A, a);
            named.put(AdapterFiles.PREFIX + file + AdapterFiles.B, b);
            if (settings.magnitudes()) {
              INDArray lengths = lora.magnitude(layers.get(0).name() + AdapterFiles.WEIGHT);
              if (!layers.get(0).place().whole()) {
                lengths = together(lora, layers);
                made.add(lengths);
              }
              named.put(AdapterFiles.PREFIX + file + AdapterFiles.MAGNITUDE, lengths);
            }
          });
      Set<String> targets = new LinkedHashSet<>();
      byFile.values().forEach(layers -> targets.add(layers.get(0).fileTarget()));
      Files.createDirectories(directory);
      AtomicFile.write(
          directory.resolve(Lora.CONFIG),
          AdapterFiles.MAPPER.writeValueAsBytes(description(settings, base, targets, ranks)));
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
  private static INDArray below(Lora lora, List<AdapterLayer> layers) {
    return Nd4j.vstack(
            layers.stream()
                .map(layer -> lora.a(layer.name() + AdapterFiles.WEIGHT))
                .toArray(INDArray[]::new))
        .dup('c');
  }

  /** All B of a packed tensor, each in its own columns and in the rows of its weight. */
  private static INDArray beside(Lora lora, List<AdapterLayer> layers) {
    int rank = 0;
    LlamaConfig config = lora.config();
    long rows = config.family().tensors(config).get(layers.get(0).file() + AdapterFiles.WEIGHT)[0];
    for (AdapterLayer layer : layers) {
      rank += (int) lora.b(layer.name() + AdapterFiles.WEIGHT).size(1);
    }
    INDArray packed = Nd4j.zeros(DataType.FLOAT, rows, rank);
    FloatBuffer target = Memory.view(packed);
    int column = 0;
    for (AdapterLayer layer : layers) {
      INDArray b = lora.b(layer.name() + AdapterFiles.WEIGHT);
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
   * The magnitudes of all rows of a packed tensor. They are unknown for rows without an adapter.
   */
  private static INDArray together(Lora lora, List<AdapterLayer> layers) {
    LlamaConfig config = lora.config();
    int rows =
        (int) config.family().tensors(config).get(layers.get(0).file() + AdapterFiles.WEIGHT)[0];
    if (layers.stream().mapToLong(AdapterLayer::out).sum() != rows) {
      throw new ModelException(
          "DoRA of a packed tensor, "
              + layers.get(0).file()
              + ", needs an adapter of each of its parts; give lora-targets q_proj, k_proj and v_proj"
              + " together.");
    }
    INDArray packed = Nd4j.create(DataType.FLOAT, rows);
    for (AdapterLayer layer : layers) {
      float[] run = new float[layer.place().length()];
      int at = 0;
      for (int start : layer.place().starts()) {
        Memory.view(lora.magnitude(layer.name() + AdapterFiles.WEIGHT)).get(at, run);
        Memory.view(packed).put(start, run);
        at += run.length;
      }
    }
    return packed;
  }

  private static ObjectNode description(
      Lora.Settings settings, Path base, Set<String> targets, Map<String, Integer> ranks) {
    ObjectNode json = AdapterFiles.MAPPER.createObjectNode();
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

  /** PEFT writes alpha as a whole number where possible. */
  private static JsonNode number(double alpha) {
    return alpha == Math.rint(alpha)
        ? AdapterFiles.MAPPER.getNodeFactory().numberNode((long) alpha)
        : AdapterFiles.MAPPER.getNodeFactory().numberNode(alpha);
  }
}
