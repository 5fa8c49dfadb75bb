package dev.vmctl.controller;

import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.Accel;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.LiveRoom;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A process that runs a guest. */
final class FakeProcess {
  LaunchFacts facts;
  final Path disk;
  final VmName name;
  @Nullable ExitReason ended;
  boolean frozen;

  /** What the guest has in its memory. */
  String memory = "booted";

  /** The memory on disk that it has come from; empty when it has booted. */
  String from = "";

  FakeProcess(VmName name, LaunchFacts facts, Path disk) {
    this.name = name;
    this.facts = facts;
    this.disk = disk;
  }

  static FakeProcess of(Launch launch, long pid, String boot, @Nullable LiveRoom room) {
    VmSpec spec = launch.spec();
    LaunchFacts facts =
        new LaunchFacts(
            "pc-q35-7.2",
            "max",
            Accel.TCG,
            "",
            spec.vcpus() == null ? 1 : spec.vcpus(),
            spec.memoryMb() == null ? 1024 : spec.memoryMb(),
            2200 + (int) pid,
            null,
            pid,
            pid,
            boot,
            List.of(),
            List.of(),
            room,
            null);
    Path disk = launch.disk();
    return new FakeProcess(launch.vm().name(), facts, disk == null ? Path.of("/none") : disk);
  }

  /** It has the memory that is on its disk, and waits. */
  void goOn(String tag, FakeDisk from) {
    FakeDisk.Moment moment = Objects.requireNonNull(from.moments.get(tag));
    memory = Objects.requireNonNull(moment.memory());
    this.from = tag;
    frozen = true;
  }

  Observation observation() {
    if (ended != null) {
      return new Observation.Exited(ended);
    }
    return frozen ? new Observation.Suspended(facts.pid()) : new Observation.Running(facts.pid());
  }
}
