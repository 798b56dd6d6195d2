package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.DocumentationTool;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every public type has a comment, and every package says what it holds. */
class JavadocTest {
  private static final List<String> MODULES = List.of("data", "tensor", "transformer", "alignment");
  private static final String ROOT = "dev.plumbline.";
  private static final Pattern DOTTED = Pattern.compile("\\{@code ([a-z]\\w*(?:\\.[a-z]\\w*)+)\\}");

  @TempDir Path pages;

  @Test
  void everyPublicTypeHasAComment() throws IOException {
    DocumentationTool tool = ToolProvider.getSystemDocumentationTool();
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    try (StandardJavaFileManager files = tool.getStandardFileManager(found, Locale.ROOT, null)) {
      List<String> options =
          List.of(
              "-Xdoclint:missing",
              "-Xmaxwarns",
              "100000",
              "-public",
              "-quiet",
              "-notimestamp",
              "--add-modules",
              "jdk.incubator.vector",
              "-classpath",
              System.getProperty("java.class.path"),
              "-d",
              pages.toString());
      boolean done =
          tool.getTask(
                  null, files, found, null, options, files.getJavaFileObjectsFromPaths(sources()))
              .call();
      assertThat(done).as(found.getDiagnostics().toString()).isTrue();
    }
    assertThat(found.getDiagnostics()).isNotEmpty(); // tags are missing here and there
    List<String> missing = new ArrayList<>();
    for (Diagnostic<? extends JavaFileObject> one : found.getDiagnostics()) {
      if (one.getMessage(Locale.ROOT).contains("no comment") && one.getSource() != null) {
        String line = line(one);
        if (line.matches(".*\\b(class|interface|enum|record|@interface)\\b.*")) {
          missing.add(one.getSource().getName() + ":" + one.getLineNumber() + " " + line.strip());
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static String line(Diagnostic<? extends JavaFileObject> one) throws IOException {
    return one.getSource()
        .getCharContent(true)
        .toString()
        .lines()
        .skip(one.getLineNumber() - 1)
        .findFirst()
        .orElse("");
  }

  @Test
  void everyPackageSaysWhatItHolds() throws IOException {
    Set<Path> without = new TreeSet<>();
    for (Path source : sources()) {
      if (!Files.exists(source.resolveSibling("package-info.java"))) {
        without.add(source.getParent());
      }
    }
    assertThat(without).isEmpty();
  }

  /** Dotted names of our packages in {@code package-info.java}, below a module or the root. */
  @Test
  void packageInfosNamePackagesThatExist() throws IOException {
    Set<String> packages = new TreeSet<>();
    for (Path source : sources()) {
      String folder = source.getParent().toString().replace('/', '.').replace('\\', '.');
      packages.add(folder.substring(folder.lastIndexOf(ROOT) + ROOT.length()));
    }
    Set<String> missing = new TreeSet<>();
    int named = 0;
    for (Path source : sources()) {
      if (source.endsWith("package-info.java")) {
        String text = Files.readString(source).replaceAll("\\s+\\*\\s+", " ");
        for (String name : DOTTED.matcher(text).results().map(m -> m.group(1)).toList()) {
          String first = name.substring(0, name.indexOf('.'));
          if (MODULES.contains(first) || packages.contains("alignment." + first)) {
            named++;
            if (!packages.contains(name) && !packages.contains("alignment." + name)) {
              missing.add(source + ": " + name);
            }
          }
        }
      }
    }
    assertThat(named).isGreaterThan(5);
    assertThat(missing).isEmpty();
  }

  private static List<Path> sources() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String module : MODULES) {
      try (Stream<Path> files =
          Files.walk(Cli.checkout().resolve(module).resolve("src/main/java"))) {
        files.filter(f -> f.toString().endsWith(".java")).forEach(all::add);
      }
    }
    return all;
  }
}
