package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A {@link Simulation} for each test, whose world must keep its rules whatever is done to it. */
abstract class SimulationFixture {
  static final VmName WEB = new VmName("web");

  @TempDir Path directory;
  Simulation simulation;
  private final long seed;

  SimulationFixture() {
    this(1);
  }

  SimulationFixture(long seed) {
    this.seed = seed;
  }

  @BeforeEach
  void open() {
    simulation = new Simulation(directory, seed);
  }

  @AfterEach
  void theWorldKeptItsRules() {
    assertThat(simulation.world.violations).isEmpty();
  }

  void pass(Duration time) {
    simulation.timeline.pass(time);
  }

  static void assertRefused(Runnable command, ErrorCode code) {
    assertThatThrownBy(command::run)
        .isInstanceOfSatisfying(
            VmException.class,
            no -> {
              assertThat(no.code()).isEqualTo(code);
              assertThat(no.help()).isNotEmpty();
            });
  }
}
