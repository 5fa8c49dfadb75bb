package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is secret is where the guest gets it, and nowhere else. */
class SecretsIT {
  private static final String IN_FILE = "canary-of-a-file-93b1";
  private static final String IN_USER_DATA = "canary-of-user-data-5c22";
  private static final String IN_VMFILE = "canary-of-a-vmfile-a7d0";

  @TempDir Path directory;
  private @Nullable Installation installation;

  @BeforeEach
  void declare() throws IOException {
    installation = Installation.in(directory, "data");
    try (RandomAccessFile file = new RandomAccessFile(path("empty.raw").toFile(), "rw")) {
      file.setLength(1 << 20);
    }
    Files.writeString(path("token"), IN_FILE + "\n");
    Files.writeString(path("user.yaml"), "#cloud-config\npassword: " + IN_USER_DATA + "\n");
    Files.writeString(path("VMFile.kdl"), machine(64));
  }

  private static String machine(int memory) {
    return """
        vm "web" {
          image "empty.raw"
          vcpus 1
          memory %d
          cloud-init { user-data "user.yaml" }
          env { TOKEN file="token"; PLAIN "%s" }
        }
        """
        .formatted(memory, IN_VMFILE);
  }

  @AfterEach
  void end() {
    vmctl().close();
  }

  @Test
  void noSecretIsInOutputsArgumentsEventsOrFilesOfOthers() throws Exception {
    assertSilent("plan");
    Installation.Running daemon =
        vmctl()
            .start("daemon", "--listen", "none", "--watch", directory.toString(), "--log", "json");
    Installation.await("web", vmctl()::list, list -> list.toString().contains("\"running\""));
    Files.writeString(path("VMFile.kdl"), machine(96));
    for (List<String> command :
        List.of(
            List.of("plan"),
            List.of("plan", "-o", "json"),
            List.of("validate", "VMFile.kdl"),
            List.of("validate", "-o", "json", "VMFile.kdl"),
            List.of("list", "-o", "json"),
            List.of("status", "web"),
            List.of("status", "web", "-o", "json"),
            List.of("events", "-o", "json"),
            List.of("log", "web"),
            List.of("doctor", "-o", "json"))) {
      assertSilent(command.toArray(String[]::new));
    }
    assertThat(Files.readString(daemon.err())).doesNotContain(IN_FILE, IN_USER_DATA, IN_VMFILE);
    assertThat(argumentsOfAllProcesses()).doesNotContain(IN_FILE, IN_USER_DATA, IN_VMFILE);
    assertThat(filesWith(IN_FILE)).as("only its digest is kept").isEmpty();
    assertThat(filesWith(IN_USER_DATA)).allMatch(name -> name.endsWith("seed.iso")).isNotEmpty();
    assertThat(filesWith(IN_VMFILE)).allMatch(name -> name.endsWith("vm.json"));
    assertThat(openToOthers()).isEmpty();
  }

  private void assertSilent(String... command) throws Exception {
    Installation.Ended ended = vmctl().vmctl(command);
    assertThat(ended.out() + ended.err())
        .as("vmctl %s", List.of(command))
        .doesNotContain(IN_FILE, IN_USER_DATA, IN_VMFILE);
  }

  private List<String> filesWith(String secret) throws IOException {
    try (Stream<Path> files = Files.walk(vmctl().data())) {
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .filter(file -> read(file).contains(secret))
          .map(Path::toString)
          .toList();
    }
  }

  /** Seeds, keys and records; not logs, which the directory protects. */
  private List<String> openToOthers() throws IOException {
    try (Stream<Path> files = Files.walk(vmctl().data().resolve("vms"))) {
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          .filter(file -> !file.toString().matches(".*\\.(log|pub).*"))
          .filter(file -> !permissions(file).endsWith("------"))
          .map(Path::toString)
          .toList();
    }
  }

  private static String permissions(Path file) {
    try {
      return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    } catch (IOException gone) {
      return "---------";
    }
  }

  private static String argumentsOfAllProcesses() throws IOException {
    StringBuilder all = new StringBuilder();
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      processes
          .filter(process -> process.getFileName().toString().matches("\\d+"))
          .forEach(process -> all.append(read(process.resolve("cmdline"))).append('\n'));
    }
    return all.toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException gone) {
      return "";
    }
  }

  private Path path(String name) {
    return directory.resolve(name);
  }

  private Installation vmctl() {
    return Objects.requireNonNull(installation);
  }
}
