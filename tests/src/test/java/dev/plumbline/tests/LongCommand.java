package dev.plumbline.tests;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A long command of {@link ReliabilityCampaign}.
 *
 * @param arguments arguments, where MODEL and OUT are replaced
 * @param file whether OUT is a file
 */
record LongCommand(String name, boolean file, String... arguments) {
  /** Files that describe a run instead of its result: they contain times. */
  private static final String TELLS =
      "result\\.json|events\\.out.*|run\\.lock|.*\\.lock|run\\.json";

  String[] with(Path model, Path out) {
    return Stream.of(arguments)
        .map(a -> a.replace("MODEL", model.toString()).replace("OUT", out.toString()))
        .toArray(String[]::new);
  }

  Path output(Path folder) {
    return folder.resolve(file ? "out.jsonl" : "out");
  }

  /** Every long command on the data of the campaign. */
  static List<LongCommand> all(Path work, Path train, Path candidates, Path adapter) {
    String data = "data=" + train;
    String groups = "data=" + candidates;
    String last = "save-every=5";
    return List.of(
        new LongCommand(
            "train, all weights",
            false,
            "train",
            "model=MODEL",
            "objective=vft",
            data,
            "output=OUT",
            "steps=24",
            "batch-size=8",
            last),
        new LongCommand(
            "train, adapter",
            false,
            "train",
            "model=MODEL",
            "objective=aft-bc",
            groups,
            "output=OUT",
            "steps=16",
            "batch-size=4",
            "lora-rank=4",
            last),
        new LongCommand(
            "train, DoRA and reference",
            false,
            "train",
            "model=MODEL",
            "objective=dpo",
            groups,
            "output=OUT",
            "steps=10",
            "batch-size=4",
            "lora-rank=4",
            "use-dora=true",
            "reference-cache=off",
            last),
        new LongCommand(
            "sample",
            true,
            "sample",
            "model=MODEL",
            data,
            "output=OUT",
            "limit=160",
            "candidates=4",
            "max-tokens=120"),
        new LongCommand(
            "evaluate",
            false,
            "evaluate",
            "model=MODEL",
            data,
            "output=OUT",
            "limit=300",
            "max-tokens=120"),
        new LongCommand(
            "score",
            true,
            "score",
            "model=MODEL",
            "data=" + work.resolve("rows.jsonl"),
            "output=OUT"),
        new LongCommand(
            "pairs",
            false,
            "pairs",
            "model=MODEL",
            data,
            "output=OUT",
            "limit=40",
            "attempts=8",
            "max-tries=6",
            "max-tokens=120"),
        new LongCommand(
            "critical-tokens find",
            true,
            "critical-tokens",
            "find",
            "model=MODEL",
            data,
            "output=OUT",
            "limit=6",
            "rollouts=8",
            "max-tokens=120"),
        new LongCommand(
            "critical-tokens contrast",
            false,
            "critical-tokens",
            "contrast",
            "model=MODEL",
            data,
            "output=OUT",
            "limit=60",
            "candidates=8",
            "max-tokens=120"),
        new LongCommand(
            "critical-tokens estimate",
            true,
            "critical-tokens",
            "estimate",
            "positive=MODEL",
            "negative=" + adapter,
            "data=" + work.resolve("pairs.jsonl"),
            "output=OUT"),
        new LongCommand("merge", false, "merge", "model=" + adapter, "output=OUT"),
        new LongCommand(
            "new-model",
            false,
            "new-model",
            "tokenizer=MODEL",
            "output=OUT",
            "hidden-size=256",
            "intermediate-size=1024",
            "layers=8",
            "heads=4",
            "kv-heads=2"));
  }

  /** Size and content of all files of an output, except those with times. */
  static Map<String, String> bytes(Path output) throws Exception {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> all = Files.walk(output)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        if (!file.getFileName().toString().matches(TELLS) || file.equals(output)) {
          byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
          String name = file.equals(output) ? "" : output.relativize(file).toString();
          found.put(name, HexFormat.of().formatHex(digest));
        }
      }
    }
    return found;
  }

  static String difference(Map<String, String> expected, Map<String, String> found) {
    Map<String, String> other = new TreeMap<>(found);
    other.entrySet().removeAll(expected.entrySet());
    Map<String, String> missing = new TreeMap<>(expected);
    missing.keySet().removeAll(found.keySet());
    return "differ: " + other.keySet() + ", missing: " + missing.keySet();
  }
}
