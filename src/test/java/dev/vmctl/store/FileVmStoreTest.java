package dev.vmctl.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.HostLocks;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.Accel;
import dev.vmctl.model.Condition;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.FileVmStore.Sharing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileVmStoreTest {
  private static final VmName WEB = new VmName("web");
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.678Z");

  @TempDir Path root;
  private DataDirectory data;
  private final HostLocks locks = new LinuxHostLocks(new LinuxHostProcesses());

  @BeforeEach
  void makeDirectories() throws IOException {
    data = new DataDirectory(root);
    Files.createDirectories(data.vms());
  }

  private FileVmStore store(Sharing sharing) {
    return new FileVmStore(data, locks, sharing);
  }

  static VmRecord record(VmName name) {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE, Path.of("/images/a b,c.qcow2"));
    values.put(VmFields.NETWORK, new NetworkSpec.Tap("br1"));
    values.put(VmFields.ACCEL, Accel.TCG);
    values.put(
        VmFields.PROVISION,
        List.of(
            new ProvisionStep.Inline("true"),
            new ProvisionStep.Script(Path.of("/s.sh")),
            new ProvisionStep.FileCopy(Path.of("/a"), "/b")));
    UUID disk = new UUID(3, 4);
    VmSpec spec = VmSpec.of(name, values);
    Desired desired =
        new Desired(
            2, "sha256:1", spec, Map.of("/s.sh", "sha256:2"), disk, THEN, false, "/f:1", "c0ffee");
    LaunchFacts facts =
        new LaunchFacts("pc-q35-7.2", "max", Accel.TCG, "why", 2, 512, 2222, null, 7, 8, "boot");
    return VmRecord.claim(
            new UUID(1, 2),
            name,
            SourceId.directory(Path.of("/d")),
            MacAddress.underQemuPrefix(0xabcdef),
            Path.of("/run"),
            desired)
        .withPhase(VmRecord.Phase.LIVE)
        .withPending(new Pending("start", 2, THEN))
        .withApplied(Applied.created(desired, "sha256:3").started(facts, THEN).withReady("x"))
        .withHolds(List.of(new Hold(Hold.Kind.STOPPED, "cli", THEN, "r", Duration.ofSeconds(3))))
        .withProvision(
            new Provisioned(disk, "sha256:4", Provisioned.Result.FAILED, 2, "it failed", THEN))
        .withLastExit(new Exit(ExitReason.CRASH, THEN))
        .withRestarts(List.of(THEN), 3)
        .withRemoval(new Removal(true, "Destroyed", THEN))
        .withConditions(
            List.of(
                new Condition(
                    Condition.Type.READY, Condition.Status.UNKNOWN, "Why", "message", 2, THEN)))
        .withFailure(new Failure(ErrorCode.IMAGE_NOT_FOUND, "m", "h", 2, true));
  }

  @Test
  void whatWasWrittenIsReadBackWholeByAnotherProcess() {
    VmRecord record = record(WEB);
    store(Sharing.ALONE).update(WEB, before -> record);
    assertThat(store(Sharing.SHARED).read(WEB)).contains(record);
    assertThat(store(Sharing.SHARED).names()).containsExactly(WEB);
  }

  @Test
  void recordsAreForTheirOwnerOnly() throws IOException {
    store(Sharing.ALONE).update(WEB, before -> record(WEB));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.record(WEB))))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.vm(WEB))))
        .isEqualTo("rwx------");
  }

  @Test
  void aChangeByAnotherWriterIsSeenWhileTheStoreIsShared() {
    FileVmStore one = store(Sharing.SHARED);
    FileVmStore other = store(Sharing.SHARED);
    one.update(WEB, before -> record(WEB));
    assertThat(other.read(WEB)).isPresent();
    one.update(WEB, before -> Objects.requireNonNull(before).withHolds(List.of()));
    assertThat(other.read(WEB).orElseThrow().holds()).isEmpty();
  }

  @Test
  void twoWritersLoseNoneOfTheirChanges() throws InterruptedException {
    FileVmStore one = store(Sharing.SHARED);
    FileVmStore other = store(Sharing.SHARED);
    one.update(WEB, before -> record(WEB).withRestarts(List.of(), 0));
    int each = 40;
    CountDownLatch done = new CountDownLatch(2);
    for (FileVmStore writer : List.of(one, other)) {
      Thread.ofVirtual()
          .start(
              () -> {
                for (int i = 0; i < each; i++) {
                  writer.update(
                      WEB,
                      before ->
                          Objects.requireNonNull(before)
                              .withRestarts(List.of(), before.restartCount() + 1));
                }
                done.countDown();
              });
    }
    done.await();
    assertThat(store(Sharing.SHARED).read(WEB).orElseThrow().restartCount()).isEqualTo(2 * each);
  }

  @Test
  void aSlowReaderDoesNotPutBackWhatIsReplacedMeanwhile() throws Exception {
    store(Sharing.ALONE).update(WEB, before -> record(WEB));
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch written = new CountDownLatch(1);
    UnaryOperator<Map<String, @Nullable Object>> slowAtFirst =
        record -> {
          if (reading.getCount() > 0) {
            reading.countDown();
            await(written);
          }
          return record;
        };
    FileVmStore store =
        new FileVmStore(data, locks, Sharing.ALONE, new RecordFormats(List.of(slowAtFirst)));
    Thread reader = Thread.ofPlatform().start(() -> store.read(WEB));
    await(reading);
    Thread writer =
        Thread.ofPlatform()
            .start(() -> store.change(WEB, record -> record.withPhase(VmRecord.Phase.TRASHED)));
    Awaitility.await().until(() -> !writer.isAlive() || writer.getState() == Thread.State.BLOCKED);
    written.countDown();
    reader.join();
    writer.join();
    assertThat(store.read(WEB).orElseThrow().phase()).isEqualTo(VmRecord.Phase.TRASHED);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aChangeThatChangesNothingWritesNothing() throws IOException {
    FileVmStore store = store(Sharing.ALONE);
    store.update(WEB, before -> record(WEB));
    Object before = Files.getAttribute(data.record(WEB), "unix:ino");
    store.update(WEB, record -> record(WEB));
    assertThat(Files.getAttribute(data.record(WEB), "unix:ino")).isEqualTo(before);
  }

  @Test
  void aRecordOfANewerFormatIsRefusedAndLeftAlone() throws IOException {
    store(Sharing.ALONE).update(WEB, before -> record(WEB));
    String newer = Files.readString(data.record(WEB)).replace("\"format\" : 1", "\"format\" : 2");
    Files.writeString(data.record(WEB), newer);
    FileVmStore store = store(Sharing.SHARED);
    assertThatThrownBy(() -> store.read(WEB))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FORMAT));
    assertThatThrownBy(() -> store.update(WEB, before -> record(WEB)))
        .isInstanceOf(VmException.class);
    assertThat(Files.readString(data.record(WEB))).isEqualTo(newer);
  }

  @Test
  @Fault(area = Area.DATA, value = "a file in the place of `vms`")
  void aDirectoryThatCannotBeListedIsNotTakenForAnEmptyOne(Seen seen) throws IOException {
    Files.delete(data.vms());
    assertThat(store(Sharing.SHARED).names()).as("nothing was made yet").isEmpty();
    Files.createFile(data.vms());

    seen.calling(data.root(), "<data>")
        .failed(catchThrowableOfType(VmException.class, store(Sharing.SHARED)::names));
  }

  @Test
  void aRecordThatCannotBeUnderstoodIsReportedAndStillListed() throws IOException {
    Files.createDirectories(data.vm(WEB));
    for (String content : List.of("", "{", "[]", "{\"format\":1}", "{\"format\":1,\"uuid\":7}")) {
      Files.writeString(data.record(WEB), content);
      assertThatThrownBy(() -> store(Sharing.SHARED).read(WEB))
          .as(content)
          .isInstanceOfSatisfying(
              VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT));
    }
    assertThat(store(Sharing.SHARED).names()).containsExactly(WEB);
  }

  @Test
  void aDirectoryOfSomebodyElseIsRefusedAndLeftAlone() throws IOException {
    Files.createDirectories(data.vm(WEB));
    Files.writeString(data.vm(WEB).resolve("overlay.qcow2"), "precious");
    assertThatThrownBy(() -> store(Sharing.ALONE).update(WEB, before -> record(WEB)))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VM_NAME_TAKEN));
    assertThat(data.vm(WEB)).isDirectoryContaining("glob:**overlay.qcow2");
    assertThat(store(Sharing.ALONE).names()).isEmpty();
  }

  @Test
  void longDataDirectoriesHaveTheirSocketsElsewhere() {
    DataDirectory longOne = new DataDirectory(Path.of("/" + "d".repeat(120)));
    assertThat(longOne.run(Path.of("/run/user/1")).toString()).startsWith("/run/user/1/");
    assertThat(data.run(Path.of("/run/user/1"))).isEqualTo(data.root().resolve("run"));
  }
}
