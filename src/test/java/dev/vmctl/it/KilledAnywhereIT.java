package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.cli.SameProcess;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * vmctl is killed at a system call, and called again: what was half-made is adopted or cleaned.
 * {@code verify} tries some of the places, {@code ./mvnw -Pkill verify} all of them.
 */
class KilledAnywhereIT {
  private static final String QEMU = "qemu-system-x86_64";
  private static final String DATA_DISK = "disks { disk \"data\" size=\"1MiB\"; }";

  /** How many places of each command. */
  private static final int IN_SAMPLE = Math.max(1, Integer.getInteger("vmctl.cuts", 1));

  /** With one place of each: these do between them all that the others do. */
  private static final List<Action> SAMPLE =
      IN_SAMPLE > 1 ? List.of(Action.values()) : List.of(Action.UP, Action.RELOAD, Action.DESTROY);

  @TempDir Path shared;
  private int rooms;

  /** What is killed. */
  private enum Action {
    CREATE,
    UP,
    START,
    LIVE_CHANGE,
    STOP,
    RELOAD,
    DESTROY;

    List<String> command(Room room) {
      return switch (this) {
        case CREATE -> room.create();
        case UP, LIVE_CHANGE -> List.of("up", "--file", room.file().toString());
        case START -> List.of("start", "web");
        case STOP -> List.of("stop", "web");
        case RELOAD -> List.of("reload", "--file", room.file().toString());
        case DESTROY -> List.of("destroy", "web", "--yes");
      };
    }

    void prepare(Room room) throws IOException {
      switch (this) {
        case CREATE, UP -> {}
        case START -> {
          room.succeed("up", "--file", room.file().toString());
          room.succeed("stop", "web");
        }
        case STOP, RELOAD, DESTROY -> room.succeed("up", "--file", room.file().toString());
        case LIVE_CHANGE -> {
          room.succeed("up", "--file", room.file().toString());
          Files.writeString(room.file(), room.guest().vm("web", DATA_DISK));
        }
      }
    }

    /** As somebody would who sees that it did not end well. */
    void goOn(Room room) {
      switch (this) {
        case CREATE -> {
          room.succeedUnless("vm.name_taken", room.create());
          room.succeed("start", "web");
        }
        case DESTROY -> room.succeedUnless("vm.not_found", command(room));
        case UP, START, LIVE_CHANGE, STOP, RELOAD ->
            room.succeed(command(room).toArray(String[]::new));
      }
    }
  }

  @TestFactory
  @Fault(
      area = Area.OURS,
      value = "killed at any system call of a command, with a real QEMU",
      silent = "the same command, given again, ends well; no disk, process or file is lost or left")
  Stream<DynamicTest> theSameCommandAgainEndsWell() {
    return SAMPLE.stream().flatMap(this::tests);
  }

  private Stream<DynamicTest> tests(Action action) {
    try (Installation vmctl = install()) {
      Room room = room(vmctl);
      action.prepare(room);
      List<Strace.Cut> cuts = room.strace().cuts(action.command(room));
      int step = Math.max(1, cuts.size() / IN_SAMPLE);
      List<DynamicTest> tests = new ArrayList<>();
      for (int at = step / 2; at < cuts.size(); at += step) {
        Strace.Cut cut = cuts.get(at);
        tests.add(DynamicTest.dynamicTest(action + " " + cut, () -> killAndGoOn(action, cut)));
      }
      return tests.stream();
    } catch (Exception e) {
      throw new AssertionError(action + " as it is without a kill", e);
    }
  }

  private void killAndGoOn(Action action, Strace.Cut cut) throws Exception {
    try (Installation vmctl = install()) {
      Room room = room(vmctl);
      action.prepare(room);
      Object disk = room.disk();

      boolean killed = room.strace().kill(cut, action.command(room));

      assertThat(vmctl.processes(QEMU)).as("QEMUs after the kill").hasSizeLessThan(2);
      action.goOn(room);
      room.assertIsWhole(action, disk);
      room.assertLeavesNothing();
      assumeThat(killed).as("came to " + cut).isTrue();
    }
  }

