package dev.plumbline.data.wordproblems;

import com.fasterxml.jackson.databind.JsonNode;
import dev.plumbline.data.io.Jsonl;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A setting of problems: its sentences by kind of step, from the resource {@code stories.json}.
 *
 * <p>A story without a line of some kind does not offer that step: nobody gives away miles.
 *
 * @param name such as {@code orchard}
 * @param items the counted things, in the plural
 * @param has the verb of comparisons: {@code Mia has twice as many apples as Tom}
 * @param lines by kind of step, one or more phrasings per kind
 */
record Story(String name, String items, String has, Map<String, List<String>> lines) {
  /** All stories, in the order of the resource; results of a seed depend on this order. */
  static List<Story> all() {
    try (InputStream in = Story.class.getResourceAsStream("stories.json")) {
      List<Story> stories = new ArrayList<>();
      for (JsonNode node : Jsonl.mapper().readTree(in)) {
        Map<String, List<String>> lines = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.get("lines").properties()) {
          List<String> phrasings = new ArrayList<>();
          entry.getValue().forEach(line -> phrasings.add(line.asText()));
          lines.put(entry.getKey(), List.copyOf(phrasings));
        }
        stories.add(
            new Story(
                node.get("name").asText(),
                node.get("items").asText(),
                node.get("has").asText(),
                lines));
      }
      return List.copyOf(stories);
    } catch (IOException e) {
      throw new UncheckedIOException("Reading the resource stories.json failed.", e);
    }
  }

  boolean offers(String kind) {
    return lines.containsKey(kind);
  }

  String line(String kind, Random random) {
    List<String> phrasings = lines.get(kind);
    return phrasings.get(random.nextInt(phrasings.size()));
  }

  /** Draws a line of the story; falls back to {@code common} if the story has none of this kind. */
  String line(String kind, Random random, String common) {
    return offers(kind) ? line(kind, random) : common;
  }
}
