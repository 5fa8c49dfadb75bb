package dev.vmctl.cli;

import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.api.http.RehearsalDaemon;
import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.qemu.RehearsalQemu;
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
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Runs what people run most, with a daemon and without, so that a JVM started with {@code
 * -XX:AOTCacheOutput} records the classes these commands need. Touches nobody's VMs and prints
 * nothing.
 */
public final class Rehearsal {
  private static final UUID VM = UUID.fromString("00000000-0000-4000-8000-000000000001");

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
      VmHandle vm = alone(home);
      Path alone = vm.runDirectory();
      commands(alone);
      try (RehearsalQemu qemu = new RehearsalQemu(vm)) {
        commands(alone);
      }
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

  /** A VM that is stopped, in a data directory of its own, which is its run directory, too. */
  static VmHandle alone(Path home) throws IOException {
    Path data = home.resolve("alone");
    Path directory = Files.createDirectories(data.resolve("vms").resolve(RehearsalDaemon.VM));
    try (InputStream record = Rehearsal.class.getResourceAsStream("rehearsal.json")) {
      String text =
          new String(Objects.requireNonNull(record).readAllBytes(), StandardCharsets.UTF_8);
      Files.writeString(
          directory.resolve("vm.json"),
          text.replace("{uuid}", VM.toString()).replace("{data}", data.toString()));
    }
    return new VmHandle(new VmName(RehearsalDaemon.VM), VM, directory, data, null);
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
