package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.plumbline.alignment.objective.Objectives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The house rules that can be counted: lines of a class, parameters of a constructor. */
class ShapeTest {
  private static final int MAX_LINES = 400;
  private static final int MAX_PARAMETERS = 7;

  /** Register tiles. */
  private static final Set<String> LONG = Set.of("VectorProducts.java");

  /** Records of results, which have a component per figure. */
  private static final Set<String> RESULTS =
      Set.of("PairFiles$Counts", "ModelBench$Figures", "BenchFigures", "Figures");

  @Test
  void noClassIsLong() throws IOException {
    List<String> tooLong = new ArrayList<>();
    for (String module : List.of("data", "tensor", "transformer", "alignment")) {
      try (Stream<Path> files =
          Files.walk(Cli.checkout().resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          long lines = Files.readString(file).lines().count();
          if (lines > MAX_LINES && !LONG.contains(file.getFileName().toString())) {
            tooLong.add(file + " has " + lines + " lines");
          }
        }
      }
    }
    assertThat(tooLong).isEmpty();
  }

  @Test
  void noConstructorOfAlignmentHasManyParameters() {
    List<String> tooMany = new ArrayList<>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.plumbline.alignment")) {
      String name = type.getName().replaceFirst(".*\\.", "");
      boolean written = !type.isEnum() && !type.isAnonymousClass() && !type.isLocalClass();
      for (JavaConstructor constructor : type.getConstructors()) {
        int parameters = constructor.getRawParameterTypes().size();
        if (written && parameters > MAX_PARAMETERS && !RESULTS.contains(name)) {
          tooMany.add(type.getName() + " takes " + parameters);
        }
      }
    }
    assertThat(tooMany).isEmpty();
  }

  /** The list at the end of the help, with the papers, is not wrapped in 80 columns. */
  @Test
  void summariesOfObjectivesAreShort() {
    assertThat(Objectives.ALL)
        .allSatisfy(spec -> assertThat(spec.summary() + spec.paper()).hasSizeLessThanOrEqualTo(46));
  }

  /** Every objective is explained on a page of docs/math. */
  @Test
  void everyObjectiveHasItsPage() throws IOException {
    StringBuilder pages = new StringBuilder();
    try (Stream<Path> files = Files.list(Cli.checkout().resolve("docs/math"))) {
      for (Path file : files.toList()) {
        pages.append(Files.readString(file));
      }
    }
    assertThat(Objectives.NAMES).filteredOn(name -> pages.indexOf(name) < 0).isEmpty();
  }
}
