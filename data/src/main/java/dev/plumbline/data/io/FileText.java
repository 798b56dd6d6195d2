package dev.plumbline.data.io;

import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** The text of a file, or an error that says what the file contains instead. */
public final class FileText {
  private static final long MAX_BYTES = Integer.MAX_VALUE - 64;

  private FileText() {}

  /**
   * Reads the complete file as text, without a byte-order mark.
   *
   * @throws UserError when the file is missing, too large or not UTF-8; for a known binary format
   *     the message gives the command that converts it
   */
  public static String read(Path file) {
    if (Files.isDirectory(file)) {
      throw new UserError(file + " is a directory, not a file; check the path.");
    }
    if (!Files.isRegularFile(file)) {
      String why = Files.exists(file) ? "it is a pipe or a device" : "it does not exist";
      throw new UserError(file + " is not a file (" + why + "); check the path.");
    }
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new UserError(
            file
                + " has "
                + Files.size(file)
                + " bytes, but at most 2 GiB can be read; split the file.");
      }
      byte[] bytes = Files.readAllBytes(file);
      refuseOtherFormats(file, bytes);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new UserError(file + " is not UTF-8 text; convert it to UTF-8.", e);
    } catch (IOException e) {
      throw SystemReason.cannot("read", file, e);
    }
  }

  private static void refuseOtherFormats(Path file, byte[] b) {
    if (begins(b, 'P', 'A', 'R', '1')) {
      throw format(
          file,
          "a Parquet file",
          "python3 -c \"import pandas; pandas.read_parquet('%s').to_json('%s.jsonl', orient='records', lines=True)\"");
    } else if (begins(b, 'A', 'R', 'R', 'O', 'W', '1')) {
      throw format(
          file,
          "an Arrow file",
          "python3 -c \"import pandas; pandas.read_feather('%s').to_json('%s.jsonl', orient='records', lines=True)\"");
    } else if (begins(b, 0x1f, 0x8b)) {
      throw format(file, "compressed by gzip", "gunzip --keep '%s'");
    } else if (begins(b, 0x28, 0xb5, 0x2f, 0xfd)) {
      throw format(file, "compressed by zstd", "zstd --decompress --keep '%s'");
    } else if (begins(b, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      throw format(file, "compressed by xz", "xz --decompress --keep '%s'");
    } else if (begins(b, 'B', 'Z', 'h') && b.length > 4 && b[4] == 0x31) {
      throw format(file, "compressed by bzip2", "bunzip2 --keep '%s'");
    } else if (begins(b, 'P', 'K', 3, 4)) {
      throw format(file, "a zip archive", "unzip '%s'");
    } else if (begins(b, 0xff, 0xfe) || begins(b, 0xfe, 0xff)) {
      throw format(file, "UTF-16 text", "iconv -f UTF-16 -t UTF-8 '%s' -o '%s.utf8'");
    }
  }

  private static boolean begins(byte[] bytes, int... magic) {
    for (int i = 0; i < magic.length; i++) {
      if (i >= bytes.length || (bytes[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static UserError format(Path file, String what, String command) {
    return new UserError(
        file
            + " is "
            + what
            + ", but Plumbline reads text (JSON lines, JSON, CSV); convert it: "
            + command.replace("%s", file.toString()));
  }
}
