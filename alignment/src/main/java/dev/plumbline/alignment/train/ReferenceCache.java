package dev.plumbline.alignment.train;

import dev.plumbline.alignment.run.ModelHash;
import dev.plumbline.alignment.run.RunFiles;
import dev.plumbline.alignment.run.Version;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import dev.plumbline.transformer.graph.TokenTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Log-probabilities of a frozen model on disk, so that a second run on the same rows computes none.
 *
 * <p>One file for each model and arithmetic, whose name is their SHA-256; in it one entry for each
 * row, by the SHA-256 of the row's token ids. Whatever decides a value stands in one of the two
 * keys, so that a change misses and nothing ever has to be declared stale.
 *
 * <p>Size: 4 bytes a response token and about 44 a row, 16 MB for ten thousand pairs of 200 tokens
 * a response. A file stops at 256 MiB ({@link ReferenceFile}), where rows of earlier runs go first,
 * and a directory at {@link #MAX_FILES} files, of which the longest unwritten goes first. All of it
 * may be deleted at any time. Of two runs that write one file at once, the later one's rows stay.
 *
 * <p>On the fused operations a row has the same bits in any company, so that a run equals one
 * without a cache to the bit, whatever it finds here. On the composed ones the last digits depend
 * on the rows of the same pass (1e-5 at most on the stored figures' pairs): whoever needs bytes
 * there that no earlier run can touch sets {@code reference-cache=off}.
 */
public final class ReferenceCache {
  /** Most files of a directory. */
  static final int MAX_FILES = 32;

  private static final Logger LOG = LoggerFactory.getLogger(ReferenceCache.class);
  private static final String NAME = "[0-9a-f]{64}\\.reference";

  private final Path file;

  /** Computes log-probabilities by tree, response and token. */
  interface Scoring {
    /** Scores all trees. */
    List<List<float[]>> score(List<TokenTree> trees);
  }

  /**
   * Scores of all rows.
   *
   * @param scores log-probabilities by row, response and token
   * @param cached rows that were in the cache
   */
  public record Found(List<List<float[]>> scores, int cached) {}

  /**
   * The cache of one model.
   *
   * @param directory where the files lie; made when something is written
   * @param model the frozen model
   * @param arithmetic number type and operations that compute the values
   */
  public ReferenceCache(Path directory, ModelHash model, String arithmetic) {
    String key =
        String.join(
            "\n",
            "weights " + model.weights(),
            "config " + model.config(),
            "tokenizer " + model.tokenizer(),
            "arithmetic " + arithmetic,
            "plumbline " + Version.current());
    file = directory.resolve(RunFiles.sha256(key.getBytes(StandardCharsets.UTF_8)) + ".reference");
  }

  /** Scores rows: those of the cache from there, the others by {@code scoring}, which are kept. */
  Found find(List<TokenTree> rows, Scoring scoring) {
    Map<String, List<float[]>> earlier = read();
    List<String> keys = rows.stream().map(ReferenceCache::key).toList();
    Map<String, TokenTree> missing = new LinkedHashMap<>();
    Map<String, List<float[]>> entries = new LinkedHashMap<>(); // this run's come first
    int cached = 0;
    for (int i = 0; i < keys.size(); i++) {
      List<float[]> known = earlier.get(keys.get(i));
      entries.put(keys.get(i), known);
      if (known == null) {
        missing.put(keys.get(i), rows.get(i));
      } else {
        cached++;
      }
    }
    if (!missing.isEmpty()) {
      var computed = scoring.score(List.copyOf(missing.values())).iterator();
      missing.keySet().forEach(key -> entries.put(key, computed.next()));
      earlier.forEach(entries::putIfAbsent);
      write(entries);
    }
    return new Found(keys.stream().map(entries::get).toList(), cached);
  }

  /** Lengths stand before ids, so that no two rows run together to the same bytes. */
  private static String key(TokenTree row) {
    List<int[]> parts = new ArrayList<>(row.responses());
    parts.add(0, row.prompt());
    for (boolean[] scored : row.scored()) { // nothing where all is scored: the key of a plain row
      int[] mask = new int[scored.length];
      Arrays.setAll(mask, t -> scored[t] ? 1 : 0);
      parts.add(mask);
    }
    int size = parts.stream().mapToInt(part -> 1 + part.length).sum();
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (1 + size)).putInt(parts.size());
    for (int[] part : parts) {
      bytes.putInt(part.length).asIntBuffer().put(part);
      bytes.position(bytes.position() + Integer.BYTES * part.length);
    }
    return RunFiles.sha256(bytes.array());
  }

  private Map<String, List<float[]>> read() {
    if (!Files.exists(file)) {
      return Map.of();
    }
    try {
      return ReferenceFile.read(file);
    } catch (IOException e) {
      LOG.warn("The reference cache {} counts as empty: {}.", file, e.getMessage());
      return Map.of();
    }
  }

  /** A cache that cannot be written costs the next run time, and this one nothing. */
  private void write(Map<String, List<float[]>> entries) {
    try {
      ReferenceFile.write(file, entries);
      deleteOldest();
    } catch (IOException | UncheckedIOException | UserError e) {
      LOG.warn(
          "The reference cache {} cannot be written ({}), and the run continues without it; set"
              + " reference-cache to another folder or to off.",
          file,
          SystemReason.ofUsers(e).orElse(e.toString()));
    }
  }

  /** A write adds one file at most, so that deleting one keeps the bound. */
  private void deleteOldest() throws IOException {
    try (Stream<Path> all = Files.list(file.toAbsolutePath().getParent())) {
      List<Path> ours = all.filter(path -> path.getFileName().toString().matches(NAME)).toList();
      if (ours.size() > MAX_FILES) {
        Path oldest = Collections.min(ours, Comparator.comparing(p -> p.toFile().lastModified()));
        Files.deleteIfExists(oldest);
      }
    }
  }
}
