package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.host.LinuxHostFacts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.ParameterException;

class DaemonOptionsTest {
  private static final Map<String, String> HOME = Map.of("HOME", "/home/ann");

  @Test
  void withoutOptionsTheDefaultsHold() {
    DaemonSettings settings = parse(HOME);
    assertThat(settings.watch()).isEmpty();
    assertThat(settings.dataDirectory()).isEqualTo(Path.of("/home/ann/.local/share/vmctl"));
    assertThat(settings.listen()).hasToString("127.0.0.1:9464");
    assertThat(settings.resync()).isEqualTo(Duration.ofSeconds(60));
    assertThat(settings.resyncJitter()).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void theDataDirectoryIsTheOptionElseTheVariable() {
    Map<String, String> variable = Map.of("HOME", "/home/ann", "VMCTL_DATA_DIR", "/srv/a");
    assertThat(parse(variable).dataDirectory()).isEqualTo(Path.of("/srv/a"));
    assertThat(parse(variable, "--data-dir", "/srv/b").dataDirectory())
        .isEqualTo(Path.of("/srv/b"));
  }

  @Test
  void severalDirectoriesAreWatchedEachOnce() {
    assertThat(parse(HOME, "--watch", "/a/../b", "--watch", "/c", "--watch", "/b").watch())
        .containsExactly(Path.of("/b"), Path.of("/c"));
  }

  @Test
  void relativePathsAreOfTheWorkingDirectory() {
    assertThat(parse(HOME, "--watch", "vms").watch())
        .containsExactly(Path.of("vms").toAbsolutePath());
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:0, 127.0.0.1:0",
    "127.1.2.3:80, 127.1.2.3:80",
    "localhost:9464, 127.0.0.1:9464",
    "[::1]:9464, [::1]:9464",
    "none, none",
  })
  void metricsMayBeServedOnLoopback(String text, String meant) {
    assertThat(parse(HOME, "--listen", text).listen()).hasToString(meant);
  }

  @ParameterizedTest
  @CsvSource({
    "--listen, 0.0.0.0:9464, is not a loopback address",
    "--listen, 192.168.1.1:9464, is not a loopback address",
    "--listen, 127.0.0.999:9464, is not a loopback address",
    "--listen, example.org:9464, is not a loopback address",
    "--listen, 127.0.0.1:65536, there is no port 65536",
    "--listen, 9464, is neither 'none' nor an address:port",
    "--listen, '', is neither 'none' nor an address:port",
    "--resync, 60, is not a time such as 30s or 5m",
    "--resync, 0s, is not between 1s and 1h",
    "--resync, 61m, is not between 1s and 1h",
    "--log, yaml, is neither 'text' nor 'json'",
    "--data-dir, '', --data-dir is empty",
    "--watch, '', --watch is empty",
    "--frobnicate, x, Unknown option",
  })
  void whatMakesNoSenseIsRefused(String option, String value, String why) {
    assertThatThrownBy(() -> parse(HOME, option, value))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining(why);
  }

  private static DaemonSettings parse(Map<String, String> environment, String... arguments) {
    DaemonOptions options = new DaemonOptions();
    options.commandLine(Map.of()).parseArgs(arguments);
    return options.settings(new LinuxHostFacts(environment, Path.of("/root"), "ann"), environment);
  }
}