  private Installation install() throws IOException {
    return Installation.in(Files.createDirectory(shared.resolve("room" + ++rooms)), "data");
  }

  private Room room(Installation vmctl) throws IOException {
    TinyGuest guest = TinyGuest.in(shared);
    Path file = Files.writeString(vmctl.data().resolveSibling("VMFile.kdl"), guest.vm("web"));
    return new Room(vmctl, guest, file, new Strace(shared, vmctl.data()));
  }

  /** One data directory with one VM. */
  private record Room(Installation vmctl, TinyGuest guest, Path file, Strace strace) {
    List<String> create() {
      return List.of(
          "create",
          "--name",
          "web",
          "--no-network",
          "--memory",
          "16",
          "--image",
          guest.image().toString());
    }

    void succeed(String... arguments) {
      SameProcess.Ended ended = vmctl.here(arguments);
      assertThat(ended.exitCode()).as("exit code of %s: %s", List.of(arguments), ended).isZero();
    }

    void succeedUnless(String code, List<String> arguments) {
      SameProcess.Ended ended = vmctl.here(arguments.toArray(String[]::new));
      if (ended.exitCode() != 0) {
        assertThat(ended.err()).as("%s", arguments).contains("error[" + code + "]");
      }
    }

    private Path overlay() {
      return vmctl.data().resolve("vms/web/overlay.qcow2");
    }

    /** Which file the disk is, wherever it is; null when there is none. */
    @Nullable Object disk() throws IOException {
      return Files.exists(overlay()) ? Files.getAttribute(overlay(), "unix:ino") : null;
    }

    void assertIsWhole(Action action, @Nullable Object disk) throws Exception {
      boolean runs = action != Action.STOP && action != Action.DESTROY;
      assertThat(vmctl.processes(QEMU)).as("QEMUs").hasSize(runs ? 1 : 0);
      if (action != Action.DESTROY) {
        JsonNode web = vmctl.status("web");
        assertThat(web.path("state").asText()).isEqualTo(runs ? "running" : "stopped");
        assertThat(Installation.isConverged(web)).as("%s", web).isEqualTo(runs);
      }
      assertThat(vmctl.list()).hasSize(action == Action.DESTROY ? 0 : 1);
      if (disk != null) {
        assertThat(disks()).as("the disk is in place or in the trash").contains(disk);
      }
      assertThat(trashDirectories())
          .as("what is in the trash is listed")
          .hasSize(vmctl.trash().size());
      if (action == Action.LIVE_CHANGE) {
        assertThat(vmctl.data().resolve("vms/web/disks/data/disk.qcow2")).exists();
      }
    }

    private List<Object> disks() throws IOException {
      try (Stream<Path> files = Files.walk(vmctl.data())) {
        List<Object> inodes = new ArrayList<>();
        for (Path each : files.filter(path -> path.endsWith("overlay.qcow2")).toList()) {
          inodes.add(Files.getAttribute(each, "unix:ino"));
        }
        return inodes;
      }
    }

    private List<Path> trashDirectories() throws IOException {
      return children("trash");
    }

    private List<Path> children(String directory) throws IOException {
      try (Stream<Path> entries = Files.list(vmctl.data().resolve(directory))) {
        return entries.toList();
      } catch (NoSuchFileException none) {
        return List.of();
      }
    }

    void assertLeavesNothing() throws Exception {
      try (Stream<Path> files = Files.walk(vmctl.data())) {
        assertThat(files.map(path -> path.getFileName().toString()))
            .as("files that were to be something else")
            .noneMatch(name -> name.startsWith(".") || name.matches(".*\\.(tmp|new|part)"));
      }
      succeedUnless("vm.not_found", List.of("destroy", "web", "--yes"));
      succeed("trash", "empty", "--yes");
      assertThat(vmctl.processes(QEMU)).isEmpty();
      for (String directory : List.of("vms", "run", "trash")) {
        assertThat(children(directory)).as(directory).isEmpty();
      }
    }
  }
}
