package dev.plumbline.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The arrows between modules: alignment to transformer, data and tensor; transformer to tensor;
 * both to {@code data.io}, which writes files.
 */
class ArchitectureTest {
  private static final String DATA = "dev.plumbline.data..";
  private static final String TENSOR = "dev.plumbline.tensor..";
  private static final String TRANSFORMER = "dev.plumbline.transformer..";
  private static final String ALIGNMENT = "dev.plumbline.alignment..";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.plumbline");

  @Test
  void allModulesAreSeen() {
    assertThat(CLASSES.contain("dev.plumbline.data.io.Jsonl")).isTrue();
    assertThat(CLASSES.contain("dev.plumbline.tensor.ops.Ops")).isTrue();
    assertThat(CLASSES.contain("dev.plumbline.transformer.graph.LlamaGraph")).isTrue();
    assertThat(CLASSES.contain("dev.plumbline.alignment.cli.Main")).isTrue();
  }

  @Test
  void dataKnowsNothingOfOursAndNoNd4j() {
    refuse(DATA, TENSOR, TRANSFORMER, ALIGNMENT, "org.nd4j..", "org.bytedeco..");
  }

  @Test
  void tensorKnowsOnlyTheWriterOfFiles() {
    refuse(TENSOR, TRANSFORMER, ALIGNMENT);
    refuseData(TENSOR);
  }

  @Test
  void transformerKnowsTensorAndTheWriterOfFiles() {
    refuse(TRANSFORMER, ALIGNMENT);
    refuseData(TRANSFORMER);
  }

  /** Allows only {@code data.io} and the errors of the root package of data. */
  private static void refuseData(String from) {
    for (String own : List.of("problem", "row", "files", "steps", "select", "wordproblems")) {
      refuse(from, "dev.plumbline.data." + own + "..");
    }
    refuse(from, "dev.plumbline.data.math..", "dev.plumbline.data.tokenizer..");
  }

  @Test
  void objectivesKnowNeitherTrainerNorCommandLine() {
    refuse(
        "dev.plumbline.alignment.objective..",
        "dev.plumbline.alignment.train..",
        "dev.plumbline.alignment.cli..");
  }

  @Test
  void onlyTheCommandLineKnowsPicocli() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.plumbline.alignment.cli..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("picocli..")
        .check(CLASSES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"data", "tensor", "transformer", "alignment"})
  void packagesOfAModuleHaveNoCycle(String module) {
    slices()
        .matching("dev.plumbline." + module + ".(*)..")
        .should()
        .beFreeOfCycles()
        .check(CLASSES);
  }

  /** Pages do not use charts, charts do not use studies. */
  @Test
  void packagesOfReportHaveNoCycle() {
    String report = "dev.plumbline.alignment.report.";
    slices().matching(report + "(*)..").should().beFreeOfCycles().check(CLASSES);
    refuse(report + "page..", report + "chart..", report + "study..", report + "bench..");
    refuse(report + "chart..", report + "study..", report + "bench..");
    refuse(report + "study..", "dev.plumbline.alignment.experiment..");
  }

  /**
   * The experiment of a paper uses the kernel; papers do not use each other. A paper is a package
   * with a class whose name ends with {@code Experiment}.
   */
  @Test
  void papersKnowTheKernelOnly() {
    String alignment = "dev.plumbline.alignment.";
    List<String> papers =
        CLASSES.stream()
            .filter(type -> type.getSimpleName().endsWith("Experiment"))
            .map(JavaClass::getPackageName)
            .filter(name -> !name.equals(alignment + "experiment"))
            .distinct()
            .map(name -> name + "..")
            .toList();
    assertThat(papers).hasSizeGreaterThanOrEqualTo(3);
    refuse(alignment + "experiment..", papers.toArray(String[]::new));
    for (String paper : papers) {
      refuse(paper, papers.stream().filter(p -> !p.equals(paper)).toArray(String[]::new));
    }
  }

  @Test
  void modulesHaveNoCycle() {
    slices().matching("dev.plumbline.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  private static void refuse(String from, String... to) {
    noClasses()
        .that()
        .resideInAPackage(from)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(to)
        .check(CLASSES);
  }
}
