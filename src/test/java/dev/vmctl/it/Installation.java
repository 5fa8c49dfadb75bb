package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.cli.SameProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * vmctl as a user has it: a data directory of its own, and processes of {@code bin/vmctl}. Closing
 * it, or ending this JVM, ends every process that has to do with it.
 */
final class Installation implements AutoCloseable {
  /** Generous: on two loaded cores without KVM a boot can take minutes. */
  static final Duration PATIENCE = Duration.ofMinutes(7);

  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final Path CHECKOUT =
      Path.of(Objects.requireNonNullElse(System.getProperty("vmctl.basedir"), "."))
          .toAbsolutePath();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path root;
  private final Path data;
  private final List<Process> started = new CopyOnWriteArrayList<>();
  private List<String> boot = List.of();
  private List<String> within = List.of();
  private Map<String, String> environment = Map.of();
  private final Thread atExit = Thread.ofPlatform().unstarted(this::killAll);

  private Installation(Path root, Path data) {
    this.root = root;
    this.data = data;
  }

  /**
   * A new one, with an empty data directory.
   *
   * @param root a directory of its own; the processes to end are known by this path
   */
  static Installation in(Path root, String dataDirectory) throws IOException {
    assertThat(CHECKOUT.resolve("target/quarkus-app/quarkus-run.jar"))
        .as("the build that is tested (./mvnw package)")
        .exists();
    Path real = root.toRealPath();
    Installation installation = new Installation(real, real.resolve(dataDirectory));
    Runtime.getRuntime().addShutdownHook(installation.atExit);
    return installation;
  }

  Path data() {
    return data;
  }

  /** Runs every further vmctl behind these words, with these variables. */
  void within(List<String> words, Map<String, String> variables) {
    within = List.copyOf(words);
    environment = Map.copyOf(variables);
  }

