package dev.plumbline.alignment.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.plumbline.alignment.objective.Hyperparameter;
import dev.plumbline.alignment.objective.Hyperparameters;
import dev.plumbline.alignment.objective.ObjectiveSpec;
import dev.plumbline.alignment.objective.Objectives;
import dev.plumbline.tensor.random.RandomStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The pages of {@code plumbline read}: whole, offline, and with the formulas of the classes. */
class ReadTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Formula> FORMULAS = Formula.all();
  private static final int ROUNDS = 40;

  static Stream<String> names() {
    return Objectives.NAMES.stream();
  }

  // ---- pages

  @ParameterizedTest
  @MethodSource("names")
  void aPageIsWholeAndLoadsNothing(String name) throws Exception {
    Reading reading = Reading.of(Objectives.spec(name));
    Document page = page(name);
    assertThat(page.getElementsByTagName("math").getLength()).isGreaterThan(3);
    String text = page.getDocumentElement().getTextContent();
    for (SourceFile file : reading.classes()) {
      assertThat(text).contains("record " + file.name());
      for (SourceFile.Part part : SourceFile.Part.values()) {
        file.part(part).lines().map(String::strip).forEach(line -> assertThat(text).contains(line));
      }
      assertThat(file.part(SourceFile.Part.VALUE)).containsPattern("double (value|pair|terms)\\(");
      assertThat(file.part(SourceFile.Part.GRAPH)).containsPattern("SDVariable (build|pair)\\(");
    }
    assertThat(elements(page, "span").filter(e -> e.getAttribute("class").contains("marked")))
        .isNotEmpty();
    for (String tag : List.of("link", "img", "iframe", "object", "embed")) {
      assertThat(page.getElementsByTagName(tag).getLength()).isZero();
    }
    elements(page, "*").forEach(e -> assertThat(e.hasAttribute("src")).isFalse());
    elements(page, "a")
        .map(e -> e.getAttribute("href"))
        .forEach(href -> assertThat(href).matches("#[\\w-]+|[\\w-]+\\.html"));
    elements(page, "style")
        .forEach(e -> assertThat(e.getTextContent()).doesNotContain("url(", "@import"));
    assertThat(text).doesNotContain("fetch(", "XMLHttpRequest", "import(", "innerHTML");
  }

  @Test
  void theIndexNamesEveryObjective(@TempDir Path directory) throws Exception {
    Path index = ReadPages.writeAll(directory.resolve("pages"));
    Document page = parse(Files.readString(index));
    List<String> links = elements(page, "a").map(e -> e.getAttribute("href")).toList();
    assertThat(links).containsExactlyElementsOf(names().map(name -> name + ".html").toList());
    links.forEach(link -> assertThat(index.resolveSibling(link)).exists());
    for (ObjectiveSpec.Group group : ObjectiveSpec.Group.values()) {
      assertThat(page.getDocumentElement().getTextContent()).contains(group.title());
    }
  }

  @Test
  void linesOfAnEquationAreMarked() {
    String code = SourceFile.read("objective/Aft").part(SourceFile.Part.GRAPH);
    String marked =
        CodeBlock.html(code, false)
            .lines()
            .filter(line -> line.contains("line marked"))
            .map(line -> line.replaceAll("<[^>]*>", "").strip())
            .reduce("", (a, b) -> a + b + "\n");
    assertThat(marked)
        .contains("SDVariable exponents = sj.sub(si); // Eq. 6, Eq. 7")
        .contains("return logProbs.logOnePlusSumExp( // Eq. 8")
        .contains("logProbs.sd().concat(1, batch.mask(), batch.mask()));")
        .doesNotContain("TokenLogProbs logProbs = ");
  }

  @Test
  void aConstrainedObjectiveShowsTheDecoratorAndTheLoss() {
    assertThat(Reading.of(Objectives.spec("rrhf-bc")).classes())
        .extracting(SourceFile::name)
        .containsExactly("Constrained", "Rrhf");
  }

  // ---- formulas

  @ParameterizedTest
  @MethodSource("names")
  void theFormulaOfAPageIsTheValueOfItsClass(String name) throws Exception {
    RandomStream random = RandomStream.of(7, "read " + name);
    ObjectiveSpec spec = Objectives.spec(name);
    JsonNode formula = data(name).get("formulas").get(name);
    for (int round = 0; round < ROUNDS; round++) {
      Drawn drawn = Drawn.of(spec, random);
      double page =
          FormulaEvaluator.loss(
              formula, drawn.parameters(), drawn.now().fields(), drawn.still().fields());
      assertThat(page)
          .as(name + ", round " + round + ", " + drawn.parameters())
          .isCloseTo(drawn.value(spec), within(1e-6 * (1 + Math.abs(page))));
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void aPageReadsEveryHyperparameterOfItsLoss(String name) {
    ObjectiveSpec spec = Objectives.spec(name);
    List<Hyperparameter> own = new ArrayList<>(spec.defaults().keySet());
    own.removeAll(
        List.of(
            Hyperparameter.ALIGN_WEIGHT,
            Hyperparameter.VFT_WEIGHT,
            Hyperparameter.LIKELIHOOD_TARGET,
            Hyperparameter.LIKELIHOOD_REDUCTION,
            Hyperparameter.REFERENCE_IN_POSITIVES));
    assertThat(PageData.parameters(spec, FORMULAS.get(name)).values())
        .containsExactlyInAnyOrderElementsOf(own);
  }

  /** The examples of the pages are those that docs/math works by hand. */
  @ParameterizedTest
  @CsvSource({
    "aft-none, 1.710557",
    "aft-dc, 1.710557",
    "aft-bc, 2.478085",
    "aft-ra, 1.790115",
    "aft-rbc, 2.392388",
    "pro, 3.101030",
    "dpo, 0.678260",
    "conservative-dpo, 0.681260",
    "ipo, 23.684444",
    "rpo, 1.244926",
    "simpo, 0.816604",
    "orpo, 0.605924",
    "tdpo1, 0.668460",
    "tdpo2, 0.673347",
    "critical-dpo, 0.620957",
    "critical-dpo-elementwise, 0.684893"
  })
  void examplesGiveTheNumbersOfDocsMath(String name, double expected) throws Exception {
    JsonNode data = data(name);
    PageNumbers example = PageNumbers.of(data.get("example"));
    Map<String, Double> parameters = new LinkedHashMap<>();
    data.get("formulas")
        .get(name)
        .get("parameters")
        .fields()
        .forEachRemaining(field -> parameters.put(field.getKey(), field.getValue().asDouble()));
    double page =
        FormulaEvaluator.loss(
            data.get("formulas").get(name), parameters, example.fields(), example.fields());
    assertThat(page).isCloseTo(expected, within(6e-7));
  }

  @Test
  void formulasWithMistakesAreRefused() {
    for (String text : List.of("1 +", "a b", "sum[w < l] 1", "(1", "§", "max(1,")) {
      assertThatThrownBy(() -> FormulaParser.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(FormulaParser.parse("-a - b * 2 ^ 3"))
        .hasToString("[-, [negative, [name, a]], [*, [name, b], [^, 2.0, 3.0]]]");
  }

  /** The script of the pages, run by node where there is one: the same losses, and gradients. */
  @Test
  void theScriptOfAPageComputesValueAndGradientOfTheClass(@TempDir Path directory)
      throws Exception {
    assumeTrue(hasNode(), "node is not installed: the pages' script is not run");
    List<Map<String, Object>> cases = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    List<Double> slopes = new ArrayList<>();
    for (ObjectiveSpec spec : Objectives.ALL) {
      RandomStream random = RandomStream.of(11, "script " + spec.name());
      for (int round = 0; round < ROUNDS / 4; round++) {
        Drawn drawn = Drawn.of(spec, random);
        cases.add(
            Map.of(
                "formula",
                Map.of(
                    "definitions",
                    FORMULAS.get(spec.name()).definitions(),
                    "parameters",
                    drawn.parameters()),
                "example",
                drawn.now().json(),
                "still",
                drawn.still().json()));
        values.add(drawn.value(spec));
        slopes.add(drawn.slope(spec));
      }
    }
    JsonNode results = node(directory, cases);
    for (int i = 0; i < cases.size(); i++) {
      double tolerance = 1e-6 * (1 + Math.abs(values.get(i)));
      assertThat(results.get(i).get("loss").asDouble()).isCloseTo(values.get(i), within(tolerance));
      double slope = results.get(i).get("slope").asDouble();
      assertThat(slope).isCloseTo(slopes.get(i), within(1e-3 * (1 + Math.abs(slope))));
    }
  }

  private JsonNode node(Path directory, Object cases) throws Exception {
    String script = elements(page("dpo"), "script").toList().get(1).getTextContent();
    String run =
        """

        const cases = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));
        console.log(JSON.stringify(cases.map(c => ({
          loss: loss(c.formula, c.example, c.still),
          slope: gradient(c.formula, c.example)[0][0],
        }))));
        """;
    Path js = Files.writeString(directory.resolve("page.js"), script + run);
    Path in = directory.resolve("cases.json");
    JSON.writeValue(in.toFile(), cases);
    Path out = directory.resolve("out.json");
    Process node =
        new ProcessBuilder("node", js.toString(), in.toString())
            .redirectOutput(out.toFile())
            .redirectErrorStream(true)
            .start();
    assertThat(node.waitFor()).as(Files.readString(out)).isZero();
    return JSON.readTree(out.toFile());
  }

  private static boolean hasNode() throws InterruptedException {
    try {
      return new ProcessBuilder("node", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Random numbers and hyperparameters of an objective. */
  private record Drawn(PageNumbers now, PageNumbers still, Map<String, Double> parameters) {
    static Drawn of(ObjectiveSpec spec, RandomStream random) {
      Map<String, Double> parameters = new LinkedHashMap<>();
      PageData.parameters(spec, FORMULAS.get(spec.name()))
          .forEach(
              (name, key) ->
                  parameters.put(
                      name,
                      key.type() == Boolean.class
                          ? random.nextInt(2)
                          : (1 + random.nextInt(100)) / 250.0));
      boolean binary = spec.name().matches("aft-(none|dc|bc)|kto|vft");
      PageNumbers now = PageNumbers.random(random, binary);
      boolean stopsNothing = spec.name().equals("kto"); // its value with other still is internal
      return new Drawn(now, stopsNothing ? now : now.moved(random), parameters);
    }

    double value(ObjectiveSpec spec) {
      return value(spec, now, still);
    }

    private double value(ObjectiveSpec spec, PageNumbers at, PageNumbers stopped) {
      Hyperparameters given = Hyperparameters.NONE;
      for (var entry : PageData.parameters(spec, FORMULAS.get(spec.name())).entrySet()) {
        double number = parameters.get(entry.getKey());
        boolean flag = entry.getValue().type() == Boolean.class;
        given = given.with(entry.getValue(), flag ? (Object) (number > 0) : (Object) number);
      }
      return at.value(spec.create(given), stopped);
    }

    /** The derivative of the class's value by the first token of the first response, by steps. */
    double slope(ObjectiveSpec spec) {
      double step = spec.name().matches("vft|kto") ? 1.0 / 64 : 1e-5; // those two take float32
      return (value(spec, moved(step), now) - value(spec, moved(-step), now)) / (2 * step);
    }

    private PageNumbers moved(double by) {
      List<PageNumbers.Tokens> responses = new ArrayList<>(now.responses());
      PageNumbers.Tokens first = responses.get(0);
      double[] pi = first.pi().clone();
      pi[0] += by;
      responses.set(
          0, new PageNumbers.Tokens(first.r(), pi, first.ref(), first.weight(), first.kl()));
      return new PageNumbers(now.prompt(), now.others(), responses);
    }
  }

  // ---- reading a page

  private static Document page(String name) throws Exception {
    return parse(ObjectivePage.html(Reading.of(Objectives.spec(name)), FORMULAS));
  }

  private static JsonNode data(String name) throws Exception {
    return JSON.readTree(elements(page(name), "script").toList().get(0).getTextContent());
  }

  private static Stream<Element> elements(Document page, String tag) {
    NodeList list = page.getElementsByTagName(tag);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < list.getLength(); i++) {
      elements.add((Element) list.item(i));
    }
    return elements.stream();
  }

  private static Document parse(String html) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }
}
