package dev.vmctl.daemon;

import static java.nio.file.StandardCopyOption.COPY_ATTRIBUTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Platform;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The packaged daemon in a JVM that takes this host for another: with that system's commands, which
 * are not here but for those that we put on its path, and without Netty's native code.
 */
class OtherSystemsIT {
  /** What would have been made by flags of open(2) that have other numbers here. */
  private static final List<String> LOCKS =
      List.of("daemon.lock", "engine.lock", "store.lock", "locks/web.lock");

  private static final List<String> POSIX =
      List.of(
          "bash", "cat", "chmod", "cksum", "cut", "find", "ls", "mkdir", "mv", "nice", "ps", "rm",
          "sed", "sort", "test", "tr");

  @TempDir Path directory;

  private void command(String name, String script) throws IOException {
    Path file = Files.createDirectories(directory.resolve("bin")).resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  /** JNA as well takes the other system's, which nothing here could load. */
  private Path nativePartForThisKernel() throws IOException {
    Path parts = Files.createDirectories(directory.resolve("native"));
    String ours = "/com/sun/jna/" + Platform.RESOURCE_PREFIX + "/libjnidispatch.so";
    try (InputStream part = Objects.requireNonNull(Platform.class.getResourceAsStream(ours))) {
      Files.copy(part, parts.resolve("libjnidispatch.so"));
    }
    return parts;
  }

  /** What the launcher's command writes, where nothing is on the path but what POSIX has. */
  private String launched(Map<String, String> environment, String... arguments) throws Exception {
    Path base = Path.of(Objects.requireNonNull(System.getProperty("vmctl.basedir")));
    Path installed = directory.resolve("installed/bin");
    Files.createDirectories(installed.resolve("lib"));
    for (String file : List.of("vmctl", "lib/jdk.sh")) {
      Files.copy(base.resolve("bin").resolve(file), installed.resolve(file), COPY_ATTRIBUTES);
    }
    Files.createSymbolicLink(
        installed.resolveSibling("quarkus-app"), base.resolve("target/quarkus-app"));
    Path posix = Files.createDirectories(directory.resolve("posix"));
    for (String tool : POSIX) {
      Path here = LinuxHostFacts.ofThisProcess().findProgram(tool).orElseThrow();
      Files.createSymbolicLink(posix.resolve(tool), here);
    }
    List<String> command = new ArrayList<>(List.of(installed.resolve("vmctl").toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.environment().put("PATH", directory.resolve("bin") + ":" + posix);
    builder.environment().put("XDG_CACHE_HOME", directory.resolve("cache").toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  @ParameterizedTest
  @CsvSource({"FreeBSD, bhyve", "SunOS, propolis"})
  void itServesItsSocketAndKeepsVms(String system, String usual) throws Exception {
    command(
        "sysctl",
        "case $2 in kern.boottime) echo '{ sec = 1764000000, usec = 5 } Mon';; hw.physmem) echo 17179869184;; *) echo 1000000;; esac");
    command("kstat", "echo \"$2\t4096\"");
    command("pagesize", "echo 4096");
    command("hostname", "echo other.example");
    Path watched = Files.createDirectory(directory.resolve("watched"));
    Files.writeString(
        watched.resolve("VMFile.kdl"),
        """
        vm "web" {
          backend "noop"
          hosts "other.*"
        }
        vm "usual" {
          image "/none"
        }
        """);
    Path data = directory.resolve("data");
    for (String lock : LOCKS) {
      Path file = data.resolve(lock);
      Files.createDirectories(file.getParent());
      Files.createFile(file);
    }
    Map<String, String> environment =
        Map.of(
            "JAVA_HOME",
            System.getProperty("java.home"),
            "JAVA_TOOL_OPTIONS",
            "-Dos.name="
                + system
                + " -Dio.netty.transport.noNative=true -Djna.boot.library.path="
                + nativePartForThisKernel(),
            "PATH",
            directory.resolve("bin") + ":" + System.getenv("PATH"));
    try (DaemonProcess daemon =
        DaemonProcess.start(
                environment, directory, data, "--listen", "none", "--watch", watched.toString())
            .serving()) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> daemon.client().list().stream().anyMatch(VmSummary::ready));
      VmStatus other = daemon.client().status(new VmName("usual"));
      assertThat(other.summary().backend()).isEqualTo(usual);
      assertThat(Objects.requireNonNull(other.failure()).code())
          .isEqualTo(ErrorCode.BACKEND_NOT_AVAILABLE.text());
      assertThat(daemon.stderr()).doesNotContain("Unknown channel option", "ERROR");
      assertThat(launched(environment, "--data-dir", data.toString(), "list", "--no-headers"))
          .contains("web ", "running", "usual ");
    }
  }
}