  /**
   * The host has booted: every further vmctl finds another boot id in the place of the kernel's.
   * Needs root.
   */
  void bootHost() throws IOException {
    Path id = Files.writeString(root.resolve("boot-id"), UUID.randomUUID() + "\n");
    boot =
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount --bind \"$0\" /proc/sys/kernel/random/boot_id && exec \"$@\"",
            id.toString());
  }

  /** Runs {@code vmctl ARGUMENTS} to its end. */
  Ended vmctl(String... arguments) throws Exception {
    return start(arguments).end();
  }

  /** Runs it, and expects it to succeed. */
  Ended succeed(String... arguments) throws Exception {
    Ended ended = vmctl(arguments);
    assertThat(ended.exitCode()).as("exit code of %s", ended).isZero();
    return ended;
  }

  /** The same in this JVM: it costs little. */
  SameProcess.Ended here(String... arguments) {
    return SameProcess.vmctl(data, List.of(arguments));
  }

  /** The processes that have this data directory in their command line, of this program. */
  List<Long> processes(String program) {
    return processesBelow(data, program);
  }

  /** The processes of this program that have a file below this directory in their command line. */
  List<Long> processesBelow(Path place, String program) {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> commandLine(pid).contains(place.toString()))
        .filter(pid -> commandLine(pid).split("\0", 2)[0].endsWith(program))
        .toList();
  }

  /** What a command in a guest wrote to its stdout. */
  String inGuest(String vm, String command) throws Exception {
    return succeed("ssh", vm, "--", command).out().strip();
  }

  Running start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(boot);
    command.addAll(within);
    command.add(CHECKOUT.resolve("bin/vmctl").toString());
    command.addAll(List.of(arguments));
    int number = started.size();
    Path out = root.resolve("process-" + number + ".out");
    Path err = root.resolve("process-" + number + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(root.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().put("VMCTL_DATA_DIR", data.toString());
    builder.environment().put("VMCTL_NO_BUILD", "1");
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    return new Running(List.of(arguments), process, out, err);
  }

  /** All VMs, as {@code list -o json} has them. */
  JsonNode list() throws Exception {
    return JSON.readTree(asked("list"));
  }

  JsonNode status(String vm) throws Exception {
    return JSON.readTree(asked("status", vm));
  }

  JsonNode trash() throws Exception {
    return JSON.readTree(asked("trash", "list"));
  }

  List<JsonNode> events() throws Exception {
    List<JsonNode> events = new ArrayList<>();
    for (String line : asked("events").lines().toList()) {
      events.add(JSON.readTree(line));
    }
    return events;
  }

  /**
   * What a question is answered with {@code -o json}; asked in this JVM, so it costs little, unless
   * this JVM is elsewhere.
   */
  private String asked(String... question) throws Exception {
    List<String> arguments = new ArrayList<>(List.of(question));
    arguments.addAll(List.of("-o", "json"));
    if (!within.isEmpty()) {
      return succeed(arguments.toArray(String[]::new)).out();
    }
    SameProcess.Ended ended = SameProcess.vmctl(data, arguments);
    assertThat(ended.exitCode()).as("exit code of %s: %s", arguments, ended).isZero();
    return ended.out();
  }

  /** Waits until an event of this reason is about all of the words. */
  void awaitEvent(String reason, String... words) {
    await(
        "event " + reason,
        this::events,
        events ->
            events.stream()
                .filter(event -> event.path("reason").asText().equals(reason))
                .anyMatch(
                    event -> Stream.of(words).allMatch(event.path("message").asText()::contains)));
  }

  /** Waits for the VM's status to be so; returns it. */
  JsonNode awaitStatus(String vm, Predicate<JsonNode> condition) {
    return await("status of " + vm, () -> status(vm), condition);
  }

  /** The same for a VM that is not in the list yet. */
  JsonNode awaitStatusOnceKnown(String vm, Predicate<JsonNode> condition) {
    await(
        vm + " in the list",
        this::list,
        list -> list.valueStream().anyMatch(each -> each.path("name").asText().equals(vm)));
    return awaitStatus(vm, condition);
  }

  /** Waits until the VM is as it is declared and nothing is left to do. */
  JsonNode awaitConverged(String vm) {
    return awaitStatus(vm, Installation::isConverged);
  }

  static boolean isConverged(JsonNode status) {
    return status.path("ready").asBoolean()
        && status.path("generation").asLong() == status.path("observedGeneration").asLong()
        && condition(status, "Reconciling").path("status").asText().equals("False");
  }

  static JsonNode condition(JsonNode status, String type) {
    for (JsonNode condition : status.path("conditions")) {
      if (condition.path("type").asText().equals(type)) {
        return condition;
      }
    }
    throw new AssertionError("no condition " + type + " in " + status);
  }

  /** Asks again and again until the answer is so; returns it. The question must cost little. */
  static <T> T await(String what, Callable<T> question, Predicate<T> condition) {
    return Awaitility.await(what)
        .atMost(PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(PAUSE)
        .until(question, condition);
  }

  /** Ends a process as a crash would. */
  static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    await("end of process " + pid, () -> isAlive(pid), alive -> !alive);
  }

  /** Whether the process runs; a zombie does not. */
  static boolean isAlive(long pid) throws IOException {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) != 'Z';
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    killAll();
  }

  /** The vmctl processes first: they would bring the others back. */
  private void killAll() {
    for (Process process : started) {
      process.destroyForcibly().onExit().join();
    }
    ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> pid != ProcessHandle.current().pid())
        .filter(pid -> commandLine(pid).contains(root.toString()))
        .forEach(Installation::kill);
  }

  private static String commandLine(long pid) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(pid), "cmdline"));
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException gone) {
      return "";
    }
  }

  /** A vmctl that runs. */
  record Running(List<String> arguments, Process process, Path out, Path err) {
    Ended end() throws Exception {
      assertThat(process.waitFor(PATIENCE.multipliedBy(2)))
          .as("end of vmctl %s, which said:%n%s", arguments, Files.readString(err))
          .isTrue();
      return new Ended(
          arguments, process.exitValue(), Files.readString(out), Files.readString(err));
    }

    void awaitSaying(String words) {
      await(
          "'" + words + "' from vmctl " + arguments,
          () -> Files.readString(err),
          said -> said.contains(words));
    }
  }

  /** A vmctl that has ended. */
  record Ended(List<String> arguments, int exitCode, String out, String err) {}
}
