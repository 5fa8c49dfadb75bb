package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.VmHandle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where the files of one VM are. */
record BhyveFiles(VmHandle vm) {
  private static final int LOG_CHARACTERS = 2000;

  /** The exit code of the last run, written by the keeper after all was cleared away. */
  Path exit() {
    return vm.runFile("exit");
  }

  /** The process number of bhyve itself. */
  Path guestPid() {
    return vm.runFile("guest.pid");
  }

  /** What bhyve and its keeper said since the last start. */
  Path log() {
    return vm.directory().resolve("bhyve.log");
  }

  /** What the guest wrote to its console since the last start. */
  Path console() {
    return vm.directory().resolve("console.log");
  }

  Path variables() {
    return vm.directory().resolve("efivars.fd");
  }

  /** Makes what is needed before a start, and sets the log of the last start aside. */
  void prepare() {
    Path log = log();
    try {
      Files.createDirectories(vm.runDirectory());
      Files.deleteIfExists(exit());
      Files.deleteIfExists(guestPid());
      if (Files.exists(log)) {
        Files.move(log, log.resolveSibling("bhyve.log.1"), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw AtomicFiles.failure("prepare", vm.runDirectory(), e);
    }
  }

  /** The VM's own firmware variables, copied only when it has none yet. */
  @Nullable Path prepareVariables(Path template) {
    Path own = variables();
    if (!Files.exists(own)) {
      if (!Files.isReadable(template)) {
        return null;
      }
      try {
        AtomicFiles.write(own, Files.readAllBytes(template), AtomicFiles.Access.OWNER);
      } catch (IOException e) {
        throw AtomicFiles.failure("read", template, e);
      }
    }
    return own;
  }

  /** Removes all traces of a run, the note last: while it is there, they are looked for. */
  void clear() {
    try {
      Files.deleteIfExists(exit());
      Files.deleteIfExists(guestPid());
      Files.deleteIfExists(LaunchNote.file(vm));
    } catch (IOException e) {
      throw AtomicFiles.failure("clear", vm.runDirectory(), e);
    }
  }

  /** The number in one of these files; empty when it is not there or not written whole. */
  static Optional<Integer> number(Path file) {
    try {
      String text = Files.readString(file).strip();
      return text.matches("\\d{1,9}") ? Optional.of(Integer.valueOf(text)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  /** The end of the log. */
  String lastWords() {
    try {
      String text = Files.readString(log(), StandardCharsets.ISO_8859_1).strip();
      return text.isEmpty()
          ? "it said nothing"
          : text.substring(Math.max(text.length() - LOG_CHARACTERS, 0));
    } catch (IOException e) {
      return "its log cannot be read: " + e.getMessage();
    }
  }
}
