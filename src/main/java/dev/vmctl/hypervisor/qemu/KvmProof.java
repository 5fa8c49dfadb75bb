package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.Log;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Finds out whether KVM works by running a guest: a device that is there and can be opened may
 * still hang every guest, as in some nested set-ups.
 *
 * <p>The answer is kept in a file for this boot of the host and this QEMU binary.
 */
final class KvmProof {
  private static final System.Logger LOG = Log.of(KvmProof.class);
  static final Duration DEADLINE = Duration.ofSeconds(2);

  /** A hang may have been a host too busy to finish in time: ask again after this. */
  static final Duration DOUBT_AFTER = Duration.ofHours(1);

  private static final Path DEVICE = Path.of("/dev/kvm");

  private final HostProcesses processes;
  private final HostFacts facts;
  private final InstantSource clock;
  private final Path directory;
  private final Path device;

  /**
   * @param directory where the answer is kept; made when it is not there
   */
  KvmProof(HostProcesses processes, HostFacts facts, InstantSource clock, Path directory) {
    this(processes, facts, clock, directory, DEVICE);
  }

  KvmProof(
      HostProcesses processes, HostFacts facts, InstantSource clock, Path directory, Path device) {
    this.processes = processes;
    this.facts = facts;
    this.clock = clock;
    this.directory = directory;
    this.device = device;
  }

  /** The kept answer, or a proof made now, which takes up to {@link #DEADLINE}. */
  synchronized KvmVerdict verdict(Path qemu) throws InterruptedException {
    // Never kept: it costs nothing, and joining the group "kvm" should help at once.
    if (!Files.exists(device)) {
      return new KvmVerdict(false, "there is no " + device);
    }
    if (!Files.isReadable(device) || !Files.isWritable(device)) {
      return new KvmVerdict(
          false, "no permission for " + device + " (is the user in the group kvm?)");
    }
    String subject = subject(qemu);
    Optional<Kept> kept = read().filter(answer -> answer.holdsFor(subject, clock.instant()));
    if (kept.isPresent()) {
      return new KvmVerdict(kept.get().usable, kept.get().reason);
    }
    Kept answer = prove(qemu, subject, "kvm", "host");
    write(answer);
    return new KvmVerdict(answer.usable, answer.reason);
  }

  /** Runs the boot sector. */
  Kept prove(Path qemu, String subject, String accelerator, String cpu)
      throws InterruptedException {
    Path sector = directory.resolve("kvm-proof.img");
    try {
      Files.createDirectories(directory);
      AtomicFiles.write(sector, BootSector.disk(), AtomicFiles.Access.OWNER);
      Instant start = clock.instant();
      ToolResult result =
          processes.run(new ToolRun(command(qemu, sector, accelerator, cpu), DEADLINE));
      long took = Duration.between(start, clock.instant()).toMillis();
      return result.exitCode() == BootSector.PROVEN_EXIT_CODE
          ? kept(subject, true, false, "a test guest ran in " + took + " ms")
          : kept(subject, false, false, "a test guest died: " + lastLine(result));
    } catch (VmException e) {
      if (e.code() != ErrorCode.TIMEOUT) {
        throw e;
      }
      return kept(subject, false, true, "a test guest hung for " + DEADLINE.toMillis() + " ms");
    } catch (IOException e) {
      throw AtomicFiles.failure("make", directory, e);
    }
  }

  private static List<String> command(Path qemu, Path sector, String accelerator, String cpu) {
    return List.of(
        qemu.toString(),
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-machine",
        "q35,accel=" + accelerator,
        "-cpu",
        cpu,
        "-m",
        "16",
        "-blockdev",
        QemuOption.json(
            "driver",
            "raw",
            "node-name",
            "sector",
            "read-only",
            true,
            "file",
            QemuOption.map("driver", "file", "filename", sector.toString())),
        "-device",
        QemuOption.json("driver", "virtio-blk-pci", "drive", "sector", "bootindex", 0),
        "-device",
        BootSector.EXIT_DEVICE);
  }

  private Kept kept(String subject, boolean usable, boolean doubtful, String reason) {
    return new Kept(subject, usable, doubtful, reason, clock.millis());
  }

  /** What was asked: another boot or another binary is another question. */
  String subject(Path qemu) {
    return facts.bootId() + " " + QemuBinary.fingerprint(qemu) + " uid " + facts.userId();
  }

  private static String lastLine(ToolResult result) {
    String errors = result.errors().strip();
    String line = errors.substring(errors.lastIndexOf('\n') + 1);
    return line.isEmpty() ? "exit code " + result.exitCode() : line;
  }

  private Optional<Kept> read() {
    Path file = file();
    try {
      return Files.exists(file)
          ? Optional.of(Json.mapper().readValue(file.toFile(), Kept.class))
          : Optional.empty();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "kvm-proof.json cannot be read; proving anew", e);
      return Optional.empty();
    }
  }

  private void write(Kept answer) {
    try {
      AtomicFiles.write(file(), Json.mapper().writeValueAsBytes(answer), AtomicFiles.Access.OWNER);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file(), e);
    }
  }

  private Path file() {
    return directory.resolve("kvm-proof.json");
  }

  /**
   * An answer as it is kept.
   *
   * @param doubtful whether it may have been bad luck
   * @param at when, in milliseconds of the epoch
   */
  record Kept(String subject, boolean usable, boolean doubtful, String reason, long at) {
    boolean holdsFor(String question, Instant now) {
      Duration age = Duration.between(Instant.ofEpochMilli(at), now);
      boolean fresh = !doubtful || (!age.isNegative() && age.compareTo(DOUBT_AFTER) < 0);
      return subject.equals(question) && fresh;
    }
  }
}
