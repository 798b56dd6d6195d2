package dev.plumbline.transformer.tokenizer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.plumbline.transformer.model.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Converts a SentencePiece {@code tokenizer.model} of type BPE (Kudo and Richardson 2018) to a
 * {@code tokenizer.json}, so that one library reads both. Field numbers are those of <a
 * href="https://github.com/google/sentencepiece">sentencepiece_model.proto</a>.
 *
 * <p>The model gives every piece a score and merges the neighbours whose union has the best score;
 * a {@code tokenizer.json} lists the merges, best first.
 */
final class SentencePieceModel {
  private static final String SPACE = "\u2581";
  private static final int BPE = 2;

  /**
   * Maximum number of characters of a piece; pieces of published models have at most some hundred,
   * all blanks.
   */
  private static final int LONGEST_PIECE = 1024;

  /** Types of pieces, numbered as in the file. */
  private enum Kind {
    NONE,
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  private record Piece(String text, float score, Kind kind) {
    boolean joins() {
      return kind == Kind.NORMAL || kind == Kind.USER_DEFINED;
    }
  }

  private record Join(String left, String right, float score) {}

  private final List<Piece> pieces = new ArrayList<>();
  private int modelType = 1; // unigram, where the file does not say
  private boolean byteFallback;
  private int bos = 1;
  private byte[] charsMap = {};
  private boolean dummyPrefix = true;
  private boolean singleSpaces = true;

  private SentencePieceModel() {}

  /** The {@code tokenizer.json} of a file. */
  static ObjectNode read(Path file) throws IOException {
    SentencePieceModel model = new SentencePieceModel();
    try {
      model.parse(CodedInputStream.newInstance(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new ModelException(
          "The file " + file + " is not a SentencePiece model: " + e.getMessage());
    }
    if (model.pieces.isEmpty()) {
      throw new ModelException("The file " + file + " holds no pieces of a SentencePiece model.");
    }
    if (model.modelType != BPE) {
      throw new ModelException(
          "The SentencePiece model "
              + file
              + " is not of the BPE kind; give the model's tokenizer.json in its place.");
    }
    return model.json();
  }

  /** Reads the value of a field. */
  private interface Field {
    /** Returns false if the field is not needed. */
    boolean read(int number, CodedInputStream in) throws IOException;
  }

  private static void fields(CodedInputStream in, Field field) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!field.read(WireFormat.getTagFieldNumber(tag), in)) {
        in.skipField(tag);
      }
    }
  }

  private static CodedInputStream message(CodedInputStream in) throws IOException {
    return in.readBytes().newCodedInput();
  }

  private void parse(CodedInputStream in) throws IOException {
    fields(
        in,
        (number, model) -> {
          switch (number) {
            case 1 -> piece(message(model));
            case 2 -> trainer(message(model));
            case 3 -> normalizer(message(model));
            default -> {
              return false;
            }
          }
          return true;
        });
  }

  private void piece(CodedInputStream in) throws IOException {
    String[] text = {""};
    float[] score = {0};
    int[] kind = {Kind.NORMAL.ordinal()};
    fields(
        in,
        (number, piece) -> {
          switch (number) {
            case 1 -> text[0] = piece.readStringRequireUtf8();
            case 2 -> score[0] = piece.readFloat();
            case 3 -> kind[0] = Math.floorMod(piece.readEnum(), Kind.values().length);
            default -> {
              return false;
            }
          }
          return true;
        });
    if (text[0].length() > LONGEST_PIECE) {
      throw new IOException(
          "its piece "
              + pieces.size()
              + " has "
              + text[0].length()
              + " characters, and at most "
              + LONGEST_PIECE
              + " are read");
    }
    pieces.add(new Piece(text[0], score[0], Kind.values()[kind[0]]));
  }

  private void trainer(CodedInputStream in) throws IOException {
    fields(
        in,
        (number, spec) -> {
          switch (number) {
            case 3 -> modelType = spec.readEnum();
            case 35 -> byteFallback = spec.readBool();
            case 41 -> bos = spec.readInt32();
            default -> {
              return false;
            }
          }
          return true;
        });
  }

