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
 * Stores log-probabilities of a frozen model on disk, so that a second run on the same rows does
 * not compute them again.
 *
 * <p>Each model and arithmetic has one file, whose name is their SHA-256; the file has one entry
 * per row, under the SHA-256 of the row's token ids. The two keys contain everything that decides a
 * value, so that a changed input misses the cache and entries never become stale.
 *
 * <p>Size: 4 bytes per response token and about 44 per row, 16 MB for ten thousand pairs of 200
 * tokens per response. A file is limited to 256 MiB ({@link ReferenceFile}); rows of earlier runs
 * are dropped first. A directory is limited to {@link #MAX_FILES} files; the file with the oldest
 * write is deleted first. Files may be deleted at any time. If two runs write one file at once, the
 * rows of the later one stay.
 *
 * <p>Fused operations have batch invariance: a row's result is bit-identical whatever else is in
 * the batch, so that a run with a cache equals one without to the bit. With composed operations the
 * last digits depend on the other rows of the pass (at most 1e-5 on the pairs of the stored
 * figures); set {@code reference-cache=off} there for bytes that do not depend on earlier runs.
 */
public final class ReferenceCache {
  /** Maximum number of files in a directory. */
  static final int MAX_FILES = 32;

  private static final Logger LOG = LoggerFactory.getLogger(ReferenceCache.class);
  private static final String NAME = "[0-9a-f]{64}\\.reference";

  private final Path file;

  /** Computes log-probabilities by tree, response and token. */
  interface Scoring {
    /** Scores all trees: by tree, response and token. */
    List<List<float[]>> score(List<TokenTree> trees);
  }

  /**
   * The scores of all rows.
   *
   * @param scores log-probabilities by row, response and token
   * @param cached number of rows that were in the cache
   */
  public record Found(List<List<float[]>> scores, int cached) {}

  /**
   * Opens the cache of one model.
   *
   * @param directory directory of the files; created at the first write
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

  /**
   * Returns the scores of rows; those that the cache lacks are computed by {@code scoring} and
   * stored.
   */
  Found find(List<TokenTree> rows, Scoring scoring) {
    Map<String, List<float[]>> earlier = read();
    List<String> keys = rows.stream().map(ReferenceCache::key).toList();
    Map<String, TokenTree> missing = new LinkedHashMap<>();
    Map<String, List<float[]>> entries = new LinkedHashMap<>(); // the rows of this run come first
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

  /** Hashes each length before its ids, so that different rows never have the same bytes. */
  private static String key(TokenTree row) {
    List<int[]> parts = new ArrayList<>(row.responses());
    parts.add(0, row.prompt());
    for (boolean[] scored :
        row.scored()) { // nothing if all tokens are scored, so that such a row keeps its key
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
      LOG.warn(
          "The reference cache {} cannot be read and counts as empty: {}.", file, e.getMessage());
      return Map.of();
    }
  }

  /** A failed write costs only the next run time, so that this run continues. */
  private void write(Map<String, List<float[]>> entries) {
    try {
      ReferenceFile.write(file, entries);
      deleteOldest();
    } catch (IOException | UncheckedIOException | UserError e) {
      LOG.warn(
          "The reference cache {} cannot be written ({}); the run continues without it. Set"
              + " reference-cache to another directory or to off.",
          file,
          SystemReason.ofUsers(e).orElse(e.toString()));
    }
  }

  /** A write adds at most one file, so that deleting one keeps the limit. */
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
