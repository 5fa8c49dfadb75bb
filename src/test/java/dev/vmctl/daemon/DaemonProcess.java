package dev.vmctl.daemon;

import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.api.http.HttpApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The packaged daemon as a process of its own, as a user starts it. */
final class DaemonProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Path data;
  private final Path stderr;

  private DaemonProcess(Process process, Path data, Path stderr) {
    this.process = process;
    this.data = data;
    this.stderr = stderr;
  }

  /** Starts it in a working directory that nothing may be written to. */
  static DaemonProcess start(Path directory, Path data, String... options) throws IOException {
    return start(Map.of(), directory, data, options);
  }

  /** The same with these in its environment. */
  static DaemonProcess start(
      Map<String, String> environment, Path directory, Path data, String... options)
      throws IOException {
    Path runner =
        Path.of(Objects.requireNonNull(System.getProperty("vmctl.basedir")))
            .resolve("target/quarkus-app/quarkus-run.jar");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-jar", runner.toString()));
    command.addAll(List.of("--data-dir", data.toString(), "--log", "text"));
    command.addAll(List.of(options));
    Path working = Files.createDirectories(directory.resolve("working"));
    Path stderr = Files.createTempFile(directory, "daemon", ".log");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(working.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(stderr.toFile());
    builder.environment().putAll(environment);
    return new DaemonProcess(builder.start(), data, stderr);
  }

  /** Waits until it serves. */
  DaemonProcess serving() {
    Awaitility.await()
        .atMost(PATIENCE)
        .failFast("the daemon has ended", () -> !process.isAlive())
        .until(() -> stderr().contains(" serves "));
    return this;
  }

  DaemonClient client() {
    return new DaemonClient(HttpApi.socket(data));
  }

  long pid() {
    return process.pid();
  }

  /** The port of metrics and health, which it logs. */
  int port() throws IOException {
    String afterAddress = stderr().split("health on 127\\.0\\.0\\.1:", 2)[1];
    return Integer.parseInt(afterAddress.split(";", 2)[0]);
  }

  String stderr() throws IOException {
    return Files.readString(stderr);
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
  }

  int exitCode(Duration patience) throws InterruptedException {
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("the daemon still runs after " + patience);
    }
    return process.exitValue();
  }

  int exitCode() throws InterruptedException {
    return exitCode(PATIENCE);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