  private void normalizer(CodedInputStream in) throws IOException {
    fields(
        in,
        (number, spec) -> {
          switch (number) {
            case 2 -> charsMap = spec.readByteArray();
            case 3 -> dummyPrefix = spec.readBool();
            case 4 -> singleSpaces = spec.readBool();
            default -> {
              return false;
            }
          }
          return true;
        });
  }

  private ObjectNode json() {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("version", "1.0").putNull("truncation").putNull("padding");
    ArrayNode added = json.putArray("added_tokens");
    String unknown = null;
    for (int id = 0; id < pieces.size(); id++) {
      Piece p = pieces.get(id);
      boolean special = p.kind() == Kind.UNKNOWN || p.kind() == Kind.CONTROL;
      unknown = p.kind() == Kind.UNKNOWN ? p.text() : unknown;
      if (special || p.kind() == Kind.USER_DEFINED) {
        TokenizerFiles.added(added, id, p.text(), special);
      }
    }
    normalizers(json.putObject("normalizer").put("type", "Sequence").putArray("normalizers"));
    json.putNull("pre_tokenizer");
    if (bos >= 0 && bos < pieces.size()) {
      template(json.putObject("post_processor"), pieces.get(bos).text(), bos);
    }
    decoders(json.putObject("decoder").put("type", "Sequence").putArray("decoders"));
    ObjectNode model = json.putObject("model").put("type", "BPE");
    model.put("unk_token", unknown).put("fuse_unk", true).put("byte_fallback", byteFallback);
    ObjectNode vocabulary = model.putObject("vocab");
    for (int id = 0; id < pieces.size(); id++) {
      vocabulary.put(pieces.get(id).text(), id);
    }
    ArrayNode merges = model.putArray("merges");
    joins().forEach(j -> merges.addArray().add(j.left()).add(j.right()));
    return json;
  }

  private void normalizers(ArrayNode all) {
    if (charsMap.length > 0) {
      all.addObject()
          .put("type", "Precompiled")
          .put("precompiled_charsmap", Base64.getEncoder().encodeToString(charsMap));
    }
    if (singleSpaces) {
      all.addObject().put("type", "Strip").put("strip_left", true).put("strip_right", true);
      replace(all.addObject(), "Regex", " {2,}", " ");
    }
    if (dummyPrefix) {
      all.addObject().put("type", "Prepend").put("prepend", SPACE);
    }
    replace(all.addObject(), "String", " ", SPACE);
  }

  private static void replace(ObjectNode node, String kind, String what, String by) {
    node.put("type", "Replace").put("content", by).putObject("pattern").put(kind, what);
  }

  private static void template(ObjectNode node, String bos, int id) {
    node.put("type", "TemplateProcessing");
    for (String side : List.of("single", "pair")) {
      ArrayNode parts = node.putArray(side);
      for (String sequence : side.equals("single") ? List.of("A") : List.of("A", "B")) {
        parts.addObject().putObject("SpecialToken").put("id", bos).put("type_id", 0);
        parts.addObject().putObject("Sequence").put("id", sequence).put("type_id", 0);
      }
    }
    ObjectNode token = node.putObject("special_tokens").putObject(bos).put("id", bos);
    token.putArray("ids").add(id);
    token.putArray("tokens").add(bos);
  }

  private void decoders(ArrayNode all) {
    replace(all.addObject(), "String", SPACE, " ");
    all.addObject().put("type", "ByteFallback");
    all.addObject().put("type", "Fuse");
    if (dummyPrefix) {
      all.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
  }

  /** All merges of two pieces into another piece, the best piece first. */
  private List<Join> joins() {
    Map<String, Piece> byText = new HashMap<>();
    pieces.stream().filter(Piece::joins).forEach(p -> byText.put(p.text(), p));
    List<Join> joins = new ArrayList<>();
    for (Piece p : pieces) {
      String text = p.text();
      for (int at = 1; p.joins() && at < text.length(); at++) {
        String left = text.substring(0, at);
        String right = text.substring(at);
        if (byText.containsKey(left) && byText.containsKey(right)) {
          joins.add(new Join(left, right, p.score()));
        }
      }
    }
    joins.sort(
        Comparator.comparingDouble(Join::score)
            .thenComparingInt(j -> j.left().length())
            .thenComparingInt(j -> j.right().length())
            .reversed());
    return joins;
  }
}
