package dev.vmctl.hypervisor.noop;

import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A guest that does nothing, as its file has it: {@code running 3 2 1024}.
 *
 * @param number how often it was started; stands for a process id
 */
record NoopGuest(State state, long number, int vcpus, long memoryMb) {
  private static final int WORDS = 4;

  enum State {
    RUNNING,
    SUSPENDED,
    STOPPED
  }

  /**
   * @throws VmException io when there is a file that cannot be read or understood
   */
  static Optional<NoopGuest> read(VmHandle vm) {
    Path file = file(vm);
    try {
      List<String> words = List.of(Files.readString(file).strip().split(" ", WORDS));
      return Optional.of(
          new NoopGuest(
              State.valueOf(words.get(0).toUpperCase(Locale.ROOT)),
              Long.parseLong(words.get(1)),
              Integer.parseInt(words.get(2)),
              Long.parseLong(words.get(3))));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw failure("read", file, e);
    }
  }

  void write(VmHandle vm) {
    Path file = file(vm);
    Path half = vm.runFile("noop.new");
    try {
      Files.createDirectories(vm.runDirectory());
      Files.writeString(
          half,
          "%s %d %d %d\n"
              .formatted(state.name().toLowerCase(Locale.ROOT), number, vcpus, memoryMb));
      Files.move(half, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failure("write", file, e);
    }
  }

  static void forget(VmHandle vm) {
    try {
      Files.deleteIfExists(file(vm));
    } catch (IOException e) {
      throw failure("delete", file(vm), e);
    }
  }

  NoopGuest as(State other) {
    return new NoopGuest(other, number, vcpus, memoryMb);
  }

  Observation observation() {
    return switch (state) {
      case RUNNING -> new Observation.Running(number);
      case SUSPENDED -> new Observation.Suspended(number);
      case STOPPED -> new Observation.Absent();
    };
  }

  LaunchFacts facts() {
    return new LaunchFacts("", "", null, "", vcpus, memoryMb, null, null, number, number, "");
  }

  private static Path file(VmHandle vm) {
    return vm.runFile("noop");
  }

  private static VmException failure(String what, Path file, Exception cause) {
    return new VmException(
        ErrorCode.IO,
        "cannot " + what + " " + file + ": " + cause.getMessage(),
        "check that its directory exists and that you may write there",
        cause);
  }
}
