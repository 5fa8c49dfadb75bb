package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyRequest.Provisioning;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmName;
import dev.vmctl.store.Applied;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.FileVmStore;
import dev.vmctl.store.VmRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A VM that an older vmctl has made and left running, under one that has other defaults. */
class UpgradeTest {
  private static final VmName WEB = new VmName("web");
  private static final Path FIXTURES =
      Path.of(System.getProperty("vmctl.basedir", "."))
          .resolve("src/test/resources/store/format-1");

  @TempDir Path directory;

  private VmRecord fixture(String name) throws IOException {
    DataDirectory data = new DataDirectory(directory.resolve("older"));
    Files.createDirectories(data.vm(WEB));
    Files.copy(FIXTURES.resolve(name), data.record(WEB));
    FileVmStore store =
        new FileVmStore(
            data, new LinuxHostLocks(new LinuxHostProcesses()), FileVmStore.Sharing.ALONE);
    return store.read(WEB).orElseThrow();
  }

  private Simulation upgraded(VmRecord record) {
    Simulation simulation = new Simulation(directory.resolve("now"), 14);
    Applied applied = Objects.requireNonNull(record.applied());
    LaunchFacts facts = Objects.requireNonNull(applied.facts());
    simulation.boot = facts.bootId();
    simulation.world.hypervisor.processes.put(
        record.uuid(), new FakeProcess(WEB, facts, directory.resolve("disk")));
    simulation.store.update(WEB, none -> record.withSource(Simulation.DIRECTORY));
    simulation.restart();
    return simulation;
  }

  private static Declaration sameAs(VmRecord record) {
    return new Declaration(record.desired().spec(), Simulation.FILE, 1, Map.of());
  }

  @ParameterizedTest
  @ValueSource(strings = {"running.json", "older-defaults.json"})
  void thePlanIsEmptyAndTheGuestRunsOn(String name) throws IOException {
    VmRecord record = fixture(name);
    Simulation simulation = upgraded(record);
    simulation.declare(sameAs(record));
    simulation.timeline.pass(Duration.ofMinutes(1));

    assertThat(simulation.record("web").desired().generation())
        .as("what was declared has the digest that the older vmctl gave it")
        .isEqualTo(1);
    assertThat(simulation.process("web").facts)
        .isEqualTo(Objects.requireNonNull(record.applied()).facts());
    ApplyRequest request =
        new ApplyRequest(
            Simulation.DIRECTORY,
            List.of(sameAs(record)),
            Set.of(),
            false,
            false,
            Provisioning.AS_NEEDED);
    assertThat(simulation.vmctl.plan(request).isEmpty()).isTrue();
    assertThat(simulation.world.violations).isEmpty();
  }

  @Test
  void whatTheOlderDefaultsCameToIsShown() throws IOException {
    Simulation simulation = upgraded(fixture("older-defaults.json"));
    simulation.timeline.pass(Duration.ofSeconds(5));
    assertThat(simulation.status("web").summary().vcpus()).isEqualTo(4);
    assertThat(simulation.status("web").machine()).isEqualTo("pc-q35-5.2");
  }
}
