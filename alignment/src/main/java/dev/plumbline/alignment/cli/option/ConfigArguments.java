package dev.plumbline.alignment.cli.option;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import dev.plumbline.data.io.Jsonl;
import dev.plumbline.data.select.EditDistance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Turns {@code --config F.yaml} and {@code key=value} into options, so that the options of a
 * command are its YAML keys and there is one vocabulary. Later wins: the file, then the pairs, then
 * the options themselves.
 */
public final class ConfigArguments {
  /** Renamed options by command; the old name is still accepted. */
  private static final Map<String, Map<String, String>> RENAMED =
      Map.of(
          "score", Map.of("input", "data"),
          "grade", Map.of("input", "data"),
          "rft", Map.of("candidates", "data"),
          "objective", Map.of("name", "objective", "margin", "boundary-margin"),
          "train", Map.of("margin", "boundary-margin"),
          "demo", Map.of("beta", "boundary-margin"),
          "aft", Map.of("beta", "boundary-margin"));

  private ConfigArguments() {}

  public static String[] expand(CommandLine root, String... args) {
    CommandLine command = root;
    int named = 0; // words that name the command: "train", "reproduce aft"
    while (named < args.length && command.getSubcommands().containsKey(args[named])) {
      command = command.getSubcommands().get(args[named++]);
    }
    if (named == 0) {
      return args;
    }
    Set<String> keys =
        command.getCommandSpec().options().stream()
            .map(OptionSpec::longestName)
            .filter(name -> name.startsWith("--"))
            .map(name -> name.substring(2))
            .filter(name -> !Set.of("help", "version", "config").contains(name))
            .collect(Collectors.toCollection(TreeSet::new));
    Map<String, String> renamed = RENAMED.getOrDefault(command.getCommandName(), Map.of());
    List<String> fromFile = new ArrayList<>();
    List<String> fromPairs = new ArrayList<>();
    List<String> options = new ArrayList<>();
    boolean valueNext = false;
    for (int i = named; i < args.length; i++) {
      String arg = current(args[i], renamed, valueNext);
      if (arg.equals("--config") && i + 1 < args.length) {
        readYaml(Path.of(args[++i]), keys, renamed, command, fromFile);
      } else if (arg.startsWith("--config=")) {
        readYaml(Path.of(arg.substring("--config=".length())), keys, renamed, command, fromFile);
      } else if (!valueNext && !arg.startsWith("-") && arg.indexOf('=') > 0) {
        String key = arg.substring(0, arg.indexOf('='));
        check(key, keys, "the command line");
        fromPairs.add(option(command, key, arg.substring(arg.indexOf('=') + 1)));
      } else {
        options.add(arg);
        valueNext = takesValue(command, arg);
        continue;
      }
      valueNext = false;
    }
    List<String> all = new ArrayList<>();
    all.addAll(List.of(args).subList(0, named));
    all.addAll(fromFile);
    all.addAll(fromPairs);
    all.addAll(options);
    return all.toArray(String[]::new);
  }

  /** An argument with the current name of its option. */
  private static String current(String arg, Map<String, String> renamed, boolean value) {
    String dashes = arg.startsWith("--") ? "--" : "";
    int end = arg.indexOf('=') < 0 ? arg.length() : arg.indexOf('=');
    String now = value ? null : renamed.get(arg.substring(dashes.length(), end));
    if (now == null || (dashes.isEmpty() && end == arg.length())) {
      return arg;
    }
    System.err.println(
        "plumbline: '" + arg.substring(dashes.length(), end) + "' is now '" + now + "'.");
    return dashes + now + arg.substring(end);
  }

  private static boolean takesValue(CommandLine command, String arg) {
    OptionSpec option = command.getCommandSpec().findOption(arg);
    return option != null && option.arity().min() > 0;
  }

  private static void readYaml(
      Path file,
      Set<String> keys,
      Map<String, String> renamed,
      CommandLine command,
      List<String> into) {
    JsonNode root;
    try {
      root =
          YAMLMapper.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .build()
              .readTree(file.toFile());
    } catch (JsonProcessingException e) {
      throw new UserError("The configuration " + file + " is not YAML: " + Jsonl.reason(e) + ".");
    } catch (IOException e) {
      throw new UserError(
          "The configuration " + file + " cannot be read: " + SystemReason.of(e) + ".");
    }
    if (!root.isObject()) {
      throw new UserError("The configuration " + file + " does not hold 'key: value' lines.");
    }
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      String key = current(field.getKey() + "=", renamed, false).replace("=", "");
      check(key, keys, file.toString());
      into.add(option(command, key, text(key, field.getValue(), file)));
    }
  }

  /** A YAML value as an option value: a list joined with commas. */
  private static String text(String key, JsonNode value, Path file) {
    List<String> parts = new ArrayList<>();
    for (JsonNode part : value.isArray() ? value : List.of(value)) {
      if (part.isContainerNode()) {
        throw new UserError(
            "The key '"
                + key
                + "' of "
                + file
                + " has a nested value, and a single one or a list of these is needed.");
      }
      parts.add(part.asText());
    }
    return String.join(",", parts);
  }

  private static String option(CommandLine command, String key, String value) {
    OptionSpec option = command.getCommandSpec().findOption("--" + key);
    if (option.isOption()
        && option.arity().max() == 0
        && !Set.of("true", "false").contains(value.toLowerCase(Locale.ROOT))) {
      throw new UserError(key + " must be true or false, but is '" + value + "'.");
    }
    return "--" + key + "=" + value;
  }

  private static void check(String key, Set<String> keys, String where) {
    if (!keys.contains(key)) {
      String nearest =
          keys.stream()
              .min(Comparator.comparingInt(k -> EditDistance.between(k, key)))
              .orElse("none");
      throw new UserError(
          "Unknown key '"
              + key
              + "' in "
              + where
              + "; the nearest valid key is '"
              + nearest
              + "'. All keys: "
              + String.join(", ", keys)
              + ".");
    }
  }
}
