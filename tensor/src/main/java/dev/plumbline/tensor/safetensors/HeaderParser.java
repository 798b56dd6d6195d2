package dev.plumbline.tensor.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON of a header token by token, so that a hostile header of 100 MB builds no tree. It
 * stops at the first error.
 */
final class HeaderParser {
  /** Maximum rank of ND4J's shape information. */
  static final int MAX_RANK = 32;

  private final Path file;
  private final long dataStart;
  private final long dataBytes;
  private final JsonParser json;

  private HeaderParser(Path file, long dataStart, long dataBytes, JsonParser json) {
    this.file = file;
    this.dataStart = dataStart;
    this.dataBytes = dataBytes;
    this.json = json;
  }

  /** Parses and checks each tensor separately; {@link Header} checks their layout. */
  static Header parse(Path file, String text, long dataStart, long size) {
    JsonFactory factory =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    try (JsonParser json = factory.createParser(text)) {
      return new HeaderParser(file, dataStart, size - dataStart, json).header();
    } catch (JsonProcessingException e) {
      throw new SafetensorsException(
          "The safetensors file "
              + file
              + " has a header that is not proper JSON, at character "
              + (e.getLocation() == null ? "?" : e.getLocation().getCharOffset())
              + ": "
              + e.getOriginalMessage().lines().findFirst().orElse("")
              + ". Fetch or write the file again.",
          e);
    } catch (IOException e) {
      throw Header.error(file, "cannot be read", e);
    }
  }

  private Header header() throws IOException {
    List<TensorEntry> entries = new ArrayList<>();
    Map<String, String> metadata = Map.of();
    expect(json.nextToken(), JsonToken.START_OBJECT, "a JSON object as the header");
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      if (name.equals(Header.METADATA)) {
        metadata = metadata();
      } else {
        entries.add(entry(name));
      }
    }
    if (json.nextToken() != null) {
      throw Header.error(file, "has a second JSON value behind its header's object");
    }
    return new Header(entries, Collections.unmodifiableMap(metadata));
  }

  private Map<String, String> metadata() throws IOException {
    Map<String, String> metadata = new LinkedHashMap<>();
    expect(json.nextToken(), JsonToken.START_OBJECT, "an object of texts as " + Header.METADATA);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      expect(
          json.nextToken(),
          JsonToken.VALUE_STRING,
          "a text as the value of '" + key + "' in " + Header.METADATA);
      metadata.put(key, json.getText());
    }
    return metadata;
  }

  private TensorEntry entry(String name) throws IOException {
    expect(json.nextToken(), JsonToken.START_OBJECT, "an object as tensor '" + name + "'");
    Dtype dtype = null;
    long[] shape = null;
    long[] offsets = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      switch (field) {
        case "dtype" -> dtype = dtype(name);
        case "shape" -> shape = naturals(name, field, MAX_RANK);
        case "data_offsets" -> offsets = naturals(name, field, 2);
        default ->
            throw error(name, "has the field '" + field + "', which the format does not know");
      }
    }
    if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
      throw error(name, "lacks one of dtype, shape and data_offsets [begin, end]");
    }
    return entry(name, dtype, shape, offsets[0], offsets[1]);
  }

  private TensorEntry entry(String name, Dtype dtype, long[] shape, long begin, long end) {
    String description = dtype + Arrays.toString(shape);
    if (begin > end || end > dataBytes) {
      throw error(
          name,
          "lies at data offsets ["
              + begin
              + ", "
              + end
              + "] of "
              + dataBytes
              + " bytes of data; the file is truncated or damaged, so fetch it again");
    }
    long needed = dtype.bytes();
    try {
      for (long dimension : shape) {
        needed = Math.multiplyExact(needed, dimension);
      }
    } catch (ArithmeticException e) {
      throw error(name, "is " + description + ", whose size in bytes exceeds 64 bits");
    }
    if (needed != end - begin) {
      throw error(
          name,
          "at data offset "
              + begin
              + " is "
              + description
              + ", which takes "
              + needed
              + " bytes, but has "
              + (end - begin));
    }
    return new TensorEntry(name, dtype, shape, file, dataStart + begin, end - begin);
  }

  private Dtype dtype(String name) throws IOException {
    expect(json.nextToken(), JsonToken.VALUE_STRING, "a text as dtype of tensor '" + name + "'");
    String text = json.getText();
    for (Dtype dtype : Dtype.values()) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    throw error(
        name,
        "has the dtype '"
            + text
            + "'; known are "
            + Arrays.toString(Dtype.values())
            + ", so convert the checkpoint to one of these");
  }

  /** An array of at most {@code max} whole numbers from 0 to 2^63 - 1. */
  private long[] naturals(String name, String field, int max) throws IOException {
    String what = field + " of tensor '" + name + "'";
    expect(json.nextToken(), JsonToken.START_ARRAY, "an array as " + what);
    long[] values = new long[max];
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, "whole numbers as " + what);
      boolean fits = json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
      if (!fits || json.getLongValue() < 0) {
        throw error(
            name, "has the number " + json.getText() + " in its " + field + ", not 0 to 2^63 - 1");
      }
      if (count == max) {
        throw error(name, "has more than " + max + " numbers in its " + field);
      }
      values[count++] = json.getLongValue();
    }
    return Arrays.copyOf(values, count);
  }

  private void expect(JsonToken found, JsonToken wanted, String what) throws IOException {
    if (found != wanted) {
      String text = found == null ? "the end" : json.getText();
      throw Header.error(
          file,
          "needs "
              + what
              + " and has "
              + (text.length() > 80 ? text.substring(0, 80) + "…" : text)
              + " at character "
              + json.currentTokenLocation().getCharOffset()
              + " of the header");
    }
  }

  private SafetensorsException error(String name, String what) {
    return new SafetensorsException(
        "The tensor '" + name + "' of the safetensors file " + file + " " + what + ".");
  }
}
