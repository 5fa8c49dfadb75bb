package dev.vmctl.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.FileVmStore.Sharing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationFilesTest {
  private static final VmName WEB = new VmName("web");
  @TempDir Path directory;
  private DataDirectory data;
  private FileVmStore store;

  @BeforeEach
  void open() {
    data = new DataDirectory(directory);
    store = store();
    store.update(WEB, none -> FileVmStoreTest.record(WEB));
  }

  private FileVmStore store() {
    return new FileVmStore(data, new LinuxHostLocks(new LinuxHostProcesses()), Sharing.SHARED);
  }

  private void edit(long generation, VmSpec spec) {
    store.update(
        WEB,
        record ->
            Objects.requireNonNull(record)
                .withDesired(
                    new Desired(
                        generation,
                        "sha256:" + generation,
                        spec,
                        Map.of(),
                        new UUID(3, 4),
                        Instant.EPOCH,
                        true,
                        null,
                        null)));
  }

  private static VmSpec spec(EnvVariable... env) {
    return VmSpec.of(WEB, new FieldValues().with(VmFields.ENV, List.of(env)));
  }

  private List<Long> generations() {
    return store().history(WEB).stream().map(PastGeneration::generation).toList();
  }

  @Test
  void theGenerationThatIsLeftIsKeptAsItWas() {
    VmRecord left = FileVmStoreTest.record(WEB);
    edit(3, spec());
    PastGeneration past = store().history(WEB).getFirst();
    assertThat(past).isEqualTo(PastGeneration.of(left, Instant.EPOCH));
    assertThat(past.spec()).isEqualTo(left.desired().spec());
    assertThat(past.imageDigest()).isEqualTo("sha256:3");
  }

  @Test
  void whatIsNoNewGenerationLeavesNothing() {
    store.update(WEB, record -> Objects.requireNonNull(record).withHolds(List.of()));
    assertThat(generations()).isEmpty();
    assertThat(data.history(WEB)).doesNotExist();
  }

  @Test
  void theOldestAreForgotten() {
    for (long generation = 3; generation < 3 + 2 * GenerationFiles.MOST; generation++) {
      edit(generation, spec());
    }
    assertThat(generations()).hasSize(GenerationFiles.MOST).isSorted();
    assertThat(generations().getLast()).isEqualTo(1 + 2 * GenerationFiles.MOST);
  }

  @Test
  void secretsAreNotWrittenAndOnlyTheOwnerMayReadTheRest() throws IOException {
    edit(3, spec(new EnvVariable("TOKEN", "canary", null)));
    edit(4, spec());
    Path file = data.history(WEB).resolve("3.json");
    assertThat(Files.readString(file)).contains("TOKEN").doesNotContain("canary");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void aRenamedVmKeepsItsHistory() {
    edit(3, spec());
    VmName shop = new VmName("shop");
    store.rename(WEB, shop, record -> true);
    assertThat(store.history(WEB)).isEmpty();
    assertThat(store.history(shop).getFirst().spec().name()).isEqualTo(shop);
  }

  @Test
  void aDamagedOneIsToldAndNotTakenForNone() throws IOException {
    edit(3, spec());
    Files.writeString(data.history(WEB).resolve("2.json"), "{\"generation\": 2");
    assertThatThrownBy(() -> store.history(WEB))
        .hasMessageContaining("2.json")
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT));
  }
}
