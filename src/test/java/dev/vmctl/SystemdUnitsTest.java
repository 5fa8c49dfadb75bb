package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdUnitsTest {
  private static final Path UNITS =
      Path.of(System.getProperty("vmctl.basedir", ".")).resolve("manifests/systemd");

  @TempDir Path directory;

  @Test
  void systemdItselfUnderstandsEveryLineOfTheHostsUnits() throws Exception {
    verify(UNITS, "--system");
  }

  @Test
  void systemdItselfUnderstandsEveryLineOfTheUsersUnits() throws Exception {
    verify(UNITS.resolve("user"), "--user");
  }

  /** A VM is forked by the daemon: what is inherited would hold for it too. */
  @Test
  void noHardeningReachesTheVms() throws IOException {
    for (Path unit : Stream.concat(units(UNITS), units(UNITS.resolve("user"))).toList()) {
      assertThat(Files.readString(unit))
          .as(unit.toString())
          .doesNotContainPattern(
              "(?m)^(Protect|Private|Restrict|ReadOnly|ReadWrite|Inaccessible|SystemCall"
                  + "|Capability|AmbientCap|NoNewPriv|Lock|Memory(Deny|Lock)|Limit|OOMScore|Nice"
                  + "|CPUAffinity|RootDirectory|TemporaryFile|Bind)");
    }
    assertThat(Files.readString(UNITS.resolve("vmctl.service")))
        .contains("\nKillMode=process\n", "\nType=notify\n", "\nWatchdogSec=");
  }

  private void verify(Path from, String manager) throws Exception {
    Path vmctl = Files.createSymbolicLink(directory.resolve("vmctl"), Path.of("/bin/true"));
    List<String> command =
        new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no", manager));
    for (Path unit : units(from).toList()) {
      String text = Files.readString(unit).replace("/usr/bin/vmctl", vmctl.toString());
      command.add(Files.writeString(directory.resolve(unit.getFileName()), text).toString());
    }
    assertThat(command).hasSizeGreaterThan(4);
    ProcessBuilder verify = new ProcessBuilder(command).redirectErrorStream(true);
    verify.environment().put("XDG_RUNTIME_DIR", directory.toString());
    Process running = verify.start();
    assertThat(new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEmpty();
    assertThat(running.waitFor()).isZero();
  }

  private static Stream<Path> units(Path from) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      return files.filter(file -> file.toString().endsWith(".service")).toList().stream();
    }
  }
}
