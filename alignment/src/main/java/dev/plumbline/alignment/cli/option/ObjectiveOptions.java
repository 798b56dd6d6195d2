package dev.plumbline.alignment.cli.option;

import dev.plumbline.alignment.objective.Hyperparameter;
import dev.plumbline.alignment.objective.Hyperparameters;
import dev.plumbline.alignment.objective.ObjectiveSpec;
import dev.plumbline.alignment.objective.Objectives;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Gives a command one option per {@link Hyperparameter}, and the list of objectives at the end of
 * its help: both come from the table of {@link Objectives}.
 */
public final class ObjectiveOptions implements IModelTransformer {
  /** Description of the option that names an objective. */
  public static final String DESCRIPTION = "Objective, by its name in the list below.";

  private static final int MAX_NAMES = 8; // names in a description

  @Override
  public CommandSpec transform(CommandSpec spec) {
    for (Hyperparameter key : Hyperparameter.values()) {
      spec.addOption(option(key));
    }
    return ObjectiveList.addTo(spec);
  }

  /** Only the list of objectives, for a command that takes the defaults of an objective. */
  public static final class ObjectiveList implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec spec) {
      return addTo(spec);
    }

    private static CommandSpec addTo(CommandSpec spec) {
      List<String> footer = new ArrayList<>(List.of("", "Objectives:"));
      for (ObjectiveSpec.Group group : ObjectiveSpec.Group.values()) {
        footer.add("  " + group.title());
        for (ObjectiveSpec objective : Objectives.ALL) {
          if (objective.group() == group) {
            footer.add(
                String.format(
                    "    %-25s%s (%s)", objective.name(), objective.summary(), objective.paper()));
          }
        }
      }
      footer.addAll(Arrays.asList(spec.usageMessage().footer()));
      spec.usageMessage().footer(footer.toArray(String[]::new));
      return spec;
    }
  }

  private static OptionSpec option(Hyperparameter key) {
    OptionSpec.Builder option =
        OptionSpec.builder("--" + key.key()).type(key.type()).description(description(key));
    if (key.type() == Boolean.class) {
      option.arity("0..1").fallbackValue("true").paramLabel("true|false");
    } else {
      option.paramLabel(key.type() == Double.class ? "X" : "WHICH").arity("1");
    }
    return option.build();
  }

  /** Its help, and its default for each objective that reads it. */
  private static String description(Hyperparameter key) {
    Map<Object, List<String>> readers = new LinkedHashMap<>();
    for (ObjectiveSpec spec : Objectives.ALL) {
      if (spec.defaults().containsKey(key)) {
        readers
            .computeIfAbsent(spec.defaults().get(key), value -> new ArrayList<>())
            .add(spec.name());
      }
    }
    String defaults =
        readers.entrySet().stream()
            .sorted(Comparator.comparing(e -> e.getValue().size() > MAX_NAMES)) // the others last
            .map(
                e ->
                    Hyperparameter.text(e.getKey())
                        + (readers.size() == 1 && e.getValue().size() > MAX_NAMES
                            ? ""
                            : " for " + names(e.getValue())))
            .collect(Collectors.joining("; "));
    return key.help().substring(0, key.help().length() - 1) + " (default: " + defaults + ").";
  }

  private static String names(List<String> names) {
    return names.size() > MAX_NAMES ? "the others" : String.join(", ", names);
  }

  /** Values given on the command line. */
  public static Hyperparameters values(CommandSpec spec) {
    Hyperparameters values = Hyperparameters.NONE;
    for (Hyperparameter key : Hyperparameter.values()) {
      Object value = spec.findOption("--" + key.key()).getValue();
      values = values.with(key, value);
    }
    return values;
  }
}
