package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.VmStatus;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A {@link HostSimulation} for each test, of which every command must be one that the real program
 * takes.
 */
abstract class BhyveFixture {
  static final VmName WEB = new VmName("web");
  static final String IMAGE = "rpool/vmctl/images/" + "ab".repeat(16);
  static final String SNAPSHOT = IMAGE + "@sha256-" + "ab".repeat(32);

  @TempDir Path directory;
  HostSimulation simulation;

  @BeforeEach
  void start() {
    simulation = new HostSimulation(directory);
  }

  @AfterEach
  void everyCommandLineWasOneTheRealProgramTakes() {
    assertThat(simulation.host.violations).isEmpty();
  }

  String disk(String vm) {
    return "rpool/vmctl/disks/"
        + vm
        + "-"
        + Objects.requireNonNull(simulation.record(vm).applied())
            .diskId()
            .toString()
            .substring(0, 8);
  }

  String tap(String vm) {
    return "vt" + simulation.record(vm).uuid().toString().substring(0, 8);
  }

  void fails(ErrorCode code, String says) {
    simulation.settle();
    assertThat(Objects.requireNonNull(simulation.status("web").failure()))
        .satisfies(
            failure -> {
              assertThat(failure.code()).isEqualTo(code.text());
              assertThat(failure.message()).contains(says);
              assertThat(failure.help()).isNotEmpty();
            });
  }

  /** As a command would print it. */
  String failure() {
    VmStatus.Failure failure = Objects.requireNonNull(simulation.status("web").failure());
    return "error[%s]: %s\n  help: %s".formatted(failure.code(), failure.message(), failure.help());
  }
}
