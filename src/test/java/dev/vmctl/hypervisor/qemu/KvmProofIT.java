package dev.vmctl.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a real QEMU, and programs that fail as a QEMU on a broken KVM does. */
@Timeout(60)
class KvmProofIT {
  private final HostFacts facts = LinuxHostFacts.ofThisProcess();
  @TempDir Path directory;

  @Test
  void theBootSectorReachesLongModeUnderEmulation() throws Exception {
    Path qemu = facts.findProgram("qemu-system-x86_64").orElseThrow();
    KvmProof.Kept proven = proof(Clock.systemUTC()).prove(qemu, "subject", "tcg", "max");
    assertThat(proven.usable()).as(proven.reason()).isTrue();
  }

  @Test
  void theAnswerForThisHostComesInTimeAndIsKept() throws Exception {
    Path qemu = facts.findProgram("qemu-system-x86_64").orElseThrow();
    Instant start = Instant.now();
    KvmVerdict verdict =
        new KvmProof(new LinuxHostProcesses(), facts, Clock.systemUTC(), directory).verdict(qemu);
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(10));
    assertThat(verdict.reason()).isNotBlank();
    System.getLogger("test").log(System.Logger.Level.INFO, "KVM here: {0}", verdict);
    if (Files.isWritable(Path.of("/dev/kvm"))) {
      assertThat(directory.resolve("kvm-proof.json")).content().contains(verdict.reason());
    }
  }

  @Test
  void aGuestThatHangsIsKilledAndDoubtedAfterAnHour() throws Exception {
    Path counter = directory.resolve("counter");
    Path hanging = program("echo x >> " + counter + "; exec sleep 60");
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    KvmVerdict verdict = proof(InstantSource.fixed(now)).verdict(hanging);
    assertThat(verdict).isEqualTo(new KvmVerdict(false, "a test guest hung for 2000 ms"));

    // Kept: asked again, nothing runs.
    assertThat(proof(InstantSource.fixed(now.plusSeconds(3599))).verdict(hanging))
        .isEqualTo(verdict);
    assertThat(counter).hasContent("x");
    proof(InstantSource.fixed(now.plus(KvmProof.DOUBT_AFTER))).verdict(hanging);
    assertThat(counter).hasContent("x\nx");
  }

  @Test
  void aGuestThatDiesIsQuotedAndNotDoubted() throws Exception {
    Path dying = program("echo 'first' >&2; echo 'assertion failed' >&2; exit 1");
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    KvmVerdict verdict = proof(InstantSource.fixed(now)).verdict(dying);
    assertThat(verdict).isEqualTo(new KvmVerdict(false, "a test guest died: assertion failed"));

    // An upgraded QEMU is another question.
    Files.writeString(dying, "#!/bin/sh\nexit 33\n");
    assertThat(proof(InstantSource.fixed(now)).verdict(dying).usable()).isTrue();
  }

  @Test
  void withoutTheDeviceNothingIsRun() throws Exception {
    KvmProof proof =
        new KvmProof(
            new LinuxHostProcesses(),
            facts,
            Clock.systemUTC(),
            directory,
            directory.resolve("no-kvm"));
    KvmVerdict verdict = proof.verdict(Path.of("/no/such/qemu"));
    assertThat(verdict.usable()).isFalse();
    assertThat(verdict.reason()).contains("there is no");
  }

  private KvmProof proof(InstantSource clock) throws Exception {
    Path device = directory.resolve("kvm");
    if (!Files.exists(device)) {
      Files.createFile(device);
    }
    return new KvmProof(new LinuxHostProcesses(), facts, clock, directory, device);
  }

  private Path program(String script) throws Exception {
    Path program = Files.writeString(directory.resolve("qemu"), "#!/bin/sh\n" + script + "\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return program;
  }
}
