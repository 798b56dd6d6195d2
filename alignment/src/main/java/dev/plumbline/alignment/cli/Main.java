package dev.plumbline.alignment.cli;

import dev.plumbline.alignment.cli.option.ConfigArguments;
import dev.plumbline.alignment.run.Interrupt;
import dev.plumbline.alignment.run.Version;
import dev.plumbline.data.SystemReason;
import dev.plumbline.data.UserError;
import dev.plumbline.tensor.kernel.Profile;
import dev.plumbline.tensor.safetensors.SafetensorsException;
import dev.plumbline.transformer.model.ModelException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/** The command line: exit code 0 for success, 2 for a user's mistake, 1 for a failure. */
@Command(
    name = "plumbline",
    mixinStandardHelpOptions = true,
    versionProvider = Main.ProgramVersion.class,
    description = "Aligns language models on the JVM, on their own correct and wrong solutions.",
    footer = {
      "",
      "Every option is also a YAML key: --config=FILE is read first, then pairs such",
      "as learning-rate=1e-4, then options.",
      "Start with './plumbline demo', or './plumbline COMMAND --help'."
    },
    subcommands = {
      DemoCommand.class,
      ReproduceCommand.class,
      TrainCommand.class,
      SampleCommand.class,
      RftCommand.class,
      PairsCommand.class,
      CriticalTokensCommand.class,
      MergeCommand.class,
      MixCommand.class,
      GradeCommand.class,
      EvaluateCommand.class,
      CompareCommand.class,
      ScoreCommand.class,
      GenerateCommand.class,
      ObjectiveCommand.class,
      InspectCommand.class,
      ReadCommand.class,
      PromptsCommand.class,
      PlanCommand.class,
      BenchCommand.class,
      DoctorCommand.class,
      ProblemsCommand.class,
      TokenizerCommand.class,
      NewModelCommand.class
    })
public final class Main implements Runnable {
  /** Commands that became part of a group, by their old names. */
  private static final Map<String, String> OLD_NAMES =
      Map.of(
          "locate", "critical-tokens find",
          "contrast", "critical-tokens contrast",
          "estimate", "critical-tokens estimate");

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  /** For {@code --version}. */
  static final class ProgramVersion implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"plumbline " + Version.current()};
    }
  }

  /** Starts the program. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /**
   * The whole command line.
   *
   * @param args may begin with a command's old name, which only then is a command: each one costs
   *     time at every start
   */
  public static CommandLine commandLine(String... args) {
    CommandLine commandLine = new CommandLine(new Main());
    if (args.length > 0 && OLD_NAMES.containsKey(args[0])) {
      addOldName(commandLine, args[0]);
    }
    commandLine.setOverwrittenOptionsAllowed(true); // a later source overrides an earlier one
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setUsageHelpAutoWidth(true);
    addConfigOption(commandLine);
    commandLine.setExecutionStrategy(
        parsed -> {
          tellOldName(parsed.subcommand());
          return new CommandLine.RunLast().execute(parsed);
        });
    commandLine.setExecutionExceptionHandler((e, command, parsed) -> report(e, command));
    commandLine.setParameterExceptionHandler(
        (e, arguments) -> {
          PrintWriter err = e.getCommandLine().getErr();
          err.println("plumbline: " + e.getMessage());
          CommandLine.UnmatchedArgumentException.printSuggestions(e, err);
          err.println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
          return 2;
        });
    return commandLine;
  }

  /** Runs a command line and returns its exit code. */
  public static int run(String... args) {
    CommandLine commandLine = commandLine(args);
    try {
      Profile.enable(ProfileTable.wanted());
      int code = commandLine.execute(ConfigArguments.expand(commandLine, args));
      if (ProfileTable.wanted()) {
        ProfileTable.print(commandLine.getErr());
      }
      return code;
    } catch (UserError e) {
      commandLine.getErr().println("plumbline: " + e.getMessage());
      return 2;
    } catch (OutOfMemoryError e) {
      commandLine
          .getErr()
          .printf(
              "plumbline: Memory ran out (%s). Java's heap has %d MiB, which PLUMBLINE_HEAP=8g changes; 'plumbline plan' says what a model needs.%n",
              e.getMessage(), Runtime.getRuntime().maxMemory() >> 20);
      return 1;
    } catch (StackOverflowError e) {
      commandLine
          .getErr()
          .println(
              "plumbline: An input is nested too deeply. This is a failure of Plumbline, which should have refused it by name; PLUMBLINE_JAVA_OPTS=-Xss64m may help.");
      return 1;
    } catch (InternalError e) { // a page of a mapped file is gone
      commandLine
          .getErr()
          .println(
              "plumbline: A file of the model was cut short or replaced in place while it was read ("
                  + e.getMessage()
                  + "). What was kept is whole: restore the model and run the same command again.");
      return 1;
    }
  }

  /** A command under its name before it became part of a group; the help does not list it. */
  private static void addOldName(CommandLine root, String name) {
    CommandLine now = root;
    for (String word : OLD_NAMES.get(name).split(" ")) {
      now = now.getSubcommands().get(word);
    }
    CommandLine old = new CommandLine(now.getCommand().getClass()).setCommandName(name);
    old.getCommandSpec().usageMessage().hidden(true);
    root.addSubcommand(name, old);
  }

  private static void tellOldName(CommandLine.ParseResult command) {
    if (command != null && !command.isUsageHelpRequested()) {
      String name = command.commandSpec().name();
      if (OLD_NAMES.containsKey(name)) {
        command
            .commandSpec()
            .commandLine()
            .getErr()
            .printf("plumbline: '%s' is now '%s'.%n", name, OLD_NAMES.get(name));
      }
    }
  }

  private static void addConfigOption(CommandLine parent) {
    for (CommandLine command : parent.getSubcommands().values()) {
      command.getCommandSpec().addOption(configOption());
      addConfigOption(command);
    }
  }

  /**
   * The option {@code --config} of every command. {@link ConfigArguments} expands it before
   * parsing; it is declared for the help.
   */
  private static CommandLine.Model.OptionSpec configOption() {
    return CommandLine.Model.OptionSpec.builder("--config")
        .type(Path.class)
        .paramLabel("FILE")
        .description("YAML file whose keys are this command's options.")
        .build();
  }

  private static int report(Exception e, CommandLine command) throws Exception {
    if (e instanceof CommandLine.ParameterException parameters) {
      throw parameters;
    }
    if (System.getenv("PLUMBLINE_DEBUG") != null) {
      e.printStackTrace(command.getErr());
    }
    if (e instanceof Interrupt.Interrupted interrupted) {
      command.getErr().println("plumbline: " + e.getMessage());
      return interrupted.exitCode();
    }
    String reason = SystemReason.ofUsers(e).orElse("");
    boolean usersMistake =
        e instanceof UserError
            || e instanceof ModelException
            || e instanceof SafetensorsException
            || !reason.isEmpty();
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    command
        .getErr()
        .println(
            "plumbline: "
                + message
                + (message.contains(reason)
                    ? ""
                    : (message.endsWith(".") ? " " : ": ") + "The system says: " + reason + "."));
    if (!usersMistake) {
      command
          .getErr()
          .println(
              "This is a failure of Plumbline or its machine ("
                  + e.getClass().getSimpleName()
                  + "); PLUMBLINE_DEBUG=1 shows where.");
    }
    return usersMistake ? 2 : 1;
  }

  @Override
  public void run() {
    spec.commandLine().usage(System.out, Ansi.AUTO);
  }
}
