package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.plumbline.alignment.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * {@code docs/differences.md} names existing options with their defaults; the authors'
 * configurations contain existing options, and {@code plan} accepts them.
 */
class DifferencesTest {
  private static final Pattern CODE =
      Pattern.compile("`((?:[a-z-]+ )?[a-z-]+) ([a-z-]+)(=[^`]*)?`");

  @Test
  void everySwitchExistsAndEveryDefaultIsTheOptions() throws IOException {
    Set<String> numbers = new LinkedHashSet<>();
    int defaults = 0;
    for (String line : Files.readAllLines(Cli.checkout().resolve("docs/differences.md"))) {
      String[] cells = line.split("\\|", -1);
      if (cells.length < 3 || !cells[1].strip().matches("[A-Z]\\d+")) {
        continue;
      }
      assertThat(cells).as(line).hasSize(8);
      assertThat(numbers.add(cells[1].strip())).as("the number of: " + line).isTrue();
      for (int i = 1; i < 7; i++) {
        assertThat(cells[i]).as(line).isNotBlank();
      }
      String change = cells[6].strip();
      assertThat(change.equals("none") || CODE.matcher(change).matches()).as(line).isTrue();
      Matcher options = CODE.matcher(cells[5] + cells[6]);
      while (options.find()) {
        OptionSpec option = option(options.group(1), options.group(2));
        assertThat(option).as(options.group()).isNotNull();
        if (options.group(3) != null) {
          String value = options.group(3).substring(1);
          if (option.defaultValue()
              == null) { // the default is in the settings and in the help text
            assertThat(String.join(" ", option.description()))
                .as(options.group())
                .containsPattern("\\(default: (.*\\b)?" + Pattern.quote(value) + "\\b");
          } else {
            assertThat(option.defaultValue()).as(options.group()).isEqualTo(value);
          }
          defaults++;
        }
      }
    }
    assertThat(numbers).hasSizeGreaterThanOrEqualTo(36).contains("A1", "S16", "C12");
    assertThat(defaults).isGreaterThan(15);
  }

  private static OptionSpec option(String command, String name) {
    CommandLine found = Main.commandLine();
    for (String word : command.split(" ")) {
      found = found.getSubcommands().get(word);
      assertThat(found).as(command).isNotNull();
    }
    return found.getCommandSpec().findOption("--" + name);
  }

  static List<Path> configurations() throws IOException {
    try (Stream<Path> files = Files.list(Cli.checkout().resolve("configs"))) {
      List<Path> found =
          files.filter(f -> f.getFileName().toString().startsWith("paper-")).sorted().toList();
      assertThat(found).hasSizeGreaterThanOrEqualTo(5);
      return found;
    }
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void theAuthorsConfigurationsCanBePlanned(Path file) throws IOException {
    JsonNode yaml = new YAMLMapper().readTree(file.toFile());
    String command = yaml.has("objective") ? "train" : "pairs";
    assertThat(Files.readString(file)).contains("plumbline " + command + " --config configs/");
    for (String key : (Iterable<String>) yaml::fieldNames) {
      assertThat(option(command, key)).as(key + " of " + file).isNotNull();
    }
    if (!command.equals("train")) {
      return;
    }
    List<String> plan = new ArrayList<>(List.of("plan", "json=true"));
    for (String key : List.of("model", "objective", "batch-size", "accumulate", "lora-rank")) {
      if (yaml.has(key)) {
        plan.add(key + "=" + yaml.path(key).asText());
      }
    }
    JsonNode figures = Cli.MAPPER.readTree(Cli.succeed(plan.toArray(String[]::new)));
    assertThat(figures.toString()).contains(yaml.path("model").asText());
    // The whole file is valid: only the model's directory is missing.
    Cli.Result train = Cli.run("train", "--config=" + file);
    assertThat(train.code()).as(train.err()).isEqualTo(2);
    assertThat(train.err()).contains("There is no model directory " + yaml.path("model").asText());
  }
}
