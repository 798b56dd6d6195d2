package dev.plumbline.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.plumbline.alignment.experiment.EmbeddedModel;
import dev.plumbline.data.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Failures at random moments: {@code mvn -Pcampaign verify}, about 20 minutes on two cores. Every
 * long command is killed, interrupted, started twice, run on a full and on a read-only disk, and
 * loses its model during the run. A repeated run must always write the bytes of an uninterrupted
 * run. {@code -Dplumbline.seed=N} replays a campaign, {@code -Dplumbline.chains=N} sets the number
 * of kill sequences per command, {@code -Dplumbline.commands=REGEX} selects commands. The table is
 * written to {@code tests/target/campaign.md}.
 */
@Tag("campaign")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReliabilityCampaign {
  private static final long SEED = Long.getLong("plumbline.seed", 20261130);
  private static final int CHAINS = Integer.getInteger("plumbline.chains", 8);
  private static final int BAD_INPUTS = Integer.getInteger("plumbline.bad-inputs", 300);

  /** Pattern of the names of the tested commands. */
  private static final String ONLY = System.getProperty("plumbline.commands", ".*");

  @TempDir static Path work;

  private static final Map<String, int[]> TABLE = new LinkedHashMap<>(); // tried, held
  private static final List<String> NOTES = new ArrayList<>();
  private static Path model;
  private static Path train;
  private static Path candidates;
  private static Path adapter;

  private static List<LongCommand> commands() {
    return LongCommand.all(work, train, candidates, adapter).stream()
        .filter(command -> command.name().matches(ONLY))
        .toList();
  }

  @BeforeAll
  static void prepare() throws IOException {
    model = EmbeddedModel.FINE_TUNED.extract(work.resolve("model"));
    Cli.succeed(
        "problems",
        "output=" + work.resolve("problems"),
        "train=400",
        "validation=5",
        "test=5",
        "vocabulary=400");
    train = work.resolve("problems").resolve("train.jsonl");
    candidates = Cli.candidates(train, work.resolve("candidates.jsonl"), 120);
    List<Map<String, Object>> rows = new ArrayList<>();
    List<Map<String, Object>> pairs = new ArrayList<>();
    var problems = Cli.rows(train);
    for (int i = 0; i < 300; i++) {
      String prompt = problems.get(i).path("question").asText();
      String right = problems.get(i).path("answer").asText();
      String wrong = problems.get(i + 1).path("answer").asText();
      rows.add(Map.of("prompt", prompt, "response", right));
      pairs.add(Map.of("prompt", prompt, "chosen", right, "rejected", wrong));
    }
    Cli.write(work.resolve("rows.jsonl"), rows);
    Cli.write(work.resolve("pairs.jsonl"), pairs);
    adapter = work.resolve("adapter");
    Cli.succeed(
        "train",
        "model=" + model,
        "objective=vft",
        "data=" + train,
        "output=" + adapter,
        "steps=2",
        "lora-rank=4");
  }

  private static void count(String what, boolean held, String note) {
    int[] counts = TABLE.computeIfAbsent(what, w -> new int[2]);
    counts[0]++;
    counts[1] += held ? 1 : 0;
    if (!held) {
      NOTES.add(what + ": " + note);
      System.out.println("NOT HELD: " + what + ": " + note);
    }
  }

  @AfterAll
  static void report() throws IOException {
    StringBuilder text = new StringBuilder("Campaign of seed " + SEED + ".\n\n");
    text.append("| accident | tried | held |\n|---|--:|--:|\n");
    TABLE.forEach(
        (what, counts) ->
            text.append("| " + what + " | " + counts[0] + " | " + counts[1] + " |\n"));
    NOTES.forEach(note -> text.append("\n- ").append(note));
    Files.createDirectories(Path.of("target"));
    Files.writeString(Path.of("target", "campaign.md"), text);
    System.out.println(text);
    assertThat(NOTES).isEmpty();
  }

  /**
   * An uninterrupted run.
   *
   * @param bytes of its output
   * @param millis its time, including the start of the JVM
   */
  private record Reference(Map<String, String> bytes, long millis) {}

  private static final Map<String, Reference> REFERENCES = new LinkedHashMap<>();

  private static Reference reference(LongCommand command) throws Exception {
    Reference known = REFERENCES.get(command.name());
    if (known != null) {
      return known;
    }
    Path folder = Files.createDirectories(work.resolve("alone " + command.name()));
    Path out = command.output(folder);
    long start = System.nanoTime();
    try (Program program = Program.start(work, command.with(model, out))) {
      assertThat(program.await()).as(command.name() + ": " + program.err()).isZero();
    }
    Reference own = new Reference(LongCommand.bytes(out), (System.nanoTime() - start) / 1_000_000);
    REFERENCES.put(command.name(), own);
    return own;
  }

  @Test
  @Order(1)
  void killsAndInterruptsAtRandomMoments() throws Exception {
    Random random = new Random(SEED);
    String interrupt = Program.ignores(2) ? "TERM" : "INT"; // ignored in the background of a shell
    for (LongCommand command : commands()) {
      Reference alone = reference(command);
      for (int chain = 0; chain < CHAINS; chain++) {
        Path folder = Files.createDirectories(work.resolve("chain"));
        Path out = command.output(folder);
        String signal = List.of("KILL", "KILL", interrupt, "TERM").get(chain % 4);
        StringBuilder told = new StringBuilder();
        boolean held = true;
        int kills = 1 + random.nextInt(3);
        for (int kill = 0; kill < kills && held; kill++) {
          long after = 300 + (long) (random.nextDouble() * alone.millis());
          try (Program program = Program.start(work, command.with(model, out))) {
            program.await(after);
            program.signal(signal);
            int code = program.await();
            told.append(signal)
                .append(" after ")
                .append(after)
                .append(" ms: ")
                .append(code)
                .append("; ");
            int expected = signal.equals("KILL") ? 137 : signal.equals("INT") ? 130 : 143;
            held = code == expected || code == 0;
            if (!held) {
              told.append(program.err());
            }
          }
        }
        held = held && finishes(command, out, alone, told);
        count(command.name() + ": killed or interrupted up to three times", held, told.toString());
        deleteTree(folder);
      }
    }
  }

  /** Whether a command runs to its end and writes the bytes of an uninterrupted run. */
  private static boolean finishes(
      LongCommand command, Path out, Reference alone, StringBuilder told) throws Exception {
    try (Program program = Program.start(work, command.with(model, out))) {
      int code = program.await();
      if (code != 0) {
        told.append("at last ").append(code).append(": ").append(program.err());
        return false;
      }
    }
    Map<String, String> found = LongCommand.bytes(out);
    if (!found.equals(alone.bytes())) {
      told.append(LongCommand.difference(alone.bytes(), found));
      return false;
    }
    try (Stream<Path> beside = Files.list(out.getParent())) {
      List<String> left =
          beside.map(p -> p.getFileName().toString()).filter(n -> !n.startsWith("out")).toList();
      boolean clean = left.isEmpty() && (!command.file() || only(out));
      if (!clean) {
        told.append("left behind: ").append(left);
      }
      return clean;
    }
  }

  private static boolean only(Path out) throws IOException {
    try (Stream<Path> beside = Files.list(out.getParent())) {
      return beside.allMatch(out::equals);
    }
  }

  @Test
  @Order(2)
  void twoRunsAtOnce() throws Exception {
    for (LongCommand command : commands()) {
      Reference alone = reference(command);
      Path folder = Files.createDirectories(work.resolve("twice"));
      Path out = command.output(folder);
      try (Program first = Program.start(work, command.with(model, out))) {
        Path lock = command.file() ? folder.resolve("out.jsonl.lock") : out.resolve("run.lock");
        while (first.isAlive() && !isTaken(lock)) {
          Thread.sleep(2);
        }
        first.signal("STOP"); // so that it does not end before the second one has been refused
        try (Program second = Program.start(work, command.with(model, out))) {
          int code = second.await();
          boolean held = code == 2 && second.err().contains("Another run writes");
          first.signal("CONT");
          boolean ended = first.await() == 0;
          Map<String, String> found = LongCommand.bytes(out);
          count(
              "two runs at once",
              held && ended && found.equals(alone.bytes()),
              command.name()
                  + ": "
                  + code
                  + ", "
                  + second.err()
                  + LongCommand.difference(alone.bytes(), found));
        }
      }
      deleteTree(folder);
    }
  }

  /** Whether a lock is held: its file then names the process. */
  private static boolean isTaken(Path lock) throws IOException {
    try {
      return Files.readString(lock).startsWith("process ");
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  @Test
  @Order(3)
  void fullAndReadOnlyDisks() throws Exception {
    Path disk = Files.createDirectories(work.resolve("disk"));
    for (LongCommand command : commands()) {
      Reference alone = reference(command);
      if (!mount("-t", "tmpfs", "-o", "size=32k", "tmpfs", disk.toString())) {
        NOTES.clear();
        TABLE.put(
            "full and read-only disks: not tried, since nothing can be mounted here", new int[2]);
        return;
      }
      try {
        Path out = command.output(disk);
        StringBuilder told = new StringBuilder(command.name()).append(": ");
        boolean full = refused(command, out, "no space left on device", told);
        mount("-o", "remount,size=512m", disk.toString());
        count("full disk, then room", full && finishes(command, out, alone, told), told.toString());
        deleteTree(out);
        mount("-o", "remount,ro", disk.toString());
        told = new StringBuilder(command.name()).append(": ");
        count(
            "read-only disk",
            refused(command, out, "read-only file system", told),
            told.toString());
      } finally {
        new ProcessBuilder("umount", disk.toString()).start().waitFor();
      }
    }
  }

  private static boolean mount(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("mount"));
    all.addAll(List.of(arguments));
    return new ProcessBuilder(all).start().waitFor() == 0;
  }

  /** Whether a command ends with the system's reason as a user error. */
  private static boolean refused(LongCommand command, Path out, String reason, StringBuilder told)
      throws Exception {
    try (Program program = Program.start(work, command.with(model, out))) {
      int code = program.await();
      String err = program.err();
      told.append(code).append(' ').append(err);
      return code == 2
          && err.toLowerCase(java.util.Locale.ROOT).contains(reason)
          && !err.contains("failure");
    }
  }

  @Test
  @Order(4)
  void theModelIsDeletedWhileItIsUsed() throws Exception {
    for (LongCommand command : commands()) {
      boolean uses = Stream.of(command.arguments()).anyMatch(a -> a.contains("MODEL"));
      if (!uses || command.name().equals("new-model")) {
        continue;
      }
      Reference alone = reference(command);
      Path gone = work.resolve("gone");
      copyTree(model, gone);
      Path folder = Files.createDirectories(work.resolve("orphan"));
      Path out = command.output(folder);
      try (Program program = Program.start(work, command.with(gone, out))) {
        program.await(alone.millis() / 2);
        deleteTree(gone);
        int code = program.await();
        Map<String, String> expected = new TreeMap<>(alone.bytes());
        Map<String, String> found = code == 0 ? LongCommand.bytes(out) : new TreeMap<>();
        expected.remove("adapter_config.json"); // names its base by the path
        found.remove("adapter_config.json");
        boolean held =
            (code == 0 && found.equals(expected))
                || (code == 2 && program.err().contains(gone.toString()));
        count(
            "model deleted while it is used",
            held,
            command.name() + ": " + code + " " + program.err());
      }
      deleteTree(folder);
    }
  }

  @Test
  @Order(5)
  void badInputs() throws Exception {
    Path folder = Files.createDirectories(work.resolve("bad"));
    for (BadInputs.Input input : BadInputs.of(SEED, BAD_INPUTS)) {
      Path file = Files.write(folder.resolve(input.name()), input.content());
      boolean held = true;
      String note = input.name() + ", " + input.changes();
      try {
        input.reader().accept(file);
      } catch (UserError e) {
        held = e.getMessage().contains(input.name());
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        held = false;
        note += ": " + e;
      }
      count("bad inputs over all readers", held, note);
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  private static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
