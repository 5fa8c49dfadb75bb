package dev.vmctl.cli;

import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.api.http.RehearsalDaemon;
import dev.vmctl.host.Log;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Runs what people run most, with a daemon and without, so that a JVM started with {@code
 * -XX:AOTCacheOutput} records the classes these commands need. Touches nobody's VMs and prints
 * nothing.
 */
public final class Rehearsal {
  private Rehearsal() {}

  public static void main(String[] arguments) throws IOException {
    Log.onlyFrom(System.Logger.Level.ERROR); // As Main does.
    // Not in the cache directory, whose path may be too long for a socket.
    Path home = Files.createTempDirectory("vmctl-rehearsal");
    try {
      Path served = Files.createDirectory(home.resolve("served"));
      try (RehearsalDaemon daemon = new RehearsalDaemon(served)) {
        commands(served);
        try (DaemonClient client = new DaemonClient(HttpApi.socket(served))) {
          client.ssh(new VmName(RehearsalDaemon.VM));
        }
      }
      commands(alone(home));
    } finally {
      delete(home);
    }
  }

  private static void commands(Path dataDirectory) {
    for (List<String> command :
        List.of(
            List.of("list"),
            List.of("list", "-o", "json"),
            List.of("list", "--output=wide"),
            List.of("status", RehearsalDaemon.VM),
            List.of("version"),
            List.of("--help"))) {
      List<String> line =
          Stream.concat(Stream.of("--data-dir", dataDirectory.toString()), command.stream())
              .toList();
      Main.run(silent(), line.toArray(String[]::new));
    }
  }

  /** A data directory with a VM in it that is stopped. */
  static Path alone(Path home) throws IOException {
    Path data = home.resolve("alone");
    Path vm = Files.createDirectories(data.resolve("vms").resolve(RehearsalDaemon.VM));
    try (InputStream record = Rehearsal.class.getResourceAsStream("rehearsal.json")) {
      Files.copy(Objects.requireNonNull(record), vm.resolve("vm.json"));
    }
    return data;
  }

  private static Terminal silent() {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new Terminal(
        InputStream.nullInputStream(), nowhere, nowhere, false, false, false, false);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path each : all.toList().reversed()) {
        Files.delete(each);
      }
    }
  }
}
