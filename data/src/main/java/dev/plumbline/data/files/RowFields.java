package dev.plumbline.data.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.JsonRows;
import dev.plumbline.data.row.TokenText;
import dev.plumbline.data.select.EditDistance;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Typed access to the fields of one JSON object, with errors that name the file, the line and the
 * field.
 */
final class RowFields {
  private final ObjectNode row;
  private final Path file;
  private final int line;
  private final String within; // "" or, inside a list, "candidate 3: "

  RowFields(ObjectNode row, Path file, int line, String within) {
    this.row = row;
    this.file = file;
    this.line = line;
    this.within = within;
  }

  /** Reads the rows of a file of JSON lines or of one JSON array. */
  static List<RowFields> of(Path file) {
    List<RowFields> fields = new ArrayList<>();
    JsonRows.read(file)
        .forEach(row -> fields.add(new RowFields(row.object(), file, row.line(), "")));
    return fields;
  }

  /** Refuses row formats of other programs by name. */
  void refuseForeignForms() {
    ForeignForms.refuse(this, row);
  }

  /** The row's own id, or one built from the file's name and the row's index. */
  String id(int index) {
    return has("id") ? string("id") : ProblemFiles.defaultId(file, index);
  }

  /** Reads a list of texts. */
  List<String> strings(String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode value : array(key)) {
      if (!value.isTextual()) {
        throw error("\"" + key + "\" must be a list of texts, but contains " + shown(value) + ".");
      }
      texts.add(value.textValue());
    }
    return texts;
  }

  /** Reads the texts of an object with the keys A, B and so on. */
  List<String> lettered(String key) {
    JsonNode object = row.get(key);
    List<String> texts = new ArrayList<>();
    for (char letter = 'A'; object != null && object.hasNonNull("" + letter); letter++) {
      JsonNode text = object.get("" + letter);
      if (!text.isTextual()) {
        throw error("\"" + key + "\"." + letter + " must be a text, not " + shown(text) + ".");
      }
      texts.add(text.textValue());
    }
    if (texts.size() < 2 || texts.size() != object.size()) {
      throw error("\"" + key + "\" must be an object of texts with the keys A, B and so on.");
    }
    return texts;
  }

  UserError error(String problem) {
    return new UserError(file + ", line " + line + ": " + within + problem);
  }

  /** Whether a key is present and not null. */
  boolean has(String key) {
    return row.hasNonNull(key);
  }

  /** Whether a text field is present as text or as ids. */
  boolean hasText(String key) {
    return has(key) || has(key + "_ids");
  }

  /** Refuses unknown keys; {@code id} and keys that begin with {@code _} are allowed everywhere. */
  void allowOnly(Collection<String> valid) {
    String unknown = firstUnknown(valid);
    if (unknown != null) {
      throw unknownKey(unknown, valid);
    }
  }

  UserError unknownKey(String key, Collection<String> valid) {
    return error(
        "the key \""
            + shortened(key)
            + "\" is unknown; did you mean \""
            + nearest(key, valid)
            + "\"? (A key of your own may begin with \"_\".)");
  }

  /** The first key that is not in {@code valid}, or null. */
  String firstUnknown(Collection<String> valid) {
    for (String key : (Iterable<String>) row::fieldNames) {
      if (!valid.contains(key) && !key.equals("id") && !key.startsWith("_")) {
        return key;
      }
    }
    return null;
  }

  static String nearest(String key, Collection<String> valid) {
    String asked = shortened(key);
    String best = null;
    int bestDistance = Integer.MAX_VALUE;
    for (String candidate : valid) {
      int distance = EditDistance.between(asked, candidate);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best;
  }

  /**
   * Reads {@code key}, {@code key_ids} or both.
   *
   * @throws UserError when both are missing
   */
  TokenText text(String key) {
    if (!hasText(key)) {
      throw error(
          "\"" + key + "\" or \"" + key + "_ids\" is missing; give the text or its token ids.");
    }
    String text = has(key) ? string(key) : null;
    int[] ids = has(key + "_ids") ? integers(key + "_ids", "a token id (an integer >= 0)") : null;
    boolean[] scored = has(key + "_mask") ? mask(key + "_mask") : null;
    int[] steps = has(key + "_steps") ? integers(key + "_steps", "a number of tokens") : null;
    try {
      return new TokenText(text, ids, scored, steps);
    } catch (IllegalArgumentException e) {
      throw error("\"" + key + (scored != null ? "_mask" : "_steps") + "\": " + e.getMessage());
    }
  }

  private boolean[] mask(String key) {
    int[] values = integers(key, "0 or 1");
    boolean[] mask = new boolean[values.length];
    for (int i = 0; i < mask.length; i++) {
      if (values[i] > 1) {
        throw error("\"" + key + "\"[" + i + "] must be 0 or 1, not " + values[i] + ".");
      }
      mask[i] = values[i] == 1;
    }
    return mask;
  }

  String string(String key) {
    JsonNode value = row.get(key);
    if (value == null || !value.isTextual()) {
      throw error("\"" + key + "\" must be a string, not " + shown(value) + ".");
    }
    return value.textValue();
  }

  boolean bool(String key) {
    JsonNode value = row.get(key);
    if (value == null || !value.isBoolean()) {
      throw error("\"" + key + "\" must be true or false, not " + shown(value) + ".");
    }
    return value.booleanValue();
  }

  double number(String key) {
    return number(key, row.get(key));
  }

  private double number(String name, JsonNode value) {
    if (value == null || !value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw error("\"" + name + "\" must be a finite number, not " + shown(value) + ".");
    }
    return value.doubleValue();
  }

  private int[] integers(String key, String what) {
    JsonNode values = array(key);
    int[] ids = new int[values.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode value = values.get(i);
      if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
        throw error("\"" + key + "\"[" + i + "] must be " + what + ", not " + shown(value) + ".");
      }
      ids[i] = value.intValue();
    }
    return ids;
  }

  float[] floatsOrNull(String key) {
    if (!has(key)) {
      return null;
    }
    JsonNode values = array(key);
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) number(key + "[" + i + "]", values.get(i));
    }
    return floats;
  }

  /** The objects of a list field; error messages name the index of each. */
  List<RowFields> objects(String key, String itemName) {
    JsonNode values = array(key);
    List<RowFields> objects = new ArrayList<>(values.size());
    for (int i = 0; i < values.size(); i++) {
      if (!(values.get(i) instanceof ObjectNode object)) {
        throw error(
            "\""
                + key
                + "\"["
                + i
                + "] must be an object {...}, not "
                + shown(values.get(i))
                + ".");
      }
      objects.add(new RowFields(object, file, line, itemName + " " + (i + 1) + ": "));
    }
    return objects;
  }

  /** Whether any value is an object. */
  boolean hasObject() {
    return row.properties().stream().anyMatch(entry -> entry.getValue().isObject());
  }

  /** The objects under all keys but some; error messages name the key of each. */
  List<RowFields> objectsBut(Set<String> others) {
    List<RowFields> objects = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : row.properties()) {
      String key = entry.getKey();
      if (!others.contains(key) && !key.startsWith("_") && has(key)) {
        if (!(entry.getValue() instanceof ObjectNode object)) {
          throw error(
              "\"" + key + "\" must be an object {...}, not " + shown(entry.getValue()) + ".");
        }
        objects.add(new RowFields(object, file, line, "\"" + key + "\": "));
      }
    }
    return objects;
  }

  private JsonNode array(String key) {
    JsonNode values = row.get(key);
    if (values == null || !values.isArray()) {
      throw error("\"" + key + "\" must be a list, not " + shown(values) + ".");
    }
    return values;
  }

  private static String shown(JsonNode value) {
    return shortened(String.valueOf(value));
  }

  /** Shortens a text to 60 characters, so that a message stays readable. */
  static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
