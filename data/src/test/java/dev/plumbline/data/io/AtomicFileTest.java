package dev.plumbline.data.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Targets of an output: files, links, devices and pipes, but not directories. */
class AtomicFileTest {
  @TempDir Path folder;

  private static void write(Path file, String text) throws IOException {
    try (AtomicFile out = AtomicFile.create(file)) {
      out.stream().write(text.getBytes(StandardCharsets.UTF_8));
      out.commit();
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aLinkStaysAndItsTargetIsReplaced() throws IOException {
    Path real = Files.writeString(Files.createDirectory(folder.resolve("far")).resolve("a"), "old");
    Path near = Files.createSymbolicLink(folder.resolve("near"), Path.of("far/a"));
    Path chain = Files.createSymbolicLink(folder.resolve("chain"), Path.of("near"));
    write(chain, "new");
    assertThat(real).hasContent("new");
    assertThat(near).isSymbolicLink();
    assertThat(chain).isSymbolicLink();
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("far/b"));
    write(dangling, "made");
    assertThat(folder.resolve("far/b")).hasContent("made");
    assertThat(names()).containsExactly("chain", "dangling", "far", "near");
  }

  @Test
  void aCycleOfLinksIsRefused() throws IOException {
    Path one = folder.resolve("one");
    Files.createSymbolicLink(one, Path.of("two"));
    Files.createSymbolicLink(folder.resolve("two"), Path.of("one"));
    assertThatThrownBy(() -> write(one, "x"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("too many levels of symbolic links");
  }

  @Test
  void aDeviceIsWrittenTo() throws IOException {
    Path device = Path.of("/dev/null");
    assumeTrue(Files.exists(device), "Skipped: there is no /dev/null.");
    write(device, "gone");
    assertThat(Files.isRegularFile(device)).isFalse();
    assertThat(Files.exists(device)).isTrue();
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "Skipped: there is no /dev/full.");
    assertThatThrownBy(() -> write(full, "x"))
        .isInstanceOf(UserError.class)
        .hasMessage("/dev/full cannot be written: no space left on device.");
  }

  /** Like {@code /dev/stdout} if the shell redirects it to a file. */
  @Test
  void anOpenFileIsWrittenDirectlyAndNotReplaced() throws IOException {
    Path descriptors = Path.of("/proc/self/fd");
    assumeTrue(Files.isDirectory(descriptors), "Skipped: there is no /proc/self/fd.");
    Path held = folder.resolve("held");
    try (OutputStream open = Files.newOutputStream(held)) {
      open.write("before ".getBytes(StandardCharsets.UTF_8));
      Path link = folder.resolve("link");
      try (Stream<Path> all = Files.list(descriptors)) {
        for (Path one : all.toList()) {
          if (Files.isSymbolicLink(one) && Files.readSymbolicLink(one).equals(held.toRealPath())) {
            Files.createSymbolicLink(link, one);
          }
        }
      }
      Object file = Files.getAttribute(held, "unix:ino");
      write(link, "after");
      assertThat(Files.readSymbolicLink(link).toString()).startsWith("/proc/");
      assertThat(Files.getAttribute(held, "unix:ino")).isEqualTo(file);
    }
    assertThat(held).hasContent("before after");
    assertThat(names()).containsExactly("held", "link");
  }

  @Test
  void aPipeIsWrittenTo() throws Exception {
    Path pipe = folder.resolve("pipe");
    boolean made = false;
    try {
      made = new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0;
    } catch (IOException e) {
      System.out.println("mkfifo: " + e.getMessage());
    }
    assumeTrue(made, "Skipped: mkfifo cannot create a pipe here.");
    Process reader = new ProcessBuilder("cat", pipe.toString()).start();
    write(pipe, "through");
    assertThat(reader.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("through");
    assertThat(reader.waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(names()).containsExactly("pipe");
  }

  @Test
  void twoWritersOfOneFileDoNotCollide() throws IOException {
    Path file = folder.resolve("a");
    try (AtomicFile one = AtomicFile.create(file);
        AtomicFile two = AtomicFile.create(file)) {
      one.stream().write('1');
      two.stream().write('2');
      one.commit();
      assertThat(file).hasContent("1");
      two.commit();
    }
    assertThat(file).hasContent("2");
    assertThat(names()).containsExactly("a");
  }

  @Test
  void refusalsNameTheFileAndTheReason() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> write(file.resolve("below"), "x"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("below")
        .hasMessageContaining("not a directory");
    assertThatThrownBy(() -> write(folder.resolve("n".repeat(300)), "x"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("file name too long");
    assertThat(names()).containsExactly("file");
  }

  @Test
  void theReasonDecidesBetweenUserErrorAndFailure() {
    Path file = Path.of("out.jsonl");
    assertThat(SystemReason.cannot("written", file, new AccessDeniedException("out.jsonl")))
        .isInstanceOf(UserError.class)
        .hasMessage("out.jsonl cannot be written: permission denied.");
    assertThat(
            SystemReason.cannot(
                "written", file, new FileSystemException("out", null, "Read-only file system")))
        .isInstanceOf(UserError.class)
        .hasMessage("out.jsonl cannot be written: read-only file system.");
    assertThat(SystemReason.cannot("read", file, new IOException("Input/output error")))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage("out.jsonl cannot be read: input/output error.");
  }
}
